"""The window: pages, banners, status line, and what happens to jobs when it closes."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from inspector_app.domain.jobs import InspectionRecord, JobState
from inspector_app.protocol.messages import Progress
from inspector_app.services.exchange_jobs import ExchangeJobs
from inspector_app.services.recent import describe_projects
from inspector_app.store import jobs
from inspector_app.store.project import Project
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.dialogs.details import DetailsDialog
from inspector_app.ui.main_window import MainWindow
from inspector_app.ui.shell.banners import Banners
from inspector_app.ui.shell.job_feed import summarise
from inspector_app.ui.shell.rail import Page
from inspector_app.ui.shell.status import JobView, Pace, StatusLine, format_time_left


@pytest.fixture
def window(program_services: ProgramServices, qtbot: QtBot) -> MainWindow:
    window = MainWindow(program_services)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def open_window(window: MainWindow, project_services: ProjectServices) -> MainWindow:
    window.set_project(project_services)
    return window


# ---------------------------------------------------------------- files of several pages


def test_that_a_file_of_several_pages_is_named(window: MainWindow) -> None:
    window.show_pages((("a.tif", 5),))
    assert window.banners.bars[0].message == "a.tif has 5 pages: the first of them is used."


def test_that_many_files_of_several_pages_are_counted_and_listed(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    monkeypatch.setattr(
        DetailsDialog, "exec", lambda dialog: listed.append(dialog.text.toPlainText())
    )
    window.show_pages((("a.tif", 5), ("b.tif", 2)))
    assert window.banners.bars[0].message.startswith("2 files have several pages")
    window.banners.bars[0].details_button.click()
    assert listed == ["a.tif: 5 pages\nb.tif: 2 pages"]


def test_that_without_such_files_nothing_is_said(window: MainWindow) -> None:
    window.show_pages(())
    assert window.banners.bars == ()


# ---------------------------------------------------------------- pages


def test_that_it_begins_with_the_start_page(window: MainWindow) -> None:
    assert window.page is Page.START
    assert not window.rail.isVisible()


def test_that_a_project_opens_on_its_images(open_window: MainWindow) -> None:
    assert open_window.page is Page.DATASET
    assert open_window.rail.isVisible()


@pytest.mark.parametrize("page", [Page.ANNOTATE, Page.TRAIN, Page.INSPECT])
def test_that_a_page_is_built_when_it_is_first_shown(open_window: MainWindow, page: Page) -> None:
    assert open_window.pages.built(page) is None
    open_window.rail.page_requested.emit(page)
    assert open_window.pages.built(page) is not None
    assert open_window.page is page


def test_that_opening_an_image_goes_to_annotate(open_window: MainWindow) -> None:
    assert open_window.project is not None
    session = open_window.project.session
    wanted = session.images()[4].id
    open_window.pages.built(Page.DATASET).image_activated.emit(wanted)  # type: ignore[union-attr]
    assert open_window.page is Page.ANNOTATE
    assert session.current_image is not None
    assert session.current_image.id == wanted


def test_that_undo_is_in_the_menu_while_annotating(open_window: MainWindow) -> None:
    open_window.show_page(Page.ANNOTATE)
    assert len(open_window.menus.edit_menu.actions()) >= 2
    open_window.show_page(Page.TRAIN)
    assert open_window.menus.edit_menu.actions() == []


def test_that_closing_a_project_forgets_its_pages(open_window: MainWindow) -> None:
    open_window.show_page(Page.TRAIN)
    open_window.set_project(None)
    assert open_window.page is Page.START
    assert open_window.pages.built(Page.TRAIN) is None


def test_that_inspecting_with_a_run_chooses_it(
    open_window: MainWindow, inspection: InspectionRecord
) -> None:
    open_window.show_page(Page.TRAIN)
    open_window.pages.built(Page.TRAIN).inspect_requested.emit(  # type: ignore[union-attr]
        inspection.run_id
    )
    page = open_window.pages.built(Page.INSPECT)
    assert page.setup.model.currentData() == inspection.run_id  # type: ignore[union-attr]


def test_that_a_read_only_project_says_so(
    window: MainWindow, project: Project, program_services: ProgramServices, tmp_path: Path
) -> None:
    with Project.open(project.folder) as second:
        assert second.is_read_only
        assert "read-only" in summarise(second.remarks)


def test_that_a_recent_project_can_be_chosen_in_the_menu(
    window: MainWindow, project: Project, qtbot: QtBot
) -> None:
    window.set_recent(describe_projects([project.folder]))
    (action,) = window.menus.recent_actions
    assert action.text() == "parts"
    with qtbot.waitSignal(window.path_requested) as asked:
        action.trigger()
    assert asked.args == [project.folder]


# ---------------------------------------------------------------- banners and status


def test_that_the_same_refusal_twice_is_one_banner(qtbot: QtBot) -> None:
    banners = Banners()
    qtbot.addWidget(banners)
    banners.show_error("The disk is full.", "free some space")
    banners.show_error("The disk is full.", "free some space")
    assert len(banners.bars) == 1


def test_that_old_banners_make_room(qtbot: QtBot) -> None:
    banners = Banners()
    qtbot.addWidget(banners)
    for number in range(5):
        banners.show_info(f"message {number}")
    assert [bar.message for bar in banners.bars] == ["message 4", "message 3", "message 2"]


def test_that_notes_go_and_errors_stay_when_the_page_changes(qtbot: QtBot) -> None:
    banners = Banners()
    qtbot.addWidget(banners)
    banners.show_error("it broke")
    banners.show_info("it is done")
    banners.clear_notes()
    assert [bar.message for bar in banners.bars] == ["it broke"]


def test_that_a_closed_banner_is_gone(qtbot: QtBot) -> None:
    banners = Banners()
    qtbot.addWidget(banners)
    banners.show_info("message")
    banners.bars[0].closed.emit()
    assert banners.bars == ()
    assert not banners.isVisible()


def test_that_markup_in_a_file_name_stays_text(qtbot: QtBot) -> None:
    banners = Banners()
    qtbot.addWidget(banners)
    banners.show_error("<b>x</b>.png: cannot be read", "copy it again")
    assert "&lt;b&gt;x" in banners.bars[0].html


def test_that_many_remarks_are_summarised() -> None:
    assert summarise([f"r{n}" for n in range(5)]) == "r0 · r1 · r2 · +2"


def test_that_the_job_that_spoke_last_is_shown(qtbot: QtBot) -> None:
    status = StatusLine()
    qtbot.addWidget(status)
    status.set_job("a", JobView("Training"))
    status.set_job("b", JobView("Exporting"))
    assert status.job_text == "Exporting"
    status.end_job("b")
    assert status.job_text == "Training"


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (0.4, ""), (5, "5 s left"), (100, "2 min left")]
)
def test_that_time_left_is_short(qapp: QApplication, seconds: float | None, text: str) -> None:
    assert format_time_left(seconds) == text


def test_that_work_that_is_gone_on_with_has_no_head_start(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 10.0, 20.0])
    monkeypatch.setattr("inspector_app.ui.shell.status.time.monotonic", lambda: next(now))
    pace = Pace()
    assert pace.seconds_left(900, 1000) is None
    assert pace.seconds_left(950, 1000) == 20.0


def test_that_a_training_shows_in_the_status_line(
    open_window: MainWindow, project_services: ProjectServices
) -> None:
    progress = Progress(job_id="run", done=3, total=10, seconds_left=30.0)
    project_services.training_jobs.progressed.emit("run", progress)
    assert open_window.status.job_text == "Training · 30 s left"


def test_that_a_failed_training_becomes_a_banner(
    open_window: MainWindow, project: Project, project_services: ProjectServices
) -> None:
    record = jobs.add_run(project, model_kind="autoencoder", config={})
    jobs.update_run(project, record.id, state=JobState.FAILED, message="The disk is full.\nlog")
    project_services.training_jobs.finished.emit(jobs.run(project, record.id))
    assert "The disk is full." in open_window.banners.bars[0].html
    assert "log" not in open_window.banners.bars[0].html


# ---------------------------------------------------------------- closing


@pytest.fixture
def busy_window(open_window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A window whose project is being exported."""
    monkeypatch.setattr(ExchangeJobs, "is_busy", True)
    return open_window


def answer(monkeypatch: pytest.MonkeyPatch, role: QMessageBox.ButtonRole) -> None:
    """Press the button of a role in the next question."""

    def press(box: QMessageBox) -> int:
        (button,) = [b for b in box.buttons() if box.buttonRole(b) is role]
        button.click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", press)


def test_that_a_running_job_can_keep_the_window_open(
    busy_window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    answer(monkeypatch, QMessageBox.ButtonRole.RejectRole)
    with qtbot.assertNotEmitted(busy_window.closing):
        assert not busy_window.close()


def test_that_a_running_job_can_be_ended_with_the_window(
    busy_window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    answer(monkeypatch, QMessageBox.ButtonRole.AcceptRole)
    with qtbot.waitSignal(busy_window.closing):
        assert busy_window.close()


def test_that_the_window_comes_back_where_it_was(
    window: MainWindow, program_services: ProgramServices, qtbot: QtBot
) -> None:
    # The height only: the screen of the tests is narrower than the window may be.
    window.resize(window.width(), 643)
    window.close()
    again = MainWindow(program_services)
    qtbot.addWidget(again)
    assert again.height() == 643
