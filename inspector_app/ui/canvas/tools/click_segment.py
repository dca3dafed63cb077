"""Click-segment: point at a defect, a model outlines it, Enter accepts."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPen

from inspector_app.domain.annotation import Author
from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.services.segmentation import Candidates
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.outlines import Outline, outline_pen, translucent
from inspector_app.ui.canvas.tools.base import Pointer, Tool
from inspector_app.ui.canvas.tools.box import dragged_box, is_drag, paint_box

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas

_CANDIDATE_KEYS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BELONGS_COLOUR = QColor("#1f9e6e")
_OTHER_COLOUR = QColor("#c8431a")
_NO_CLASS_COLOUR = "#E69F00"
_POINT_RADIUS_PX = 7.0
_SHOW_BUSY_AFTER_MS = 200
_SAY_BUSY_AFTER_MS = 2000
_BUSY_TICK_MS = 60
_SPINNER_RADIUS_PX = 13.0


class ClickSegmentTool(Tool):
    """Collects prompts, shows what the click model makes of them, stores what is accepted."""

    name = "click-segment"
    icon_name = "click-segment"
    shortcut = "S"

    def __init__(self, canvas: "Canvas", editing: Editing) -> None:
        super().__init__(canvas, editing)
        self._points: list[PromptPoint] = []
        self._box: Box | None = None
        self._pressed: Pointer | None = None
        self._dragged: Box | None = None
        self._candidates: Candidates | None = None
        self._chosen = 0
        self._preview: Outline | None = None
        self._is_waiting = False
        self._accepts_when_ready = False
        self._waited = QElapsedTimer()
        self._busy_timer = QTimer(self)
        self._busy_timer.setInterval(_BUSY_TICK_MS)
        self._busy_timer.timeout.connect(self._on_busy_tick)
        editing.segmentation.ready.connect(self._on_ready)
        editing.segmentation.failed.connect(self._on_failed)

    @property
    def has_prompts(self) -> bool:
        return bool(self._points) or self._box is not None

    @property
    def has_preview(self) -> bool:
        return self._preview is not None

    def title(self) -> str:
        return self.tr("Click-segment")

    def hint(self) -> str:
        if self._is_waiting and self._waited.elapsed() >= _SAY_BUSY_AFTER_MS:
            seconds = self._waited.elapsed() // 1000
            return self.tr("The click model is at work, {seconds} s. Esc cancels.").format(
                seconds=seconds
            )
        if not self.has_prompts:
            return self.tr("Click on the defect. Right-click what does not belong. Drag for a box.")
        if not self._is_waiting and not self.has_preview:
            return self.tr("Nothing is outlined yet. Click on the defect, or Esc to start again.")
        count = len(self._candidates.masks) if self._candidates else 0
        if count > 1:
            return self.tr(
                "Enter accepts, Esc clears. 1–{count} show other outlines ({chosen} now)."
            ).format(count=min(count, len(_CANDIDATE_KEYS)), chosen=self._chosen + 1)
        return self.tr("Enter accepts, Esc clears, Backspace takes the last click back.")

    # mouse

    def press(self, pointer: Pointer) -> None:
        if self.editing.can_edit and pointer.button in (
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.RightButton,
        ):
            self._pressed = pointer

    def move(self, pointer: Pointer) -> None:
        pressed = self._pressed
        if pressed is None or pressed.button is not Qt.MouseButton.LeftButton:
            return
        if self._dragged is not None or is_drag(pressed, pointer):
            size = self.editing.image_size
            self._dragged = dragged_box(pressed, pointer, size.width(), size.height())
            self.canvas.update()

    def release(self, pointer: Pointer) -> None:
        pressed, dragged = self._pressed, self._dragged
        self._pressed = self._dragged = None
        if pressed is None:
            return
        if dragged is not None:
            self._box = dragged
        elif self._is_inside(pressed):
            belongs = pressed.button is Qt.MouseButton.LeftButton and not pressed.has_shift
            self._points.append(PromptPoint(pressed.x, pressed.y, 1 if belongs else 0))
        else:
            return
        self._ask()

    def _is_inside(self, pointer: Pointer) -> bool:
        size = self.editing.image_size
        return 0 <= pointer.x < size.width() and 0 <= pointer.y < size.height()

    # keys

    def takes_key(self, event: QKeyEvent) -> bool:
        if not self.has_prompts and self._pressed is None:
            return False
        if event.matches(QKeySequence.StandardKey.Undo):
            return True
        if event.key() in _CANDIDATE_KEYS:
            return self._candidates is not None and len(self._candidates.masks) > 1
        return event.key() in (*_ENTER_KEYS, Qt.Key.Key_Escape, Qt.Key.Key_Backspace)

    def key(self, event: QKeyEvent) -> None:
        if event.key() in _CANDIDATE_KEYS:
            self._choose(_CANDIDATE_KEYS.index(Qt.Key(event.key())))
        elif event.key() in _ENTER_KEYS:
            self._accept()
        elif event.key() == Qt.Key.Key_Escape:
            self.reset()
        else:
            self._take_back()

    def _take_back(self) -> None:
        if self._points:
            self._points.pop()
        else:
            self._box = None
        self._ask()

    def reset(self) -> None:
        if self._is_waiting:
            self.editing.segmentation.forget()
        self._points = []
        self._box = self._pressed = self._dragged = None
        self._stop_waiting()
        self._show(None)

    # the click model

    def _ask(self) -> None:
        """Ask for masks, if there is anything that belongs."""
        path = self.editing.image_path
        if path is None or not (self._box or any(point.label for point in self._points)):
            if self._is_waiting:
                self.editing.segmentation.forget()
            self._stop_waiting()
            self._show(None)
            return
        self._is_waiting = True
        self._accepts_when_ready = False
        if not self._busy_timer.isActive():
            self._waited.start()
            self._busy_timer.start()
        self.editing.segmentation.request(path, tuple(self._points), self._box)
        self.canvas.update()
        self.hint_changed.emit()

    def _on_ready(self, candidates: Candidates) -> None:
        if not self._is_waiting or candidates.image_path != self.editing.image_path:
            return
        accepts = self._accepts_when_ready
        self._stop_waiting()
        self._show(candidates)
        if not candidates.masks:
            self.editing.noticed.emit(
                self.tr("The click model found nothing there. Click elsewhere or drag a box.")
            )
        elif accepts:
            self._accept()

    def _on_failed(self, message: str, hint: str) -> None:
        if self._is_waiting:
            self._stop_waiting()
            self._show(None)
            self.editing.noticed.emit(" — ".join(part for part in (message, hint) if part))

    def _stop_waiting(self) -> None:
        self._is_waiting = self._accepts_when_ready = False
        self._busy_timer.stop()

    def _show(self, candidates: Candidates | None) -> None:
        self._candidates = candidates
        self._choose(0)

    def _choose(self, index: int) -> None:
        masks = self._candidates.masks if self._candidates else ()
        if masks and index >= len(masks):
            return
        self._chosen = index
        self._preview = Outline(masks[index]) if masks else None
        self.canvas.update()
        self.hint_changed.emit()

    def _accept(self) -> None:
        if self._is_waiting:
            self._accepts_when_ready = True
            return
        if self._candidates is None or not self._candidates.masks:
            return
        stored = self.editing.add(
            self.tr("Add region"),
            mask=self._candidates.masks[self._chosen],
            author=Author.CLICK_MODEL,
            author_detail=self._candidates.click_model,
        )
        if stored:
            self.reset()

    def _on_busy_tick(self) -> None:
        if self._waited.elapsed() >= _SHOW_BUSY_AFTER_MS:
            self.canvas.update(self._spinner_rect().toAlignedRect().adjusted(-3, -3, 3, 3))
        if self._waited.elapsed() >= _SAY_BUSY_AFTER_MS:
            self.hint_changed.emit()

    # painting

    def paint(self, painter: QPainter) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_preview(painter)
        if (box := self._dragged or self._box) is not None:
            paint_box(painter, self.canvas.viewport.box_to_widget(box), _BELONGS_COLOUR)
        for point in self._points:
            _paint_point(painter, self.canvas.viewport.to_widget(point.x, point.y), point.label)
        if self._is_waiting and self._waited.elapsed() >= _SHOW_BUSY_AFTER_MS:
            self._paint_spinner(painter)
        painter.restore()

    def _paint_preview(self, painter: QPainter) -> None:
        if self._preview is None:
            return
        current = self.editing.current_class
        colour = QColor(current.colour if current else _NO_CLASS_COLOUR)
        painter.save()
        painter.setTransform(self.canvas.viewport.transform, True)
        path = self._preview.at_scale(self.canvas.viewport.scale)
        painter.fillPath(path, translucent(colour, 0.35))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(outline_pen(QColor(0, 0, 0, 170), 3))
        painter.drawPath(path)
        pen = outline_pen(QColor("white"), 1.5)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawPath(path)
        painter.restore()

    def _spinner_rect(self) -> QRectF:
        if self._points:
            centre = self.canvas.viewport.to_widget(self._points[-1].x, self._points[-1].y)
        elif self._box is not None:
            centre = self.canvas.viewport.box_to_widget(self._box).center()
        else:
            centre = QPointF(0, 0)
        radius = QPointF(_SPINNER_RADIUS_PX, _SPINNER_RADIUS_PX)
        return QRectF(centre - radius, centre + radius)

    def _paint_spinner(self, painter: QPainter) -> None:
        start = -int(self._waited.elapsed() * 0.36) % 360
        for colour, width_px in ((QColor(0, 0, 0, 150), 5.0), (QColor("white"), 2.5)):
            pen = QPen(colour, width_px)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawArc(self._spinner_rect(), start * 16, 250 * 16)


def _paint_point(painter: QPainter, at: QPointF, label: int) -> None:
    """Paint a prompt: green with a plus, or red with a minus, so that colour is not all."""
    painter.setPen(QPen(QColor("white"), 1.5))
    painter.setBrush(_BELONGS_COLOUR if label else _OTHER_COLOUR)
    painter.drawEllipse(at, _POINT_RADIUS_PX, _POINT_RADIUS_PX)
    arm = QPointF(3.5, 0)
    painter.setPen(QPen(QColor("white"), 2))
    painter.drawLine(at - arm, at + arm)
    if label:
        painter.drawLine(at - QPointF(0, 3.5), at + QPointF(0, 3.5))
