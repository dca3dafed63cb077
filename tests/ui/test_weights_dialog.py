"""The weights dialog, its status line and what it offers the training page."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from inspector_app import paths
from inspector_app.services.weights_fetch import part_of
from inspector_app.services.weights_jobs import WeightsJobs
from inspector_app.services.workers import Workers
from inspector_app.ui.dialogs.weights import WeightsDialog
from inspector_app.ui.models.weights_table import Column
from inspector_app.ui.shell.banners import Banners
from inspector_app.ui.shell.status import StatusLine
from inspector_app.ui.shell.weights_feed import WeightsFeed
from inspector_app.ui.weights_wording import describe_fetch
from tests.services.published import CONTENT, PUBLISHED
from tests.services.weights_server import HOST, Behaviour

TIMEOUT_MS = 20_000


@pytest.fixture
def dialog(weights_jobs: WeightsJobs, qtbot: QtBot) -> WeightsDialog:
    """Open, with its list."""
    dialog = WeightsDialog(weights_jobs)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(weights_jobs.listed, timeout=TIMEOUT_MS):
        dialog.show()
    return dialog


def state_of(dialog: WeightsDialog, file: str) -> str:
    row = dialog.model.row_of(file)
    return "" if row is None else str(dialog.model.index(row, Column.STATE).data())


def answer_question(monkeypatch: pytest.MonkeyPatch, answer: str) -> list[str]:
    """Give this answer to every question; return what was asked."""
    asked: list[str] = []

    def press(box: QMessageBox) -> int:
        asked.append(f"{box.text()}\n{box.informativeText()}")
        [button] = [b for b in box.buttons() if b.text().replace("&", "") == answer]
        button.click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", press)
    return asked


def drop(dialog: WeightsDialog, *places: Path) -> bool:
    """Drag files over the dialog and drop them if it takes them; tell whether it does."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(place)) for place in places])
    action, button, key = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(dialog.rect().center(), action, mime, button, key)
    enter.ignore()
    dialog.dragEnterEvent(enter)
    if enter.isAccepted():
        dialog.dropEvent(QDropEvent(QPointF(9, 9), action, mime, button, key))
    return enter.isAccepted()


def test_that_a_missing_file_is_shown_with_address_and_hash(dialog: WeightsDialog) -> None:
    assert state_of(dialog, "small.pt") == "Missing"
    dialog.select("small.pt")
    assert dialog.detail.text("address").endswith("/small.pt")
    assert dialog.detail.text("hash") == PUBLISHED.sha256
    assert dialog.fetch_button.isEnabled()
    assert not dialog.verify_button.isEnabled()


def test_that_opening_verifies_what_was_put_there_by_hand(
    weights_jobs: WeightsJobs, qtbot: QtBot
) -> None:
    paths.weights_folder().mkdir()
    (paths.weights_folder() / "small.pt").write_bytes(CONTENT[::-1])
    dialog = WeightsDialog(weights_jobs)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: state_of(dialog, "small.pt") == "Corrupt", timeout=TIMEOUT_MS)
    assert "Not what they should be: Small" in dialog.message
    dialog.select("small.pt")
    assert "SHA-256 begins" in dialog.detail.text("remark")


def test_that_dropped_files_are_imported(dialog: WeightsDialog, stick: Path, qtbot: QtBot) -> None:
    assert drop(dialog, stick / "renamed.pth", stick / "mine.safetensors")
    # One after the other, and the list is read again after each.
    ready = ["Small is ready.", "mine.safetensors is ready."]
    qtbot.waitUntil(lambda: dialog.message.splitlines() == ready, timeout=TIMEOUT_MS)
    for file in ("small.pt", "mine.safetensors"):
        qtbot.waitUntil(lambda file=file: state_of(dialog, file) == "Present", timeout=TIMEOUT_MS)
    assert {item.entry.file for item in dialog.selected} == {"small.pt", "mine.safetensors"}


def test_that_what_was_chosen_stays_chosen_when_others_arrive(
    dialog: WeightsDialog, stick: Path, qtbot: QtBot
) -> None:
    dialog.select("small.pt")
    paths.weights_folder().mkdir()
    (stick / "mine.safetensors").rename(paths.weights_folder() / "mine.safetensors")
    dialog._jobs.refresh()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 3, timeout=TIMEOUT_MS)
    assert [item.entry.file for item in dialog.selected] == ["small.pt"]


@pytest.mark.parametrize(("answer", "state"), [("Yes", "Present"), ("No", "Missing")])
def test_that_a_folder_is_imported_only_if_its_content_is_agreed_to(
    dialog: WeightsDialog,
    stick: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    answer: str,
    state: str,
) -> None:
    asked: list[str] = []

    def reply(_parent: object, _title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return QMessageBox.StandardButton[answer]

    monkeypatch.setattr(QMessageBox, "question", reply)
    drop(dialog, stick)
    qtbot.waitUntil(lambda: bool(asked) and not dialog._jobs.is_busy, timeout=TIMEOUT_MS)
    assert "2 files" in asked[0]
    qtbot.waitUntil(lambda: state_of(dialog, "small.pt") == state, timeout=TIMEOUT_MS)


def test_that_nothing_else_can_be_dropped(dialog: WeightsDialog) -> None:
    assert not drop(dialog)


def test_that_a_refused_import_says_why(dialog: WeightsDialog, stick: Path, qtbot: QtBot) -> None:
    (stick / "wrong.pt").write_bytes(b"something else")
    dialog.bring([stick / "wrong.pt"])
    qtbot.waitUntil(lambda: "wrong.pt" in dialog.message, timeout=TIMEOUT_MS)
    assert dialog.import_button.isEnabled()


def test_that_chosen_files_are_imported(
    dialog: WeightsDialog, stick: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    chosen = [str(stick / "renamed.pth")]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (chosen, ""))
    dialog.files_action.trigger()
    qtbot.waitUntil(lambda: state_of(dialog, "small.pt") == "Present", timeout=TIMEOUT_MS)


def test_that_a_fetch_says_address_and_bytes_and_waits_for_a_yes(
    dialog: WeightsDialog, weights_server: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answer_question(monkeypatch, "Cancel")
    dialog.select("small.pt")
    dialog.fetch_button.click()
    assert "11,000 bytes · Apache-2.0" in asked[0]
    assert "/small.pt" in asked[0]
    assert weights_server.requests == []


def test_that_fetched_weights_are_present(
    dialog: WeightsDialog, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    answer_question(monkeypatch, "Fetch")
    dialog.select("small.pt")
    dialog.fetch_button.click()
    qtbot.waitUntil(lambda: state_of(dialog, "small.pt") == "Present", timeout=TIMEOUT_MS)
    assert dialog.message == "Small is ready."
    assert not dialog.fetch_button.isEnabled()


def test_that_a_fetch_that_was_cut_says_how_much_is_here(weights_server: Behaviour) -> None:
    part_of(PUBLISHED).parent.mkdir(parents=True)
    part_of(PUBLISHED).write_bytes(CONTENT[:3000])
    assert "3 kB of it are here already." in describe_fetch(PUBLISHED)


def test_that_an_own_file_put_there_by_hand_can_be_pinned(
    dialog: WeightsDialog, stick: Path, qtbot: QtBot
) -> None:
    paths.weights_folder().mkdir()
    (stick / "mine.safetensors").rename(paths.weights_folder() / "mine.safetensors")
    dialog._jobs.refresh()
    qtbot.waitUntil(lambda: state_of(dialog, "mine.safetensors") == "Unpinned", timeout=TIMEOUT_MS)
    dialog.select("mine.safetensors")
    dialog.detail.pin_button.click()
    qtbot.waitUntil(lambda: state_of(dialog, "mine.safetensors") == "Present", timeout=TIMEOUT_MS)


def test_that_what_the_worker_refused_is_said(dialog: WeightsDialog) -> None:
    dialog.set_remarks(["SAM is not what it should be."])
    assert dialog._remarks.isVisible()


# ---------------------------------------------------------------- status line


@pytest.fixture
def feed(weights_jobs: WeightsJobs, qtbot: QtBot) -> WeightsFeed:
    banners, status = Banners(), StatusLine()
    qtbot.addWidget(banners)
    qtbot.addWidget(status)
    return WeightsFeed(weights_jobs, Workers(["false"]), status, banners, status)


def test_that_a_fetch_goes_on_in_the_status_line_while_the_dialog_is_closed(
    feed: WeightsFeed, weights_jobs: WeightsJobs, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(weights_jobs.listed, timeout=TIMEOUT_MS) as listed:
        weights_jobs.refresh()
    with qtbot.waitSignal(weights_jobs.brought, timeout=TIMEOUT_MS):
        weights_jobs.fetch([listed.args[0][0].entry])
        assert feed._status.job_text == "Fetching Small"
    assert feed._status.job_text == ""
    assert "Verified and ready: Small." in feed._banners.bars[0].html


def test_that_a_fetch_that_fails_while_the_dialog_is_closed_becomes_a_banner(
    feed: WeightsFeed, weights_jobs: WeightsJobs, qtbot: QtBot
) -> None:
    entry = PUBLISHED.model_copy(update={"url": f"http://{HOST}:9/small.pt"})
    with qtbot.waitSignal(weights_jobs.brought, timeout=TIMEOUT_MS):
        weights_jobs.fetch([entry])
    assert "cannot be reached" in feed._banners.bars[0].html


def test_that_the_status_line_can_stop_a_fetch(
    feed: WeightsFeed, weights_jobs: WeightsJobs, weights_server: Behaviour, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(weights_jobs.listed, timeout=TIMEOUT_MS) as listed:
        weights_jobs.refresh()
    with qtbot.waitSignal(weights_jobs.stopped, timeout=TIMEOUT_MS):
        weights_server.gate.clear()
        weights_jobs.fetch([listed.args[0][0].entry])
        feed._status.cancel_button.click()
        weights_server.gate.set()
    assert feed._status.job_text == ""


def test_that_the_dialog_is_opened_once(feed: WeightsFeed, qtbot: QtBot) -> None:
    feed.show_dialog()
    first = feed.dialog
    feed.show_dialog()
    assert feed.dialog is first
    assert first is not None
    first.close()


def test_that_remarks_of_a_worker_go_with_it(
    feed: WeightsFeed, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(Workers, "remarks", ("SAM is damaged.",))
    feed.show_dialog()
    assert feed.dialog is not None
    assert feed.dialog._remarks.text() == "SAM is damaged."
    monkeypatch.setattr(Workers, "remarks", ())
    feed._workers.status_changed.emit()
    assert not feed.dialog._remarks.isVisible()
