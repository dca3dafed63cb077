"""The real program, worked by real mouse events; says after each edit what the screen shows.

Run as: editing_program.py PROJECT SEED WORKER_SCRIPT [EDITS]. Ends only when it is killed; after
as many edits, if that is given, it stops in the middle of a brush stroke.
"""

import itertools
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from inspector_app import paths
from inspector_app.app import Program
from inspector_app.services.diagnostics import Diagnostics
from inspector_app.services.settings import Settings
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.shell.rail import Page
from inspector_app.ui.theme import Theme

_STROKE_STEPS = 4


def main() -> None:
    # The program is kept: nothing else holds its window.
    _program, page = open_window(Path(sys.argv[1]), sys.argv[3])
    edit_count = int(sys.argv[4]) if len(sys.argv) > 4 else None
    edit(page, random.Random(int(sys.argv[2])), edit_count)
    stop_amid_a_stroke(page)


def open_window(project: Path, worker_script: str) -> tuple[Program, AnnotatePage]:
    """Start the program with a project, on the page where images are edited."""
    # Edits are the matter here; a worker that loads torch would only take the processor.
    paths.worker_command = lambda: [sys.executable, worker_script]
    app = QApplication(sys.argv[:1])
    paths.config_folder().mkdir(parents=True, exist_ok=True)
    theme = Theme(app, "light")
    diagnostics = Diagnostics(paths.log_folder(), app)
    settings = Settings(paths.config_folder() / "settings.ini")
    program = Program(app, settings, theme, diagnostics)
    program.start(project)
    wait_for(lambda: program.window.project is not None)
    program.window.show_page(Page.ANNOTATE)
    page = program.window.pages.built(Page.ANNOTATE)
    assert isinstance(page, AnnotatePage)
    return program, page


def edit(page: AnnotatePage, rng: random.Random, edit_count: int | None) -> None:
    """Edit as often as that, for ever if it is None."""
    for _ in itertools.repeat(None) if edit_count is None else range(edit_count):
        wait_for(lambda: not page.editing.image_size.isEmpty())
        page.editing.select("")
        page.set_tool(rng.choice(["box", "brush"]))
        drag(page, rng)
        say_what_is_shown(page)
        if rng.random() < 0.3:
            QTest.keyClick(page.canvas, rng.choice([Qt.Key.Key_D, Qt.Key.Key_A]))


def stop_amid_a_stroke(page: AnnotatePage) -> None:
    """Add to the region that was touched last and never let go of the mouse."""
    page.set_tool("brush")
    QTest.mousePress(page.canvas, Qt.MouseButton.LeftButton, pos=page.canvas.rect().center())
    for number in range(1, _STROKE_STEPS):
        QTest.mouseMove(page.canvas, page.canvas.rect().center() + QPoint(9, 9) * number)
        QApplication.processEvents()
    say_what_is_shown(page)
    while True:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)


def drag(page: AnnotatePage, rng: random.Random) -> None:
    canvas = page.canvas
    corner = QPoint(rng.randrange(canvas.width()), rng.randrange(canvas.height()))
    step = QPoint(rng.randint(8, 20), rng.randint(8, 20))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=corner)
    for number in range(1, _STROKE_STEPS):
        QTest.mouseMove(canvas, corner + step * number)
        QApplication.processEvents()
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=corner + step * _STROKE_STEPS)


def say_what_is_shown(page: AnnotatePage) -> None:
    document = page.editing.document
    assert document is not None
    regions = {region.id: region.mask.counts if region.mask else "" for region in document.regions}
    print(json.dumps({"image": document.image_id, "regions": regions}), flush=True)


def wait_for(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the program did not get there")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)


if __name__ == "__main__":
    main()
