"""A plot over epochs in the window's colours."""

from typing import Any

import pyqtgraph
from PySide6.QtGui import QColor, QPen

from inspector_app.ui.theme import Colours


def make_epoch_plot(bottom: str, left: str) -> Any:
    """Return a plot that is looked at, not moved; its axes carry these titles."""
    pyqtgraph.setConfigOptions(antialias=True)
    plot = pyqtgraph.PlotWidget(axisItems={"bottom": _WholeNumbers("bottom")})
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    plot.setLabel("bottom", bottom)
    plot.setLabel("left", left)
    plot.getAxis("left").enableAutoSIPrefix(False)
    return plot


def show_epochs(plot: Any, last: int) -> None:
    # Autoscaling would put a single epoch between 0.5 and 1.5.
    plot.setXRange(1, max(2, last), padding=0.02)


def colour_plot(plot: Any, legend: Any, shades: Colours) -> None:
    plot.setBackground(QColor(shades.base))
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(QPen(QColor(shades.border)))
        axis.setTextPen(QPen(QColor(shades.muted)))
    plot.showGrid(x=False, y=True, alpha=0.18)
    legend.setLabelTextColor(QColor(shades.text))
    for _, label in legend.items:
        # The legend keeps the colour for labels to come only.
        label.setText(label.text, color=QColor(shades.text))


class _WholeNumbers(pyqtgraph.AxisItem):  # type: ignore[misc]  # it has no types
    """Ticks at whole numbers only: there is no half epoch."""

    def tickSpacing(  # noqa: N802  (pyqtgraph's name)
        self, low: float, high: float, size: float
    ) -> list[tuple[float, float]]:
        spacings: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        return [(max(1.0, round(step)), offset) for step, offset in spacings if step >= 1.0] or [
            (1.0, 0.0)
        ]
