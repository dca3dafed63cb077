"""From the moment a folder is chosen to its first photo, painted on the canvas.

Usage: first_photo.py FOLDER HOW. HOW is what the operator does, who looks at the start page for
a second: `enter` opens the first card as soon as the dataset page is painted, `looked` has looked
at that page for a second before, and `annotate` asks for Annotate as soon as the project is
there. `instant` is `enter` without looking at the start page either.
"""

import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from watch import Holds, PaintWatch, answer

from inspector_app import app
from inspector_app.ui.shell.rail import Page

_LOOK_MS = 1000


class FirstPhoto:
    """One opening, step by step."""

    def __init__(self, program: app.Program, folder: Path, how: str) -> None:
        self._window = program.window
        self._program = program
        self._folder = folder
        self._how = how
        self._found: dict[str, float] = {}
        self._asked = 0.0
        wait_ms = 0 if how == "instant" else _LOOK_MS
        # The start page is up, as it is when an operator chooses.
        self._watches = [PaintWatch(lambda: True, lambda: QTimer.singleShot(wait_ms, self._choose))]

    def _choose(self) -> None:
        self._holds = Holds(self._window)
        self._chosen = time.perf_counter()
        if self._how == "annotate":
            self._window.pages.page_shown.connect(self._go_straight_on)
        else:
            self._watches.append(PaintWatch(self._is_dataset_shown, self._on_dataset))
        self._window.path_requested.emit(self._folder)

    def _is_dataset_shown(self) -> bool:
        return self._window.project is not None

    def _on_dataset(self) -> None:
        self._found["dataset_s"] = time.perf_counter() - self._chosen
        self._found["hold_dataset_ms"] = self._holds.longest_ms
        QTimer.singleShot(_LOOK_MS if self._how == "looked" else 0, self._press_enter)

    def _press_enter(self) -> None:
        self._found["hold_looking_ms"] = self._holds.take()
        self._watch_canvas()
        grid = self._window.pages.built(Page.DATASET).grid  # type: ignore[union-attr]
        # A window that no window manager activates chooses no card by itself.
        grid.setCurrentIndex(grid.model().index(0, 0))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            key = QKeyEvent(kind, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
            QApplication.postEvent(grid, key)

    def _go_straight_on(self, page: Page) -> None:
        if page is Page.DATASET:
            self._watch_canvas()
            # Through the event loop, as a key would come.
            QTimer.singleShot(0, self._window.actions_.pages[Page.ANNOTATE].trigger)

    def _watch_canvas(self) -> None:
        self._asked = time.perf_counter()
        self._watches.append(PaintWatch(self._has_photo, self._on_photo, of=self._canvas))

    def _canvas(self) -> QWidget | None:
        return getattr(self._window.pages.built(Page.ANNOTATE), "canvas", None)

    def _has_photo(self) -> bool:
        canvas = self._canvas()
        return canvas is not None and canvas.has_image  # type: ignore[attr-defined]

    def _on_photo(self) -> None:
        now = time.perf_counter()
        self._found |= {"photo_s": now - self._asked, "total_s": now - self._chosen}
        answer(**self._found, hold_ms=self._holds.take())


start = app.Program.start


def start_and_open(program: app.Program, _path: object) -> None:
    start(program, None)
    steps = FirstPhoto(program, Path(sys.argv[1]), sys.argv[2])
    program.steps = steps  # type: ignore[attr-defined]


app.Program.start = start_and_open  # type: ignore[assignment,method-assign]
app.main([])
