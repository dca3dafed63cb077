"""How a training goes: its error on the images it learns from and on those held out."""

from collections.abc import Sequence

import pyqtgraph
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector_app.protocol.messages import EpochEnded
from inspector_app.ui.panels.epoch_plot import colour_plot, make_epoch_plot, show_epochs
from inspector_app.ui.theme import colours


class LossCurve(QWidget):
    """One curve for each figure of a run that is an error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._epochs: list[EpochEnded] = []
        self._curves: dict[str, pyqtgraph.PlotDataItem] = {}
        self._plot = make_epoch_plot(self.tr("Epoch"), self.tr("Error"))
        self._legend = self._plot.addLegend(offset=(-8, 8))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        self._colour()

    @property
    def curve_names(self) -> list[str]:
        return sorted(self._curves)

    def points(self, name: str) -> list[tuple[float, float]]:
        """Return (epoch, value) pairs of a curve."""
        xs, ys = self._curves[name].getData()
        return [] if xs is None else list(zip(xs.tolist(), ys.tolist(), strict=True))

    def set_epochs(self, epochs: Sequence[EpochEnded]) -> None:
        for curve in self._curves.values():
            self._plot.removeItem(curve)
        self._legend.clear()
        self._curves.clear()
        self._epochs = list(epochs)
        self._draw()

    def add_epoch(self, epoch: EpochEnded) -> None:
        self._epochs.append(epoch)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_legend"):
            self._colour()

    def _draw(self) -> None:
        show_epochs(self._plot, max((epoch.epoch for epoch in self._epochs), default=0))
        names = {name for epoch in self._epochs for name in epoch.metrics if "loss" in name}
        for name in sorted(names):
            points = [(e.epoch, e.metrics[name]) for e in self._epochs if name in e.metrics]
            curve = self._curves.get(name) or self._create_curve(name)
            curve.setData([x for x, _ in points], [y for _, y in points])

    def _create_curve(self, name: str) -> pyqtgraph.PlotDataItem:
        # A run of one epoch is a point, and a line through one point shows nothing.
        curve = self._plot.plot(
            pen=self._pen(name), symbol="o", symbolSize=4, name=self._title(name)
        )
        self._colour_curve(name, curve)
        self._curves[name] = curve
        return curve

    def _title(self, name: str) -> str:
        titles = {
            "train_loss": self.tr("images it learns from"),
            "val_loss": self.tr("held-out images"),
        }
        return titles.get(name, name.replace("_", " "))

    def _pen(self, name: str) -> QPen:
        shades = colours(self.palette())
        colour = shades.accent if name.startswith("val") else shades.muted
        pen = QPen(QColor(colour), 2)
        pen.setCosmetic(True)
        return pen

    def _colour_curve(self, name: str, curve: pyqtgraph.PlotDataItem) -> None:
        pen = self._pen(name)
        curve.setPen(pen)
        curve.setSymbolBrush(pen.color())
        curve.setSymbolPen(None)

    def _colour(self) -> None:
        colour_plot(self._plot, self._legend, colours(self.palette()))
        for name, curve in self._curves.items():
            self._colour_curve(name, curve)
