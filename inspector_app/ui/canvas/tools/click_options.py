"""What can be set about clicks: what is previewed, what a box means, how drafts are cleaned up."""

from PySide6.QtCore import QObject

from inspector_app.domain.tidy import Tidying
from inspector_app.protocol.embeddings import DEFAULT_LIMIT_GB
from inspector_app.ui.canvas.tools.options import (
    ChoiceOption,
    NumberOption,
    ToggleOption,
    ToolOption,
)

_LARGEST_TOLERANCE_PX = 20
_LARGEST_AREA_PX = 100_000
_LARGEST_CACHE_GB = 1000


class ClickOptions(QObject):
    """The options of the click tool."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.previews = ToggleOption(
            self.tr("Preview under the cursor"),
            value=True,
            tip=self.tr("Outlines what a click would give, once the image is ready"),
            parent=self,
        )
        self.stays_in_box = ToggleOption(
            self.tr("The box is a hard limit"),
            value=False,
            tip=self.tr("Off: clicks may reach out of the box, which small defects often need"),
            parent=self,
        )
        self.tolerance = self._number(self.tr("Fewer corners, up to"), _LARGEST_TOLERANCE_PX, "px")
        self.holes = self._number(self.tr("Fill holes up to"), _LARGEST_AREA_PX, "px²")
        self.specks = self._number(self.tr("Drop specks up to"), _LARGEST_AREA_PX, "px²")
        self.model = ChoiceOption(self.tr("Click model"), [("", self.tr("Best at hand"))], self)
        self.cache_gb = NumberOption(
            self.tr("Keep prepared images, up to"),
            value=DEFAULT_LIMIT_GB,
            minimum=0,
            maximum=_LARGEST_CACHE_GB,
            unit="GB",
            parent=self,
        )
        self.all: tuple[ToolOption, ...] = (
            self.previews,
            self.stays_in_box,
            self.tolerance,
            self.holes,
            self.specks,
            self.model,
            self.cache_gb,
        )

    @property
    def tidying(self) -> Tidying:
        return Tidying(self.tolerance.value, self.holes.value, self.specks.value)

    def _number(self, title: str, maximum: int, unit: str) -> NumberOption:
        return NumberOption(title, value=0, minimum=0, maximum=maximum, unit=unit, parent=self)
