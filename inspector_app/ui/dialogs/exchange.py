"""Which format, and from where or to where, for import and export."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inspector_app.formats.base import ImagePlacement
from inspector_app.services.exchange import EXPORT_FORMATS, IMPORT_FORMATS
from inspector_app.ui.dialogs.image_placement import PlacementChoice
from inspector_app.ui.icons import icon
from inspector_app.ui.theme import make_muted

_WIDTH_PX = 520
_EXPORT_HEIGHT_PX = 300
"""Enough for the longest sentences; labels that wrap do not make a window grow."""
_FORMATS_OF_ONE_FILE = {"coco": "*.json", "cvat": "*.xml", "label-studio": "*.json"}


class _ExchangeDialog(QDialog):
    """A format and a place."""

    def __init__(self, formats: dict[str, tuple[str, str]], parent: QWidget | None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._create_widgets()
        self._lay_out()
        self._connect()
        self._show_format()
        self._check()

    @property
    def format_name(self) -> str:
        return str(self.format.currentData())

    def accept_text(self) -> str:
        raise NotImplementedError

    def choose_place(self) -> str:
        """Ask for the place; empty if the operator thought better of it."""
        raise NotImplementedError

    def problem(self) -> str:
        """Return why the place cannot be taken; empty if it can."""
        raise NotImplementedError

    def _create_widgets(self) -> None:
        self.format = QComboBox()
        for name, (title, _) in self._formats.items():
            self.format.addItem(title, name)
        self._about_format = make_muted()
        self.place = QLineEdit()
        self.browse_button = QPushButton(icon("open-folder"), self.tr(" Choose…"))
        self._problem = make_muted()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok_button.setText(self.accept_text())
        self.ok_button.setProperty("role", "primary")

    def _lay_out(self) -> None:
        place_row = QHBoxLayout()
        place_row.addWidget(self.place, 1)
        place_row.addWidget(self.browse_button)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.addRow(self.tr("Format"), self.format)
        form.addRow("", self._about_format)
        self._add_rows(form)
        form.addRow(self._place_title(), place_row)
        form.addRow("", self._problem)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 12)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(_WIDTH_PX)

    def _add_rows(self, form: QFormLayout) -> None:
        """Add what is asked besides a format and a place."""

    def _place_title(self) -> str:
        return self.tr("Folder")

    def _connect(self) -> None:
        self.format.currentIndexChanged.connect(self._show_format)
        self.place.textChanged.connect(self._check)
        self.browse_button.clicked.connect(self._browse)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _browse(self) -> None:
        chosen = self.choose_place()
        if chosen:
            self.place.setText(chosen)

    def _show_format(self) -> None:
        self._about_format.setText(self._formats[self.format_name][1])
        self._check()

    def _check(self) -> None:
        problem = self.problem()
        self._problem.setText(problem)
        self.ok_button.setEnabled(bool(self.place.text().strip()) and not problem)


class ExportDialog(_ExchangeDialog):
    """Asks for a format, an empty folder and what happens to the images."""

    def __init__(self, project_name: str, parent: QWidget | None = None) -> None:
        self._project_name = project_name
        super().__init__(_export_formats(), parent)
        self.setWindowTitle(self.tr("Export labels"))
        self.resize(_WIDTH_PX, _EXPORT_HEIGHT_PX)
        self.images.changed.connect(self._check)

    @property
    def placement(self) -> ImagePlacement:
        return self.images.placement

    @property
    def folder(self) -> Path:
        return Path(self.place.text().strip())

    def accept_text(self) -> str:
        return self.tr("Export")

    def choose_place(self) -> str:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Where to export to"))
        if not chosen:
            return ""
        folder = Path(chosen)
        # The folder that was chosen is mostly one for exports, not the export itself.
        return str(
            folder / f"{self._project_name}-{self.format_name}" if _holds(folder) else folder
        )

    def problem(self) -> str:
        text = self.place.text().strip()
        if text and _holds(Path(text)):
            return self.tr("There is something in this folder already; choose an empty or new one.")
        return self.images.problem() if text else ""

    def _create_widgets(self) -> None:
        super()._create_widgets()
        self.images = PlacementChoice()

    def _add_rows(self, form: QFormLayout) -> None:
        form.addRow(self.tr("Images"), self.images)

    def _show_format(self) -> None:
        self.images.set_format(self.format_name)
        super()._show_format()

    def _check(self) -> None:
        self.images.set_folder(self.folder if self.place.text().strip() else None)
        super()._check()


class ImportDialog(_ExchangeDialog):
    """Asks for a format and the file or folder that holds the labels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_import_formats(), parent)
        self.setWindowTitle(self.tr("Import labels"))

    @property
    def path(self) -> Path:
        return Path(self.place.text().strip())

    def accept_text(self) -> str:
        return self.tr("Import")

    def choose_place(self) -> str:
        if self.format_name in _FORMATS_OF_ONE_FILE:
            kind = f"{self.format.currentText()} ({_FORMATS_OF_ONE_FILE[self.format_name]})"
            file, _ = QFileDialog.getOpenFileName(
                self, self.tr("The file with the labels"), "", kind
            )
            return file
        return QFileDialog.getExistingDirectory(self, self.tr("The folder with the labels"))

    def problem(self) -> str:
        text = self.place.text().strip()
        if text and not Path(text).exists():
            return self.tr("There is no such file or folder.")
        return ""

    def _place_title(self) -> str:
        return self.tr("From")


def _holds(folder: Path) -> bool:
    return folder.is_file() or (folder.is_dir() and any(folder.iterdir()))


def _export_formats() -> dict[str, tuple[str, str]]:
    known = {
        "coco": (
            _tr("COCO"),
            _tr("One file with classes, boxes and masks; masks keep holes and separate parts."),
        ),
        "yolo-detect": (
            _tr("YOLO, boxes"),
            _tr("A folder with one text file for each image, to train a detector."),
        ),
        "yolo-segment": (
            _tr("YOLO, outlines"),
            _tr("A folder with one text file for each image; outlines cannot hold holes."),
        ),
        "voc": (
            _tr("Pascal VOC"),
            _tr("A folder with images and one XML file of boxes for each; masks become boxes."),
        ),
        "masks": (
            _tr("PNG masks"),
            _tr("One picture for each image; grey values stand for classes."),
        ),
        "mvtec": (
            _tr("MVTec AD"),
            _tr("Folders train, test and ground_truth, as the MVTec AD data set has them."),
        ),
        "labelme": (
            _tr("labelme"),
            _tr("One JSON file for each image; masks keep holes and separate parts."),
        ),
        "cvat": (
            _tr("CVAT"),
            _tr("One XML file, “CVAT for images 1.1”; masks keep holes and separate parts."),
        ),
    }
    return {name: known[name] for name in EXPORT_FORMATS}


def _import_formats() -> dict[str, tuple[str, str]]:
    known = {
        "coco": (_tr("COCO"), _tr("One JSON file; images are found by their names.")),
        "yolo": (_tr("YOLO"), _tr("A folder of text files, boxes or outlines.")),
        "voc": (_tr("Pascal VOC"), _tr("A folder of XML files with boxes.")),
        "masks": (_tr("PNG masks"), _tr("A folder of mask pictures named like the images.")),
        "labelme": (_tr("labelme"), _tr("A JSON file for each image, also X-AnyLabeling's.")),
        "cvat": (_tr("CVAT"), _tr("One XML file of an export “CVAT for images 1.1”.")),
        "label-studio": (
            _tr("Label Studio"),
            _tr("One JSON file of an export of the kind “JSON”."),
        ),
        "isat": (_tr("ISAT"), _tr("A JSON file of outlines for each image.")),
    }
    return {name: known[name] for name in IMPORT_FORMATS}


def _tr(text: str) -> str:
    return QCoreApplication.translate("ExchangeDialog", text)
