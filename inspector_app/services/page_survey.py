"""Looks for TIFF files of several pages behind an open project, a few at a time."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.pages import PagesFound, files_of_several_pages
from inspector_app.domain.tiff_pages import is_tiff
from inspector_app.services.background import Background, Task

_AT_ONCE = 100
"""Files for one task: some 20 ms, so that what an operator waits for comes in between."""
_PRIORITY = -1


class PageSurvey(QObject):
    """Reads the headers of a folder's TIFF files once, after everything more urgent."""

    ended = Signal(object)
    """PagesFound; not emitted where there is no TIFF."""

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._folder = Path()
        self._waiting: list[str] = []
        self._found: list[tuple[str, int]] = []
        self._task: Task | None = None

    def start(self, folder: Path, names: Iterable[str]) -> None:
        """Look at the TIFF files among a folder's images; what was under way is dropped."""
        self.stop()
        self._folder = folder
        self._waiting = [name for name in names if is_tiff(name)]
        self._found = []
        if self._waiting:
            self._look_at_some()

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _look_at_some(self) -> None:
        some, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
        self._task = self._background.run(
            partial(files_of_several_pages, self._folder, some), self._on_some, priority=_PRIORITY
        )

    def _on_some(self, found: PagesFound) -> None:
        self._found += found
        if self._waiting:
            self._look_at_some()
        else:
            self._task = None
            self.ended.emit(tuple(self._found))
