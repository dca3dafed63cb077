"""The whole program: a folder is opened, its pages are made ready, what is under way is heeded."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector_app.app import Program
from inspector_app.domain.jobs import InspectionRecord, JobState
from inspector_app.services.diagnostics import Diagnostics
from inspector_app.services.settings import Settings
from inspector_app.store.project import Project
from inspector_app.ui.context import ProjectServices
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.shell.rail import Page
from inspector_app.ui.theme import Theme

ROOT = Path(__file__).parents[2]


@pytest.fixture
def program(qapp: QApplication, theme: Theme, inspector_home: Path) -> Iterator[Program]:
    settings = Settings(inspector_home / "settings.ini")
    diagnostics = Diagnostics(inspector_home / "log")
    program = Program(qapp, settings, theme, diagnostics, worker_command=["false"])
    yield program
    program.window.close()


@pytest.fixture
def opened(program: Program, image_folder: Path, qtbot: QtBot) -> ProjectServices:
    """The project of a folder, opened by the program."""
    program.start(image_folder)
    qtbot.waitUntil(lambda: program.window.project is not None, timeout=20_000)
    project = program.window.project
    assert project is not None
    return project


def annotate_page(program: Program, qtbot: QtBot) -> AnnotatePage:
    """Return the page once it is built."""
    pages = program.window.pages
    qtbot.waitUntil(lambda: pages.built(Page.ANNOTATE) is not None, timeout=20_000)
    page = pages.built(Page.ANNOTATE)
    assert isinstance(page, AnnotatePage)
    return page


def test_that_a_folder_becomes_a_project_with_its_masks(
    program: Program, opened: ProjectServices, qtbot: QtBot
) -> None:
    assert program.window.page is Page.DATASET
    qtbot.waitUntil(lambda: sum(r.region_count for r in opened.session.images()) == 2)


def test_that_annotate_is_ready_before_it_is_wanted(
    program: Program, opened: ProjectServices, qtbot: QtBot
) -> None:
    assert annotate_page(program, qtbot).isHidden()
    assert program.window.page is Page.DATASET


def test_that_annotate_asked_for_as_soon_as_a_project_is_open_shows_the_first_image(
    program: Program, image_folder: Path, qtbot: QtBot
) -> None:
    window = program.window

    def ask(page: Page) -> None:
        if page is Page.DATASET:
            window.rail.page_requested.emit(Page.ANNOTATE)

    window.pages.page_shown.connect(ask)
    program.start(image_folder)
    qtbot.waitUntil(lambda: window.page is Page.ANNOTATE, timeout=20_000)
    qtbot.waitUntil(lambda: annotate_page(program, qtbot).canvas.has_image)


def test_that_the_status_tells_of_the_page_that_is_shown(
    program: Program, opened: ProjectServices, qtbot: QtBot
) -> None:
    page = annotate_page(program, qtbot)
    qtbot.waitUntil(lambda: page.filmstrip.count > 0)
    with qtbot.assertNotEmitted(page.selection_changed):
        opened.session.reload()


def test_that_masks_are_not_brought_in_twice(opened: ProjectServices, qtbot: QtBot) -> None:
    session = opened.session
    qtbot.waitUntil(lambda: sum(r.region_count for r in session.images()) == 2)
    folder = session.folder
    with Project.open(folder) as second:
        assert second.meta("ground_truth") == "imported"


def test_that_a_folder_without_images_is_refused_in_a_banner(
    program: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    program.start(empty)
    qtbot.waitUntil(lambda: bool(program.window.banners.bars))
    assert str(empty) in program.window.banners.bars[0].message
    assert program.window.page is Page.START


def test_that_an_opened_project_becomes_a_recent_one(
    program: Program, opened: ProjectServices, qtbot: QtBot
) -> None:
    program.window.project_close_requested.emit()
    qtbot.waitUntil(lambda: program.window.start_page.recent_names == ["parts"])


def test_that_the_open_project_is_not_opened_a_second_time(
    program: Program, opened: ProjectServices, image_folder: Path, qtbot: QtBot
) -> None:
    program.window.show_page(Page.TRAIN)
    program.window.path_requested.emit(image_folder)
    qtbot.waitUntil(lambda: program.window.page is Page.DATASET)
    assert program.window.project is opened


def test_that_a_bug_in_a_thread_becomes_a_banner(program: Program, qtbot: QtBot) -> None:
    program.services.background.run(lambda: 1 / 0, lambda _: None)
    qtbot.waitUntil(lambda: bool(program.window.banners.bars))
    assert "division" in program.window.banners.bars[0].message


def test_that_the_theme_is_remembered(program: Program, inspector_home: Path) -> None:
    program.window.theme_chosen.emit("dark")
    assert Settings(inspector_home / "settings.ini").theme == "dark"


_OPEN_AND_LIST_MODULES = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
import inspector_app.app as app
from inspector_app.ui.shell.rail import Page

class Watched(app.Program):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(20)

    def _look(self):
        if self.window.banners.bars:
            sys.exit(self.window.banners.bars[0].message)
        if self.window.project is None:
            return
        self._timer.stop()
        for page in (Page.DATASET, Page.ANNOTATE, Page.TRAIN, Page.INSPECT):
            self.window.show_page(page)
        print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})), flush=True)
        self.window.close()

app.Program = Watched
sys.exit(app.main([sys.argv[1]]))
"""


def test_that_the_window_s_process_never_loads_torch(
    image_folder: Path, inspector_home: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _OPEN_AND_LIST_MODULES, str(image_folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules = set(json.loads(done.stdout.splitlines()[-1]))
    assert "PySide6" in modules
    assert modules.isdisjoint({"torch", "torchvision", "ultralytics", "lightning", "training"})


def test_that_new_weights_wait_until_an_inspection_has_ended(
    program: Program, opened: ProjectServices, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    restarts: list[int] = []
    monkeypatch.setattr(program.services.workers, "restart_inference", lambda: restarts.append(1))
    state = JobState.COMPLETED
    record = InspectionRecord("1", "run", "folder", "test", state, "2026-01-01", 0.5, 0.5)
    under_way = [record]
    inspections = opened.inspection_jobs
    monkeypatch.setattr(inspections, "active_inspection", lambda: next(iter(under_way), None))
    program.services.weights.arrived.emit()
    inspections.finished.emit(record)
    qtbot.wait(0)
    assert restarts == []
    under_way.clear()
    inspections.finished.emit(record)
    qtbot.waitUntil(lambda: restarts == [1])
