"""Whether an export copies the images, links them or only names them."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from inspector_app.formats.base import ImagePlacement
from inspector_app.formats.placement import PLACEMENTS
from inspector_app.services.background import Background, Task
from inspector_app.services.room import free_room, size_of_files
from inspector_app.ui.theme import make_muted


class PlacementChoice(QWidget):
    """A format's choices, each with what it means; copies say how much room they take."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._format = ""
        self._folder: Path | None = None
        self._size: int | None = None
        self._task: Task | None = None
        self._create_widgets()
        self.box.currentIndexChanged.connect(self._show)

    @property
    def placement(self) -> ImagePlacement:
        return ImagePlacement(self.box.currentData())

    @property
    def about(self) -> str:
        return self._about.text()

    def measure(self, background: Background, folder: Path, names: Sequence[str]) -> None:
        """Find out how much room copies of the images take, without keeping anyone waiting."""
        self._task = background.run(partial(size_of_files, folder, names), self._set_size)

    def set_format(self, name: str) -> None:
        """Offer what the format can have, its usual one first; a choice for it stays."""
        if name == self._format:
            return
        self._format = name
        self.box.blockSignals(True)
        self.box.clear()
        for placement in PLACEMENTS[name]:
            self.box.addItem(self._title(placement), placement.value)
            about = self._tool_tip(placement)
            self.box.setItemData(self.box.count() - 1, about, Qt.ItemDataRole.ToolTipRole)
        self.box.blockSignals(False)
        self._show()

    def set_folder(self, folder: Path | None) -> None:
        """Say where the export will be; None if that is not known yet."""
        if folder != self._folder:
            self._folder = folder
            self._about.setText(self._meaning())

    def problem(self) -> str:
        """Return why it cannot be done like this; empty if it can."""
        free = self._free_room()
        if self.placement is not ImagePlacement.COPY or self._size is None or free is None:
            return ""
        if self._size <= free:
            return ""
        return self.tr("Copies of the images take {size}, but only {free} are free there.").format(
            size=_in_words(self._size), free=_in_words(free)
        )

    def _create_widgets(self) -> None:
        self.box = QComboBox()
        self.box.setAccessibleName(self.tr("Images"))
        self._about = make_muted()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box)
        layout.addWidget(self._about)

    def _set_size(self, size: int) -> None:
        self._size = size
        self._show()

    def _show(self) -> None:
        self._about.setText(self._meaning())
        self.box.setToolTip(self._tool_tip(self.placement))
        self.changed.emit()

    def _free_room(self) -> int | None:
        return None if self._folder is None else free_room(self._folder)

    def _title(self, placement: ImagePlacement) -> str:
        return {
            ImagePlacement.REFERENCE: self.tr("Stay where they are"),
            ImagePlacement.COPY: self.tr("Copied into the export"),
            ImagePlacement.HARD_LINK: self.tr("Hard-linked into the export"),
        }[placement]

    def _meaning(self) -> str:
        match self.placement:
            case ImagePlacement.REFERENCE:
                return self.tr("Only the labels are written; they name the images.")
            case ImagePlacement.HARD_LINK:
                return self.tr(
                    "The same files under a second name; they need no room. Programs that save "
                    "into them change your photos. On another drive they are copied."
                )
        free = self._free_room()
        if self._size is None:
            return self.tr("The export stands for itself.")
        if free is None:
            return self.tr("Copies take {size}.").format(size=_in_words(self._size))
        return self.tr("Copies take {size}; {free} are free there.").format(
            size=_in_words(self._size), free=_in_words(free)
        )

    def _tool_tip(self, placement: ImagePlacement) -> str:
        return {
            ImagePlacement.REFERENCE: self.tr(
                "Names are relative to the project's image folder: give that folder to the "
                "program that reads the labels."
            ),
            ImagePlacement.COPY: self.tr(
                "Whatever is done to the copies, your photos stay as they are."
            ),
            ImagePlacement.HARD_LINK: self.tr(
                "A hard link is the photo itself. A program that turns, crops or repairs it and "
                "saves into the same file changes your photo too: choose copies for programs that "
                "edit images. Deleting the export never deletes your photos."
            ),
        }[placement]


def _in_words(size: int) -> str:
    return QLocale().formattedDataSize(size)
