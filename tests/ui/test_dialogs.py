"""The dialogs: formats and places, weights, keys."""

import hashlib
import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from inspector_app import paths
from inspector_app.domain.errors import BadDataError
from inspector_app.services.background import Background
from inspector_app.services.exchange import EXPORT_FORMATS, IMPORT_FORMATS
from inspector_app.services.weights_import import import_weights, known_weights
from inspector_app.ui.dialogs.exchange import ExportDialog, ImportDialog
from inspector_app.ui.dialogs.keys import KeysDialog
from inspector_app.ui.dialogs.weights import WeightsDialog

CONTENT = b"the weights" * 1000


@pytest.fixture
def export_dialog(qtbot: QtBot) -> ExportDialog:
    dialog = ExportDialog("bottle")
    qtbot.addWidget(dialog)
    return dialog


def test_that_every_format_can_be_chosen(export_dialog: ExportDialog, qtbot: QtBot) -> None:
    import_dialog = ImportDialog()
    qtbot.addWidget(import_dialog)
    for dialog, formats in ((export_dialog, EXPORT_FORMATS), (import_dialog, IMPORT_FORMATS)):
        offered = [dialog.format.itemData(place) for place in range(dialog.format.count())]
        assert offered == list(formats)


def test_that_an_export_wants_a_place(export_dialog: ExportDialog, tmp_path: Path) -> None:
    assert not export_dialog.ok_button.isEnabled()
    export_dialog.place.setText(str(tmp_path / "new"))
    assert export_dialog.ok_button.isEnabled()


def test_that_an_export_never_mixes_with_other_files(
    export_dialog: ExportDialog, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("")
    export_dialog.place.setText(str(tmp_path))
    assert not export_dialog.ok_button.isEnabled()


def test_that_an_import_wants_something_that_exists(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ImportDialog()
    qtbot.addWidget(dialog)
    dialog.place.setText(str(tmp_path / "gone.json"))
    assert not dialog.ok_button.isEnabled()


@pytest.mark.parametrize(
    ("format_name", "kind"), [("cvat", "CVAT (*.xml)"), ("label-studio", "Label Studio (*.json)")]
)
def test_that_formats_of_one_file_ask_for_a_file(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, format_name: str, kind: str
) -> None:
    asked: list[str] = []

    def answer(*question: object) -> tuple[str, str]:
        asked.append(str(question[-1]))
        return "labels", ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    dialog = ImportDialog()
    qtbot.addWidget(dialog)
    dialog.format.setCurrentIndex(dialog.format.findData(format_name))
    dialog.browse_button.click()
    assert (dialog.place.text(), asked) == ("labels", [kind])


def test_that_the_sheet_of_keys_fits_a_small_screen(qtbot: QtBot) -> None:
    dialog = KeysDialog()
    qtbot.addWidget(dialog)
    assert dialog.sizeHint().width() < 1366
    assert dialog.sizeHint().height() < 720


# ---------------------------------------------------------------- weights


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A resources folder whose manifest knows one small file; returns a genuine copy of it."""
    entry = {
        "name": "Small",
        "file": "small.pt",
        "bytes": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "licence": "Apache-2.0",
        "url": "https://example.org/small.pt",
        "used_for": "tests",
    }
    resources = tmp_path / "resources"
    resources.mkdir()
    (resources / "weights.json").write_text(json.dumps({"weights": [entry]}))
    (resources / "icons").symlink_to(paths.resources_folder() / "icons")
    monkeypatch.setattr(paths, "resources_folder", lambda: resources)
    genuine = tmp_path / "stick" / "renamed.bin"
    genuine.parent.mkdir()
    genuine.write_bytes(CONTENT)
    return genuine


def no_progress(_done: int, _total: int) -> None:
    pass


def test_that_weights_are_recognised_by_their_content(shelf: Path) -> None:
    assert import_weights(shelf, progress=no_progress).name == "Small"
    assert (paths.weights_folder() / "small.pt").read_bytes() == CONTENT


def test_that_imported_weights_are_found(shelf: Path) -> None:
    assert known_weights()[0].path is None
    import_weights(shelf, progress=no_progress)
    assert known_weights()[0].path == paths.weights_folder() / "small.pt"


@pytest.mark.parametrize("name", ["small.pt", "other.pt"])
def test_that_other_files_are_refused_and_leave_nothing(shelf: Path, name: str) -> None:
    wrong = shelf.with_name(name)
    wrong.write_bytes(CONTENT[:-1])
    with pytest.raises(BadDataError, match=name):
        import_weights(wrong, progress=no_progress)
    assert list(paths.weights_folder().iterdir()) == []


def test_that_an_unreadable_file_is_named(shelf: Path) -> None:
    gone = shelf.with_name("gone.pt")
    with pytest.raises(BadDataError, match=r"gone\.pt.*cannot be read"):
        import_weights(gone, progress=no_progress)


@pytest.fixture
def dialog(shelf: Path, qtbot: QtBot) -> WeightsDialog:
    dialog = WeightsDialog(Background(), [])
    qtbot.addWidget(dialog)
    return dialog


def test_that_an_import_is_announced(dialog: WeightsDialog, shelf: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.weights_imported):
        dialog.import_file(shelf)
    assert "Small" in dialog.message


def test_that_a_refused_import_says_why(dialog: WeightsDialog, shelf: Path, qtbot: QtBot) -> None:
    wrong = shelf.with_name("wrong.pt")
    wrong.write_bytes(b"something else")
    dialog.import_file(wrong)
    qtbot.waitUntil(lambda: "wrong.pt" in dialog.message and dialog.import_button.isEnabled())
