"""The dialogs: formats and places, weights, keys."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from inspector_app.formats.base import ImagePlacement
from inspector_app.formats.placement import PLACEMENTS
from inspector_app.services.background import Background
from inspector_app.services.exchange import EXPORT_FORMATS, IMPORT_FORMATS
from inspector_app.ui.dialogs import image_placement
from inspector_app.ui.dialogs.exchange import ExportDialog, ImportDialog
from inspector_app.ui.dialogs.keys import KeysDialog


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


def choose_format(dialog: ExportDialog, name: str) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData(name))


def choose_placement(dialog: ExportDialog, placement: ImagePlacement) -> None:
    dialog.images.box.setCurrentIndex(dialog.images.box.findData(placement.value))


def measured(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> ExportDialog:
    """Tell the dialog of one image of 3,000 bytes."""
    (tmp_path / "a.png").write_bytes(b"0" * 3000)
    background = Background(max_threads=1)
    with qtbot.waitSignal(dialog.images.changed):
        dialog.images.measure(background, tmp_path, ["a.png", "gone.png"])
    return dialog


def test_that_a_format_offers_where_its_images_may_be(export_dialog: ExportDialog) -> None:
    for name, placements in PLACEMENTS.items():
        choose_format(export_dialog, name)
        box = export_dialog.images.box
        assert tuple(box.itemData(place) for place in range(box.count())) == placements
        assert export_dialog.placement is placements[0]


def test_that_hard_links_warn_of_programs_that_write_through_them(
    export_dialog: ExportDialog,
) -> None:
    choose_placement(export_dialog, ImagePlacement.HARD_LINK)
    assert "change your photos" in export_dialog.images.about
    assert "photo itself" in export_dialog.images.box.toolTip()


def test_that_copies_say_how_much_room_they_take(
    export_dialog: ExportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    choose_format(measured(export_dialog, qtbot, tmp_path), "voc")
    assert export_dialog.images.about == "Copies take 2.93 KiB."
    export_dialog.place.setText(str(tmp_path / "deep" / "new"))
    assert "free there" in export_dialog.images.about


def test_that_copies_without_room_for_them_are_refused(
    export_dialog: ExportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_placement, "free_room", lambda _: 2999)
    measured(export_dialog, qtbot, tmp_path).place.setText(str(tmp_path / "new"))
    choose_placement(export_dialog, ImagePlacement.COPY)
    assert not export_dialog.ok_button.isEnabled()
    choose_placement(export_dialog, ImagePlacement.HARD_LINK)
    assert export_dialog.ok_button.isEnabled()


def test_that_a_drive_that_tells_no_room_refuses_nothing(
    export_dialog: ExportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_placement, "free_room", lambda _: None)
    measured(export_dialog, qtbot, tmp_path).place.setText(str(tmp_path / "new"))
    choose_placement(export_dialog, ImagePlacement.COPY)
    assert export_dialog.ok_button.isEnabled()


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
