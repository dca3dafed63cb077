"""Annotating in one process: open a folder, leaf through it, go back, move over regions.

Usage: annotate_steps.py FOLDER STEPS. The steps, the window (1600 × 1000) and the meaning of
"painted" (a paint event of the canvas with the new image, and nothing left to do) are those of
the scripts that measure other annotation programs, so that rows can stand side by side.
"""

import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from watch import answer

from inspector_app import app
from inspector_app.domain.annotation import Author, DefectClass, Region
from inspector_app.domain.document import Document
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.view import Canvas
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.shell.rail import Page

_LIMIT_S = 60.0
_PAUSE_S = 0.8
"""An operator looks at an image before going on; meanwhile the next one is decoded."""
_BACK = 5
_MOVES = 40


class Paints(QObject):
    """Counts paint events of one widget."""

    def __init__(self, widget: QObject) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return False


class Steps:
    """The annotate page, driven through the program's own actions."""

    def __init__(self, program: app.Program, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._images = 0

    def run(self, steps: int) -> dict[str, float]:
        window = self._program.window
        window.resize(1600, 1000)
        window_paints = Paints(window)
        window.update()
        wait(lambda: window_paints.count > 0)
        findings = {"window_s": time.time() - float(os.environ["BENCH_STARTED"])}
        findings["window_mb"] = memory_mb()
        findings["first_image_s"] = self._open()
        at_once = [self._step(1) for _ in range(steps)]
        back = [self._step(-1) for _ in range(min(_BACK, steps))]
        rested = [self._step(1, pause_s=_PAUSE_S) for _ in range(min(_BACK, steps))]
        findings |= {
            "next_at_once_ms": statistics.median(at_once),
            "next_ms": statistics.median(rested),
            "back_ms": statistics.median(back),
            "browsed_mb": memory_mb(),
        }
        findings |= self._moves("moves_20_ms", polygons=20, points=150)
        findings |= self._moves("moves_300_ms", polygons=300, points=60)
        findings["dab_ms"] = self._dabs()
        return findings

    def _open(self) -> float:
        window = self._program.window
        started = time.perf_counter()
        window.pages.page_built.connect(self._follow)
        window.path_requested.emit(self._folder)
        wait(lambda: window.project is not None)
        window.actions_.pages[Page.ANNOTATE].trigger()
        wait(lambda: window.page is Page.ANNOTATE)
        wait(lambda: self._canvas.has_image and self._paints.count > 0)
        return time.perf_counter() - started

    def _follow(self, _page: Page, widget: QWidget) -> None:
        if isinstance(widget, AnnotatePage):
            self._page = widget
            self._canvas = widget.canvas
            self._paints = Paints(self._canvas)
            self._count_images()

    def _count_images(self) -> None:
        set_image = self._canvas.set_image

        def counted(image: QImage | None, *halvings: Mapping[int, QImage]) -> None:
            set_image(image, *halvings)
            self._images += image is not None
            self._paints.count = 0

        self._canvas.set_image = counted  # type: ignore[method-assign]

    def _step(self, rows: int, *, pause_s: float = 0.0) -> float:
        rest = time.perf_counter() + pause_s
        wait(lambda: time.perf_counter() >= rest)
        shown = self._images
        started = time.perf_counter()
        if not self._page.filmstrip.step(rows):
            raise SystemExit("the folder has too few images for so many steps")
        wait(lambda: self._images > shown and self._paints.count > 0)
        return 1000 * (time.perf_counter() - started)

    def _moves(self, name: str, *, polygons: int, points: int) -> dict[str, float]:
        size = self._canvas.image_size
        document = drawn(polygons, points, width=size.width(), height=size.height())
        self._canvas.set_regions(document, [DefectClass(1, "defect", "#E69F00")])
        self._page.set_tool("select")
        settle()
        return {name: statistics.median(move_about(self._canvas))}

    def _dabs(self) -> float:
        """Return what a dab of the brush takes, repaint included, in the middle of a stroke."""
        self._page.set_tool("brush")
        settle()
        middle = QPointF(self._canvas.rect().center())
        send(self._canvas, QEvent.Type.MouseButtonPress, middle, Qt.MouseButton.LeftButton)
        times = move_about(self._canvas, Qt.MouseButton.LeftButton)
        send(self._canvas, QEvent.Type.MouseButtonRelease, middle, Qt.MouseButton.LeftButton)
        settle()
        return statistics.median(times)


def drawn(polygons: int, points: int, *, width: int, height: int) -> Document:
    """Return star-like polygons on a square grid, as many as asked for."""
    side = -int(-(polygons**0.5) // 1)
    regions = []
    for number in range(polygons):
        centre = ((number % side + 0.5) * width / side, (number // side + 0.5) * height / side)
        outline = star(centre, 0.38 * min(width, height) / side, points)
        mask = Mask.from_polygons([outline], height=height, width=width)
        assert mask.box is not None
        regions.append(Region(f"{number:032x}", 1, mask.box, mask, Author.HAND))
    return Document(1, tuple(regions))


def star(centre: tuple[float, float], radius: float, points: int) -> list[float]:
    from math import cos, pi, sin  # noqa: PLC0415

    outline = []
    for number in range(points):
        angle = 2 * pi * number / points
        outline.append(centre[0] + radius * cos(angle))
        outline.append(centre[1] + radius * (0.6 + 0.4 * sin(5 * angle)) * sin(angle))
    return outline


def move_about(canvas: Canvas, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> list[float]:
    """Return what each of some mouse moves took, hit test and repaint included, in ms."""
    steps = random.Random(1)
    area = canvas.rect().adjusted(5, 5, -5, -5)
    x, y = area.center().x(), area.center().y()
    times = []
    for _ in range(_MOVES):
        x = min(max(area.left(), x + steps.randint(-15, 15)), area.right())
        y = min(max(area.top(), y + steps.randint(-15, 15)), area.bottom())
        started = time.perf_counter()
        send(canvas, QEvent.Type.MouseMove, QPointF(x, y), held)
        QApplication.processEvents()
        times.append(1000 * (time.perf_counter() - started))
    return times


def send(canvas: Canvas, kind: QEvent.Type, place: QPointF, held: Qt.MouseButton) -> None:
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else held
    at = QPointF(canvas.mapToGlobal(place.toPoint()))
    event = QMouseEvent(kind, place, at, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def wait(condition: Callable[[], bool]) -> None:
    started = time.perf_counter()
    while not condition():
        QApplication.processEvents()
        if time.perf_counter() - started > _LIMIT_S:
            raise SystemExit("nothing was painted in time")
    settle()


def settle() -> None:
    QApplication.processEvents()
    QApplication.processEvents()


def memory_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def measure(program: app.Program) -> None:
    answer(**Steps(program, Path(sys.argv[1])).run(int(sys.argv[2])))


start = app.Program.start


def start_and_measure(program: app.Program, *_: object) -> None:
    from PySide6.QtCore import QTimer  # noqa: PLC0415

    start(program, None)
    QTimer.singleShot(0, lambda: measure(program))


app.Program.start = start_and_measure  # type: ignore[method-assign]
app.main([])
