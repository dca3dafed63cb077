"""Zoom and place of an image in a widget."""

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Signal
from PySide6.QtWidgets import QWidget

from inspector_app.domain.geometry import Box
from inspector_app.ui.canvas.viewport import Viewport


class Navigator(QObject):
    """Keeps the viewport; fits the image until the operator zooms or pans."""

    changed = Signal()
    """The viewport is another one."""
    zoom_changed = Signal(int)
    """Percent."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._image_size = QSize(0, 0)
        self._is_fitted = True
        self.viewport = Viewport()

    @property
    def percent(self) -> int:
        """100 is one image pixel on one pixel of the screen."""
        return round(self.viewport.scale * self._widget.devicePixelRatioF() * 100)

    def set_image_size(self, size: QSize) -> None:
        """Take another image; one of the same size keeps zoom and place."""
        is_other = size != self._image_size
        self._image_size = size
        if is_other or self._is_fitted:
            self.fit()

    def fit(self) -> None:
        """Show the whole image, also after the next resize."""
        self._is_fitted = True
        self._set(Viewport.fitting(self._image_size, self._widget.size()))

    def zoom_to(self, percent: float, anchor: QPointF | None = None) -> None:
        """Zoom, keeping the image point under `anchor` (by default the middle) in its place."""
        self._is_fitted = False
        scale = percent / 100 / self._widget.devicePixelRatioF()
        self._set(self.viewport.zoomed(scale, anchor or self._middle(), self._image_size))

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        self._is_fitted = False
        scale = self.viewport.scale * factor
        self._set(self.viewport.zoomed(scale, anchor or self._middle(), self._image_size))

    def move_by(self, step: QPointF) -> None:
        self._is_fitted = False
        self._set(self.viewport.moved(step.x(), step.y()))

    def show_box(self, box: Box) -> None:
        """Bring a box into view if its middle is not, without changing the zoom."""
        middle = self.viewport.box_to_widget(box).center()
        if not QRectF(self._widget.rect()).contains(middle):
            self.move_by(self._middle() - middle)

    def follow_resize(self) -> None:
        """The widget has another size."""
        if self._is_fitted:
            self.fit()
        else:
            self._set(self.viewport)

    def _middle(self) -> QPointF:
        return QRectF(self._widget.rect()).center()

    def _set(self, viewport: Viewport) -> None:
        before = self.percent
        self.viewport = viewport.kept_in_sight(self._image_size, self._widget.size())
        self.changed.emit()
        if self.percent != before:
            self.zoom_changed.emit(self.percent)
