"""The look at an import before it happens."""

from pytestqt.qtbot import QtBot

from inspector_app.services.exchange import ImportPreview
from inspector_app.ui.dialogs.import_preview import ImportPreviewDialog


def preview(**counts: int) -> ImportPreview:
    return ImportPreview(
        image_count=2,
        regions_by_class=counts,
        new_classes=("stain",),
        known_count=3,
        problems=("annotations[1]: the box has no area",),
    )


def test_that_classes_and_problems_are_listed(qtbot: QtBot) -> None:
    dialog = ImportPreviewDialog(preview(dent=4, stain=1))
    qtbot.addWidget(dialog)
    rows = [
        [item.text() if (item := dialog.table.item(row, column)) else "" for column in range(3)]
        for row in range(dialog.table.rowCount())
    ]
    assert rows == [["dent", "4", ""], ["stain", "1", "new class"]]
    assert dialog.problems.item(0).text() == "annotations[1]: the box has no area"
    assert dialog.import_button.isEnabled()


def test_that_nothing_cannot_be_imported(qtbot: QtBot) -> None:
    dialog = ImportPreviewDialog(preview())
    qtbot.addWidget(dialog)
    assert not dialog.import_button.isEnabled()
