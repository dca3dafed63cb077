"""An image with regions and overlays, zoomed and moved; what the mouse does is for others."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QWidget

from inspector_app.domain.annotation import DefectClass
from inspector_app.domain.document import Document
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask, Polygon
from inspector_app.ui.canvas.adjustment import Adjustment
from inspector_app.ui.canvas.backdrop import Backdrop, rect_with_margin
from inspector_app.ui.canvas.marks import Marks
from inspector_app.ui.canvas.navigator import Navigator
from inspector_app.ui.canvas.outlines import Outline
from inspector_app.ui.canvas.picture import OnRead, Paintable, Picture
from inspector_app.ui.canvas.shapes import RegionDisplay, Shape
from inspector_app.ui.canvas.viewport import Viewport

_ZOOM_STEP = 2**0.5


class ImageView(QWidget):
    """Shows one image."""

    view_changed = Signal()
    """Another part of the image is shown, or the same at another size."""
    zoom_changed = Signal(int)
    """Percent; 100 is one image pixel on one pixel of the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._backdrop = Backdrop()
        self._marks = Marks()
        self._navigator = Navigator(self)
        self._navigator.changed.connect(self.update)
        self._navigator.changed.connect(self.view_changed)
        self._navigator.zoom_changed.connect(self.zoom_changed)
        self._placeholder = ""
        self._selected_id = ""
        self._companion_ids: tuple[str, ...] = ()
        self._painted_into_id = ""
        self._hovered: Shape | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)

    # what is shown

    def set_image(self, image: QImage | None, halvings: Mapping[int, QImage] | None = None) -> None:
        """Show an image; one of the same size as the last keeps zoom and place.

        `halvings` are smaller copies that are there already, by how often their sides are halved.
        """
        self.set_picture(None if image is None or image.isNull() else Picture(image, halvings))

    def set_picture(self, picture: Paintable | None) -> None:
        """Likewise for an image that is read in parts."""
        self._backdrop.picture = picture
        self._backdrop.windowed = None
        self._hovered = None
        if self._backdrop.picture is not None:
            self._placeholder = ""
            self._navigator.set_image_size(self.image_size)
        self._refresh()

    def set_windowed(self, image: QImage | None) -> None:
        """Paint another view of the same image, None for the image itself; its pixels stay."""
        self._backdrop.windowed = None if image is None else Picture(image)
        self._refresh()

    def repaint_box(self, box: Box) -> None:
        """Paint a part of the image anew, because more of it is known now."""
        self._backdrop.invalidate_box(box)
        self.update_box(box)

    def repaint_all(self) -> None:
        """Paint everything anew, because the image is seen in another way."""
        self._refresh()

    def set_placeholder(self, text: str) -> None:
        """Say something instead of an image, for example why it cannot be shown."""
        self._placeholder = text
        self.set_image(None)

    def set_overlay(self, overlay: QImage | None, opacity_01: float = 1.0) -> None:
        """Lay a picture, stretched over the whole image, on top of it."""
        self._backdrop.overlay = overlay
        self._backdrop.overlay_opacity_01 = opacity_01
        self._refresh()

    @property
    def overlay(self) -> QImage | None:
        return self._backdrop.overlay

    def set_overlay_opacity(self, opacity_01: float) -> None:
        self._backdrop.overlay_opacity_01 = opacity_01
        self._refresh()

    def set_contours(self, polygons: Sequence[Polygon]) -> None:
        """Draw outlines, vertices in image pixels."""
        self._backdrop.set_contours(polygons)
        self._refresh()

    def set_regions(self, document: Document | None, classes: Sequence[DefectClass]) -> None:
        """Show the regions of a document in the colours of their classes."""
        boxes = self._backdrop.shapes.set_document(document, classes)
        for box in boxes:
            self._backdrop.invalidate_box(box)
        if boxes:
            self._hovered = None
            self.update()

    def keep_outline(self, mask: Mask, outline: Outline) -> None:
        """Take over the outline of a mask that may become a region, so as not to trace it."""
        self._backdrop.shapes.keep_outline(mask, outline)

    def set_display(self, display: RegionDisplay) -> None:
        self._backdrop.display = display
        self._refresh()

    def set_adjustment(self, adjustment: Adjustment) -> None:
        """Brighten or stretch the view of the image."""
        self._backdrop.adjustment = adjustment
        self._refresh()

    @property
    def adjustment(self) -> Adjustment:
        return self._backdrop.adjustment

    def set_selected(self, region_id: str) -> None:
        """Show a region as selected; none if empty."""
        self._mark(selected=region_id, painted_into=self._painted_into_id)

    def set_companions(self, region_ids: tuple[str, ...]) -> None:
        """Show regions as selected besides the selected one."""
        self._companion_ids = region_ids
        self.update()

    def set_painted_into(self, region_id: str) -> None:
        """Leave out a region that a tool draws itself; none if empty."""
        self._mark(selected=self._selected_id, painted_into=region_id)

    @property
    def has_image(self) -> bool:
        return self._backdrop.picture is not None

    @property
    def image_size(self) -> QSize:
        return self._backdrop.picture.size if self._backdrop.picture else QSize(0, 0)

    def pixels(self, box: Box) -> NDArray[np.uint8] | None:
        """Return the image's own RGB pixels in a box inside it; None without an image."""
        return self._backdrop.picture.pixels(box) if self._backdrop.picture else None

    def read_pixels(self, box: Box, on_read: OnRead) -> None:
        """Likewise, handed over: of an image that is read in parts, as soon as they are read."""
        if self._backdrop.picture is not None:
            self._backdrop.picture.read(box, on_read)

    @property
    def placeholder(self) -> str:
        return self._placeholder

    @property
    def display(self) -> RegionDisplay:
        return self._backdrop.display

    def shape(self, region_id: str) -> Shape | None:
        return self._backdrop.shapes.get(region_id)

    def shape_at(self, x: float, y: float) -> Shape | None:
        """Return the uppermost region at an image position; a hidden one cannot be met."""
        if self._backdrop.display is RegionDisplay.HIDDEN:
            return None
        return self._backdrop.shapes.topmost_at(x, y, self.viewport.scale)

    # zoom and place

    @property
    def viewport(self) -> Viewport:
        return self._navigator.viewport

    @property
    def zoom_percent(self) -> int:
        return self._navigator.percent

    def fit(self) -> None:
        """Show the whole image, also after the next resize."""
        self._navigator.fit()

    def zoom_to(self, percent: float) -> None:
        if self.has_image:
            self._navigator.zoom_to(percent)

    def zoom_in(self) -> None:
        if self.has_image:
            self._navigator.zoom_by(_ZOOM_STEP)

    def zoom_out(self) -> None:
        if self.has_image:
            self._navigator.zoom_by(1 / _ZOOM_STEP)

    def show_box(self, box: Box) -> None:
        """Bring a box into view if it is not, without changing the zoom."""
        if self.has_image:
            self._navigator.show_box(box)

    def update_box(self, box: Box) -> None:
        """Repaint what a tool draws on a box of the image."""
        self.update(rect_with_margin(self.viewport, box))

    def _mark(self, *, selected: str, painted_into: str) -> None:
        if (selected, painted_into) == (self._selected_id, self._painted_into_id):
            return
        before = self._backdrop.hidden_ids
        self._selected_id, self._painted_into_id = selected, painted_into
        self._backdrop.hidden_ids = frozenset({selected, painted_into} - {""})
        for region_id in before ^ self._backdrop.hidden_ids:
            if (shape := self.shape(region_id)) is not None:
                self._backdrop.invalidate_box(shape.region.box)
        self.update()

    def _refresh(self) -> None:
        self._backdrop.invalidate()
        self.update()

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        # So that whoever paints can ask what is to be painted.
        painter.setClipRect(event.rect())
        if not self._backdrop.paint(painter, self, self.viewport, event.rect()):
            QTimer.singleShot(0, self, self.update)
        if not self.has_image:
            self._paint_placeholder(painter)
            return
        if self._backdrop.display is not RegionDisplay.HIDDEN:
            self._paint_marks(painter)
        self.paint_on_top(painter)

    def paint_on_top(self, painter: QPainter) -> None:
        """Paint what somebody is about to do, in widget coordinates; there is an image."""

    def _paint_placeholder(self, painter: QPainter) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(32, 32, -32, -32), flags, self._placeholder)

    def _paint_marks(self, painter: QPainter) -> None:
        hidden = self._painted_into_id
        selected = self.shape(self._selected_id) if self._selected_id != hidden else None
        hovered = self._hovered
        if hovered is not None and hovered.region.id in (self._selected_id, hidden):
            hovered = None
        companions = [self.shape(name) for name in self._companion_ids if name != hidden]
        is_complete = self._marks.paint(
            painter,
            self.viewport,
            QRectF(self.rect()),
            selected=selected,
            companions=[shape for shape in companions if shape is not None],
            hovered=hovered,
            display=self._backdrop.display,
            small_boxes=self._backdrop.shapes.small_boxes(self.viewport),
        )
        if not is_complete:
            QTimer.singleShot(0, self, self.update)

    def _set_hovered(self, shape: Shape | None) -> None:
        if shape is not self._hovered:
            self._hovered = shape
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._navigator.follow_resize()
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(800, 600)
