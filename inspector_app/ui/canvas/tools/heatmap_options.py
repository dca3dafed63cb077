"""What can be set about drafts from a heatmap: from which score on, and how they are cleaned up."""

from PySide6.QtCore import QObject

from inspector_app.domain.tidy import Tidying
from inspector_app.ui.canvas.tools.options import NumberOption, SlidingOption, ToolOption

_LOWEST_PERCENT, _HIGHEST_PERCENT = 10, 1600
_LARGEST_TOLERANCE_PX = 20
_LARGEST_AREA_PX = 100_000
_DEFAULT_SPECK_PX = 20


class HeatmapOptions(QObject):
    """The options of the heatmap tool."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.share = SlidingOption(
            self.tr("From score"),
            value=100,
            minimum=_LOWEST_PERCENT,
            maximum=_HIGHEST_PERCENT,
            unit="%",
            tip=self.tr("Of the threshold in force in Inspect: 100 % drafts what it outlines"),
            parent=self,
        )
        self.specks = self._area(self.tr("Leave out specks up to"), _DEFAULT_SPECK_PX)
        self.holes = self._area(self.tr("Fill holes up to"), 0)
        self.tolerance = NumberOption(
            self.tr("Fewer corners, up to"),
            value=0,
            minimum=0,
            maximum=_LARGEST_TOLERANCE_PX,
            unit="px",
            parent=self,
        )
        self.opacity = NumberOption(
            self.tr("Heatmap covers the part by"),
            value=50,
            minimum=0,
            maximum=100,
            unit="%",
            parent=self,
        )
        self.tidying_options = (self.specks, self.holes, self.tolerance)
        self.details: tuple[ToolOption, ...] = (*self.tidying_options, self.opacity)

    @property
    def tidying(self) -> Tidying:
        return Tidying(self.tolerance.value, self.holes.value, self.specks.value)

    def _area(self, title: str, value: int) -> NumberOption:
        largest = _LARGEST_AREA_PX
        return NumberOption(title, value=value, minimum=0, maximum=largest, unit="px²", parent=self)
