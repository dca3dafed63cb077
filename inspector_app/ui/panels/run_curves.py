"""The held-out error of several runs in one plot."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector_app.protocol.messages import EpochEnded
from inspector_app.ui.panels.epoch_plot import colour_plot, make_epoch_plot, show_epochs
from inspector_app.ui.theme import colours

_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
"""Okabe & Ito's: told apart with any colour vision, and seen on light and on dark."""
_SYMBOLS = "otsd+x"


class RunCurves(QWidget):
    """One curve for each run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = make_epoch_plot(self.tr("Epoch"), self.tr("Error held out"))
        self._legend = self._plot.addLegend(offset=(-8, 8))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        self._curves: dict[str, list[tuple[int, float]]] = {}
        colour_plot(self._plot, self._legend, colours(self.palette()))

    @property
    def curves(self) -> Mapping[str, list[tuple[int, float]]]:
        """(epoch, error) pairs by the runs' names."""
        return self._curves

    def set_runs(self, runs: Mapping[str, Sequence[EpochEnded]]) -> None:
        """Show the epochs of some runs, given by their names."""
        self._plot.clear()
        self._legend.clear()
        self._curves = {
            name: [(e.epoch, e.metrics["val_loss"]) for e in epochs if "val_loss" in e.metrics]
            for name, epochs in runs.items()
        }
        last = max((e.epoch for epochs in runs.values() for e in epochs), default=0)
        show_epochs(self._plot, last)
        for place, (name, points) in enumerate(self._curves.items()):
            self._draw(place, name, points)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_legend"):
            colour_plot(self._plot, self._legend, colours(self.palette()))

    def _draw(self, place: int, name: str, points: Sequence[tuple[int, float]]) -> None:
        colour = QColor(_COLOURS[place % len(_COLOURS)])
        pen = QPen(colour, 2)
        pen.setCosmetic(True)
        self._plot.plot(
            [epoch for epoch, _ in points],
            [error for _, error in points],
            pen=pen,
            symbol=_SYMBOLS[place % len(_SYMBOLS)],
            symbolSize=6,
            symbolBrush=colour,
            symbolPen=None,
            name=name,
        )
