"""What the program remembers between starts, in an INI file of the user's."""

from pathlib import Path

from PySide6.QtCore import QByteArray


class Settings:
    """Typed access to the settings file; every setter stores at once."""

    def __init__(self, file: Path) -> None:
        raise NotImplementedError

    def recent_projects(self) -> list[Path]:
        """Return project folders that still exist, newest first, at most ten."""
        raise NotImplementedError

    def add_recent_project(self, folder: Path) -> None:
        raise NotImplementedError

    # theme: "system" | "light" | "dark"
    theme: str
    # heatmap display
    palette: str
    """A name of ui-independent `inspector_app.services.heatmaps.PALETTES`."""
    heatmap_opacity_01: float
    window_geometry: QByteArray
    window_state: QByteArray
