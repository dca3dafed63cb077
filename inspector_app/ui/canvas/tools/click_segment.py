"""Click-segment: point at a defect, a model outlines it, Enter accepts."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter

from inspector_app.domain.annotation import Author
from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import Mask
from inspector_app.domain.tidy import tidied
from inspector_app.services.segmentation import Candidates
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.outlines import Outline
from inspector_app.ui.canvas.seen import part_to_encode
from inspector_app.ui.canvas.tools.base import Pointer, Tool
from inspector_app.ui.canvas.tools.box import dragged_box, is_drag, paint_box
from inspector_app.ui.canvas.tools.click_marks import (
    BELONGS_COLOUR,
    SPINNER_RADIUS_PX,
    paint_draft,
    paint_hover,
    paint_points,
    paint_spinner,
)
from inspector_app.ui.canvas.tools.click_options import ClickOptions
from inspector_app.ui.canvas.tools.hovering import Hovering

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas

_CANDIDATE_KEYS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_NO_CLASS_COLOUR = "#E69F00"
_SHOW_BUSY_AFTER_MS = 200
_SAY_BUSY_AFTER_MS = 2000
_BUSY_TICK_MS = 60


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
        self._draft: Mask | None = None
        """The chosen candidate, tidied."""
        self._preview: Outline | None = None
        self._hovered: Outline | None = None
        self._is_waiting = False
        self._accepts_when_ready = False
        self._waited = QElapsedTimer()
        self._busy_timer = QTimer(self)
        self._busy_timer.setInterval(_BUSY_TICK_MS)
        self._hovering = Hovering(canvas, editing.segmentation, self)
        self.click_options = ClickOptions(self)
        self.details = self.click_options.all
        self._connect()

    def _connect(self) -> None:
        self._busy_timer.timeout.connect(self._on_busy_tick)
        self._hovering.changed.connect(self._on_hover_changed)
        self.editing.segmentation.ready.connect(self._on_ready)
        self.editing.segmentation.failed.connect(self._on_failed)
        options = self.click_options
        for option in (options.tolerance, options.holes, options.specks):
            option.changed.connect(self._on_tidying_changed)
        options.stays_in_box.changed.connect(self._on_box_rule_changed)
        options.previews.changed.connect(self._hovering.stop)

    @property
    def has_prompts(self) -> bool:
        return bool(self._points) or self._box is not None

    @property
    def has_preview(self) -> bool:
        return self._preview is not None

    @property
    def draft(self) -> Mask | None:
        """What Enter would store."""
        return self._draft

    @property
    def hovered_mask(self) -> Mask | None:
        """What a click at the cursor would give, as far as that is known."""
        return self._hovering.mask

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
            self._hovering.stop()

    def move(self, pointer: Pointer) -> None:
        self._follow(pointer)
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

    def leave(self) -> None:
        self._hovering.stop()

    def _follow(self, pointer: Pointer) -> None:
        """Show what a click would give, as long as no region is begun."""
        path = self.editing.image_path
        is_free = not (self.has_prompts or self._pressed or self._is_waiting)
        is_wanted = self.click_options.previews.value and is_free and self.editing.can_edit
        if path is not None and is_wanted and self._is_inside(pointer):
            self._hovering.follow(path, (pointer.x, pointer.y))
        else:
            self._hovering.stop()

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
        self._hovering.stop()
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
        self.editing.segmentation.request(
            path,
            tuple(self._points),
            self._box,
            view=part_to_encode(self.canvas, *self._prompted_boxes()),
            stays_in_box=self.click_options.stays_in_box.value,
            refines=self._chosen,
        )
        self.canvas.update()
        self.hint_changed.emit()

    def _prompted_boxes(self) -> list[Box]:
        """Return what has been prompted, which may have been panned out of view since."""
        boxes = [Box.around((p.x, p.y), (p.x, p.y)) for p in self._points]
        return [*boxes, self._box] if self._box else boxes

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
        self._draft = tidied(masks[index], self.click_options.tidying) if masks else None
        self._preview = Outline(self._draft) if self._draft else None
        self.canvas.update()
        self.hint_changed.emit()

    def _on_tidying_changed(self) -> None:
        self._choose(self._chosen)

    def _on_box_rule_changed(self) -> None:
        if self._box is not None and self._points:
            self._ask()

    def _on_hover_changed(self) -> None:
        mask = self._hovering.mask
        self._hovered = Outline(tidied(mask, self.click_options.tidying)) if mask else None
        self.canvas.update()

    def _accept(self) -> None:
        if self._is_waiting:
            self._accepts_when_ready = True
            return
        if self._candidates is None or self._draft is None:
            return
        stored = self.editing.add(
            self.tr("Add region"),
            mask=self._draft,
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
        viewport = self.canvas.viewport
        current = self.editing.current_class
        colour = QColor(current.colour if current else _NO_CLASS_COLOUR)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._hovered is not None:
            paint_hover(painter, viewport, self._hovered, colour)
        if self._preview is not None:
            paint_draft(painter, viewport, self._preview, colour)
        if (box := self._dragged or self._box) is not None:
            paint_box(painter, viewport.box_to_widget(box), BELONGS_COLOUR)
        paint_points(painter, viewport, self._points, self._draft.box if self._draft else None)
        if self._is_waiting and self._waited.elapsed() >= _SHOW_BUSY_AFTER_MS:
            paint_spinner(painter, self._spinner_rect(), self._waited.elapsed())
        painter.restore()

    def _spinner_rect(self) -> QRectF:
        if self._points:
            centre = self.canvas.viewport.to_widget(self._points[-1].x, self._points[-1].y)
        elif self._box is not None:
            centre = self.canvas.viewport.box_to_widget(self._box).center()
        else:
            centre = QPointF(0, 0)
        radius = QPointF(SPINNER_RADIUS_PX, SPINNER_RADIUS_PX)
        return QRectF(centre - radius, centre + radius)
