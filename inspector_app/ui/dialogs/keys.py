"""The sheet of keys (F1)."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from inspector_app.ui.theme import make_title


class KeysDialog(QDialog):
    """Every key in three columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        columns = QHBoxLayout()
        columns.setSpacing(32)
        for sections in _columns():
            column = QVBoxLayout()
            column.setSpacing(6)
            for title, rows in sections:
                column.addWidget(make_title(title, scale=1.05))
                column.addLayout(_table(rows))
                column.addSpacing(10)
            column.addStretch(1)
            columns.addLayout(column)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 12)
        layout.addLayout(columns)
        layout.addWidget(buttons)


def _table(rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(3)
    for place, (keys, meaning) in enumerate(rows):
        label = QLabel(keys)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        grid.addWidget(label, place, 0)
        grid.addWidget(QLabel(meaning), place, 1)
    grid.setColumnStretch(1, 1)
    return grid


def _columns() -> list[list[tuple[str, list[tuple[str, str]]]]]:
    return [
        [
            (_tr("Everywhere"), _everywhere()),
            (_tr("Images"), _images()),
            (_tr("Heatmap"), _heatmap()),
        ],
        [
            (_tr("Tools"), _tools()),
            (_tr("Clicks"), _clicks()),
            (_tr("Proposals"), _proposals()),
        ],
        [(_tr("Regions"), _regions()), (_tr("Inspect"), _inspect())],
    ]


def _everywhere() -> list[tuple[str, str]]:
    return [
        ("Ctrl+1 … 4", _tr("Dataset, Annotate, Train, Inspect")),
        ("Ctrl+O", _tr("open a folder")),
        ("Ctrl+I, Ctrl+E", _tr("import, export labels")),
        ("Ctrl+Z", _tr("undo")),
        ("Ctrl+Shift+Z", _tr("redo")),
        ("F1", _tr("this sheet")),
    ]


def _images() -> list[tuple[str, str]]:
    return [
        ("D, A", _tr("next, previous image")),
        ("Ctrl+D", _tr("next image to review")),
        (_tr("Wheel"), _tr("zoom at the cursor")),
        (_tr("Space + drag"), _tr("move the image, in every tool")),
        ("Ctrl+0, Ctrl+F", _tr("zoom to 100 %, fit")),
        ("J", _tr("only where model and labels disagree")),
        ("L, Shift+L", _tr("next colour channel, view as it was")),
        ("O, N, U", _tr("image is OK, NG, unsure")),
    ]


def _heatmap() -> list[tuple[str, str]]:
    return [
        ("M, T", _tr("show it, draft regions from it")),
        ("[, ]", _tr("from a lower, a higher score")),
        (_tr("Click, Enter"), _tr("take one draft, all")),
        (_tr("Right, Esc"), _tr("drop one draft, all")),
        (_tr("Shift + click"), _tr("join drafts")),
    ]


def _proposals() -> list[tuple[str, str]]:
    return [
        (_tr("Click, Enter"), _tr("take one, all")),
        (_tr("Right, Backspace"), _tr("dismiss one, all")),
    ]


def _tools() -> list[tuple[str, str]]:
    return [
        ("V", _tr("select")),
        ("S", _tr("click-segment")),
        ("B", _tr("box")),
        ("P", _tr("polygon, corners of a region")),
        ("R, E", _tr("brush, eraser")),
        ("W", _tr("magic wand")),
        ("G", _tr("fill what a region goes around")),
        ("X", _tr("cut a region in two")),
        ("Y", _tr("proposals of a model")),
        ("[, ]", _tr("smaller, larger brush")),
        ("1 … 9", _tr("class")),
    ]


def _clicks() -> list[tuple[str, str]]:
    return [
        (_tr("Left"), _tr("belongs to the defect")),
        (_tr("Right, Shift + left"), _tr("does not belong")),
        (_tr("Drag"), _tr("box around the defect")),
        ("1, 2, 3", _tr("choose among proposals")),
        (_tr("Enter, Esc"), _tr("accept, give up")),
    ]


def _regions() -> list[tuple[str, str]]:
    return [
        ("Del", _tr("delete the region")),
        (_tr("Arrow keys"), _tr("move it by 1 px")),
        (_tr("Ctrl + click"), _tr("select more regions")),
        ("Q", _tr("snap it to its edges")),
        ("Ctrl+M", _tr("merge; with Shift subtract")),
        ("Ctrl+], Ctrl+[", _tr("grow, shrink by 1 px")),
        ("F", _tr("fill its holes")),
        ("I", _tr("ignore it, use it again")),
        (_tr("PgUp, PgDown"), _tr("raise, lower it")),
        ("C", _tr("copy to the next image")),
        ("Ctrl+B", _tr("add to the defect book")),
        ("H", _tr("hide regions")),
        ("Shift+H", _tr("outlines only")),
    ]


def _inspect() -> list[tuple[str, str]]:
    return [
        ("D, A", _tr("next, previous result")),
        ("M", _tr("heatmap on, off")),
        ("Shift+M", _tr("outline at the threshold")),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("KeysDialog", text)
