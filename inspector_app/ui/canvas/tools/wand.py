"""Magic wand: press on a defect and drag to take in more or less of what looks like it."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter

from inspector_app.domain import region_operations as operations
from inspector_app.domain.annotation import Region
from inspector_app.domain.flood import similar_pixels
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.arrays import Pixels
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.heavy_outlines import Look, paint_heavy
from inspector_app.ui.canvas.outlines import Outline, outline_pen, translucent
from inspector_app.ui.canvas.tools.base import Pointer, Tool
from inspector_app.ui.canvas.tools.options import NumberOption

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas

_DEFAULT_TOLERANCE = 16
_PIXELS_PER_STEP = 3.0
_WINDOW_PX = 1024
"""It looks no further than this from the pointer, so that every move is answered at once."""
_NO_CLASS_COLOUR = "#E69F00"


class WandTool(Tool):
    """Makes a region of connected pixels of one colour; adds to the selected one with Shift."""

    name = "wand"
    icon_name = "wand"
    shortcut = "W"

    def __init__(self, canvas: "Canvas", editing: Editing) -> None:
        super().__init__(canvas, editing)
        self.tolerance = NumberOption(
            self.tr("Tolerance"), value=_DEFAULT_TOLERANCE, minimum=0, maximum=255, parent=self
        )
        self.options = (self.tolerance,)
        self._start: Pointer | None = None
        self._start_tolerance = 0
        self._is_released = False
        self._around: tuple[Box, Pixels] | None = None
        """The part that is looked at, and its pixels."""
        self._mask: Mask | None = None
        self._outline: Outline | None = None

    def title(self) -> str:
        return self.tr("Magic wand")

    def hint(self) -> str:
        return self.tr(
            "Press on the defect and drag right for more, left for less. "
            "Shift adds to the selected region, Ctrl takes away from it."
        )

    def press(self, pointer: Pointer) -> None:
        size = self.editing.image_size
        is_inside = 0 <= pointer.x < size.width() and 0 <= pointer.y < size.height()
        is_left = pointer.button is Qt.MouseButton.LeftButton
        if is_left and is_inside and self.editing.can_edit:
            self._start = pointer
            self._start_tolerance = self.tolerance.value
            self._is_released = False
            self._around = None
            self._look_around(pointer)

    def move(self, pointer: Pointer) -> None:
        if self._start is None or self._is_released:
            return
        way = pointer.position.x() - self._start.position.x()
        before = self.tolerance.value
        self.tolerance.set_value(self._start_tolerance + round(way / _PIXELS_PER_STEP))
        if self.tolerance.value != before:
            self._fill()

    def release(self, pointer: Pointer) -> None:
        # Of a huge image the pixels may still be on their way.
        self._is_released = True
        if self._around is not None:
            self._finish()

    def _finish(self) -> None:
        start, mask = self._start, self._mask
        self.reset()
        if start is None or mask is None:
            return
        region = self.editing.selected
        if not (start.has_shift or start.has_ctrl) or region is None:
            self.editing.add(self.tr("Add by magic wand"), mask=mask)
        elif self.editing.is_paintable(region):
            self._change(region, mask, is_added=start.has_shift)

    def takes_key(self, event: QKeyEvent) -> bool:
        return self._start is not None and event.key() == Qt.Key.Key_Escape

    def key(self, event: QKeyEvent) -> None:
        self.reset()

    def reset(self) -> None:
        self._start = self._around = None
        self._mask = self._outline = None
        self.canvas.update()

    def _look_around(self, start: Pointer) -> None:
        """Have the pixels around the pointer read; `_fill` follows, at once if they are there."""
        size = self.editing.image_size
        x, y, reach = int(start.x), int(start.y), _WINDOW_PX
        window = Box(x - reach, y - reach, x + reach + 1, y + reach + 1)
        if (box := window.clipped(size.width(), size.height())) is not None:
            self.canvas.read_pixels(box, partial(self._on_pixels, start, box))

    def _on_pixels(self, start: Pointer, box: Box, pixels: Pixels | None) -> None:
        if start is not self._start or pixels is None:
            return
        self._around = box, pixels
        self._fill()
        if self._is_released:
            self._finish()

    def _fill(self) -> None:
        if self._start is None or self._around is None:
            return
        size, (box, pixels) = self.editing.image_size, self._around
        x, y = int(self._start.x) - box.left, int(self._start.y) - box.top
        found = similar_pixels(pixels, x, y, tolerance=self.tolerance.value)
        self._mask = Mask.from_crop(
            found, box.left, box.top, height=size.height(), width=size.width()
        )
        self._outline = Outline(self._mask)
        self.canvas.update()

    def _change(self, region: Region, mask: Mask, *, is_added: bool) -> None:
        assert region.mask is not None
        if is_added:
            label, changed = self.tr("Add to region"), operations.union([region.mask, mask])
        else:
            label, changed = self.tr("Take away"), operations.difference(region.mask, mask)
        self.editing.replace_mask(label, region, changed)

    def paint(self, painter: QPainter) -> None:
        if self._outline is None:
            return
        current = self.editing.current_class
        colour = QColor(current.colour if current else _NO_CLASS_COLOUR)
        fill = translucent(colour, 0.3)
        painter.save()
        painter.setTransform(self.canvas.viewport.transform, True)
        if self._outline.heavy is not None:
            paint_heavy(painter, self._outline.heavy, Look(fill, colour))
        else:
            painter.setBrush(fill)
            painter.setPen(outline_pen(colour, 1.5))
            painter.drawPath(self._outline.coarse)
        painter.restore()
