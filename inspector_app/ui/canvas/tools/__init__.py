"""The annotation tools, in the order of the tool bar."""

from inspector_app.ui.canvas.tools.base import Pointer, Tool
from inspector_app.ui.canvas.tools.box import BoxTool
from inspector_app.ui.canvas.tools.brush import BrushTool
from inspector_app.ui.canvas.tools.click_segment import ClickSegmentTool
from inspector_app.ui.canvas.tools.cut import CutTool
from inspector_app.ui.canvas.tools.eraser import EraserTool
from inspector_app.ui.canvas.tools.fill import FillTool
from inspector_app.ui.canvas.tools.heatmap import HeatmapTool
from inspector_app.ui.canvas.tools.polygon import PolygonTool
from inspector_app.ui.canvas.tools.proposals import ProposalTool
from inspector_app.ui.canvas.tools.select import SelectTool
from inspector_app.ui.canvas.tools.wand import WandTool

TOOLS: tuple[type[Tool], ...] = (
    SelectTool,
    ClickSegmentTool,
    BoxTool,
    PolygonTool,
    BrushTool,
    EraserTool,
    WandTool,
    FillTool,
    CutTool,
    HeatmapTool,
    ProposalTool,
)

__all__ = ["TOOLS", "Pointer", "Tool"]
