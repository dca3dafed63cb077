"""What the program remembers between starts, in an INI file of the user's."""

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from inspector_app.protocol.embeddings import DEFAULT_LIMIT_GB
from inspector_app.services.heatmaps import PALETTES
from inspector_app.store.project import is_project_folder

THEMES = ("system", "light", "dark")
_MAX_RECENT = 10
_DEFAULT_OPACITY = 0.6


class Settings:
    """Typed access to the settings file; every setter stores at once.

    The file may be older, newer or edited by hand: a value that makes no sense
    reads as its default.
    """

    def __init__(self, file: Path) -> None:
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    def recent_projects(self) -> list[Path]:
        """Return project folders that still exist, newest first, at most ten."""
        return [folder for folder in self._stored_recent() if is_project_folder(folder)]

    def add_recent_project(self, folder: Path) -> None:
        folder = folder.resolve()
        others = [other for other in self._stored_recent() if other != folder]
        names = [str(path) for path in (folder, *others)][:_MAX_RECENT]
        self._store("recent_projects", json.dumps(names))

    def remove_recent_project(self, folder: Path) -> None:
        folder = folder.resolve()
        names = [str(other) for other in self._stored_recent() if other != folder]
        self._store("recent_projects", json.dumps(names))

    @property
    def theme(self) -> str:
        """One of `THEMES`."""
        return self._choice("theme", THEMES)

    @theme.setter
    def theme(self, value: str) -> None:
        self._store("theme", value)

    @property
    def palette(self) -> str:
        """One of `inspector_app.services.heatmaps.PALETTES`."""
        return self._choice("heatmap/palette", PALETTES)

    @palette.setter
    def palette(self, value: str) -> None:
        self._store("heatmap/palette", value)

    @property
    def heatmap_opacity_01(self) -> float:
        try:
            value = float(str(self._settings.value("heatmap/opacity")))
        except ValueError:
            return _DEFAULT_OPACITY
        return value if 0.0 <= value <= 1.0 else _DEFAULT_OPACITY

    @heatmap_opacity_01.setter
    def heatmap_opacity_01(self, value: float) -> None:
        self._store("heatmap/opacity", float(value))

    @property
    def annotate_side_panels(self) -> bool:
        """Whether the panels right of the canvas are shown."""
        return str(self._settings.value("annotate/side_panels", "true")) != "false"

    @annotate_side_panels.setter
    def annotate_side_panels(self, value: bool) -> None:
        self._store("annotate/side_panels", "true" if value else "false")

    @property
    def click_model(self) -> str:
        """The one that answers clicks; empty for the best whose weights are there."""
        return str(self._settings.value("clicks/model", ""))

    @click_model.setter
    def click_model(self, value: str) -> None:
        self._store("clicks/model", value)

    @property
    def embeddings_gb(self) -> int:
        """How much of the disk images that are prepared for clicks may take."""
        try:
            value = int(str(self._settings.value("clicks/embeddings_gb")))
        except ValueError:
            return DEFAULT_LIMIT_GB
        return value if value >= 0 else DEFAULT_LIMIT_GB

    @embeddings_gb.setter
    def embeddings_gb(self, value: int) -> None:
        self._store("clicks/embeddings_gb", value)

    @property
    def window_geometry(self) -> QByteArray:
        return self._bytes("window/geometry")

    @window_geometry.setter
    def window_geometry(self, value: QByteArray) -> None:
        self._store("window/geometry", value)

    @property
    def window_state(self) -> QByteArray:
        return self._bytes("window/state")

    @window_state.setter
    def window_state(self, value: QByteArray) -> None:
        self._store("window/state", value)

    def _stored_recent(self) -> list[Path]:
        try:
            names = json.loads(str(self._settings.value("recent_projects", "[]")))
        except ValueError:
            return []
        if not isinstance(names, list):
            return []
        return [Path(name) for name in names if isinstance(name, str)]

    def _choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self._settings.value(key)
        return value if isinstance(value, str) and value in choices else choices[0]

    def _bytes(self, key: str) -> QByteArray:
        value = self._settings.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def _store(self, key: str, value: Any) -> None:
        self._settings.setValue(key, value)
        self._settings.sync()
