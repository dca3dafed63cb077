"""Annotate: the canvas with its tools, what is said of the image, and the strip of all images."""

import functools
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QAction, QImage, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector_app.domain.dataset import ImageRecord
from inspector_app.domain.huge import HugeImage
from inspector_app.paths import cache_folder
from inspector_app.services.session import ProjectSession
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.huge_on_canvas import HugeOnCanvas
from inspector_app.ui.canvas.snapping import Snapping
from inspector_app.ui.canvas.tools import Tool
from inspector_app.ui.canvas.tools.click_segment import ClickSegmentTool
from inspector_app.ui.canvas.view import Canvas
from inspector_app.ui.context import ModelOpinions, ProgramServices
from inspector_app.ui.models.image_list import ImageListModel
from inspector_app.ui.pages.annotate_actions import AnnotateActions
from inspector_app.ui.pages.class_choice import ClassChoice
from inspector_app.ui.pages.click_preparation import ClickPreparation
from inspector_app.ui.pages.click_settings import ClickSettings
from inspector_app.ui.pages.copying import CopyToNext
from inspector_app.ui.pages.current_image import CurrentImage
from inspector_app.ui.pages.deep_window import DeepWindow
from inspector_app.ui.pages.going_on import GoingOn
from inspector_app.ui.pages.model_layers import ModelLayers
from inspector_app.ui.pages.page_choosing import PageChoosing
from inspector_app.ui.pages.tool_choice import ToolChoice
from inspector_app.ui.pages.view_choice import ViewChoice
from inspector_app.ui.panels.annotation_side import AnnotationSide
from inspector_app.ui.panels.filmstrip import Filmstrip
from inspector_app.ui.panels.tool_options import ToolOptions

_PREFETCHED = (1, -1, 2)
_ENCODED_AHEAD = (1, 2, 3)


class AnnotatePage(QWidget):
    """One image at a time: outline its defects, name them, say OK or NG, go on."""

    selection_changed = Signal(object, int, int)
    """The current ImageRecord (or None), its position from 1, how many there are."""
    cursor_text_changed = Signal(str)
    zoom_changed = Signal(int)
    note_posted = Signal(str, str)
    """Something worth knowing: sentence and what can be done about it."""
    message_posted = Signal(str, str)
    """Something that did not work: message and hint."""

    def __init__(
        self,
        program: ProgramServices,
        session: ProjectSession,
        opinions: ModelOpinions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.editing = Editing(session, program.segmentation, self)
        self._image = CurrentImage(program.images, program.segmentation, self)
        self._model = ImageListModel(program.thumbnails, session.image_path, self)
        self._create_widgets(program)
        self._prepare_clicks(program)
        self._lay_out()
        self._connect_canvas()
        self._connect_actions()
        self._stages: deque[Callable[[], None]] = deque(
            [
                functools.partial(self._create_side, program),
                functools.partial(self._create_layers, program, opinions),
                self._begin,
            ]
        )

    @property
    def edit_actions(self) -> list[QAction]:
        """For the window's Edit menu."""
        return self.actions_.edit_menu

    @property
    def view_actions(self) -> list[QAction]:
        """For the window's View menu."""
        return self.actions_.view_menu

    def tool(self, name: str) -> Tool:
        return self.tools.tools[name]

    def set_tool(self, name: str) -> None:
        """Take a tool in hand, as soon as it is of use."""
        self.tools.want(name)

    def prepare(self) -> bool:
        """Do the next part of what the first showing needs; tell whether something is left.

        Apart from the construction, for all of it at once would hold up the window.
        """
        if self._stages:
            self._stages.popleft()()
        return bool(self._stages)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        while self.prepare():
            pass
        if self._session.current_image is None:
            self.filmstrip.step(1)
        self.layers.show()
        self._announce()
        # Later, because the window clears the last page's zoom when it has shown this one.
        QTimer.singleShot(0, self, self._announce_zoom)
        self.canvas.setFocus()

    # construction

    def _create_widgets(self, program: ProgramServices) -> None:
        self.canvas = Canvas()
        self.tools = ToolChoice(self._session, self.editing, self.canvas, program.workers, self)
        tools = list(self.tools.tools.values())
        self.actions_ = AnnotateActions(self, tools, self.editing)
        self.filmstrip = Filmstrip(self._model)
        self._huge = HugeOnCanvas(
            program.background, self.canvas, cache_folder() / "overviews", self
        )
        self._copying = CopyToNext(self._session, self.editing, self.filmstrip, self)
        self._pages = PageChoosing(self._session, program.background, self)
        self._class_choice = ClassChoice(self, self._session, self.editing, self.canvas)
        self.tool_options = ToolOptions(
            [
                self.actions_.hide_regions,
                self.actions_.outline_only,
                self.actions_.heatmap,
                self.actions_.fit,
                self.actions_.zoom_100,
                self.actions_.side_panels,
            ]
        )
        self.tools.connect_to(self.actions_, self.tool_options)
        self._tool_bar = self.tools.create_bar()

    def _create_side(self, program: ProgramServices) -> None:
        self.side = AnnotationSide(self._session, self.editing)
        self._upper.addWidget(self.side)
        self._window = DeepWindow(
            program.background, self.canvas, self._huge, self.side.adjust.window_panel, self
        )
        self._going_on = GoingOn(self._session, self.filmstrip, self.side, self)
        self._going_on.connect_to(self.actions_)
        self._going_on.noticed.connect(self.tool_options.show_notice)
        self._view_choice = ViewChoice(
            self.actions_, self.canvas, self.side, program.settings, self
        )
        self.editing.region_added.connect(self._view_choice.show_regions)
        self.side.region_chosen.connect(self._on_region_chosen)
        self._class_choice.connect_to(self.side.classes, self.actions_)

    def _create_layers(self, program: ProgramServices, opinions: ModelOpinions) -> None:
        self.layers = ModelLayers(program, self._session, opinions, self)
        self.layers.connect_to(self.canvas, self.editing, self.tools.tools, self.actions_)
        for strip in self.layers.strips:
            self._strips.addWidget(strip)
        self._model.remark_of = self.layers.queue.remark
        self.tools.taken.connect(self._on_tool_taken)

    def _begin(self) -> None:
        """Show the project and follow it from now on."""
        self._connect_session()
        self._show_all()

    def _prepare_clicks(self, program: ProgramServices) -> None:
        ahead = program.encoding_ahead
        self._snapping = Snapping(self.editing, self)
        self._preparation = ClickPreparation(self.canvas, program.segmentation, ahead, self)
        clicking = self.tool(ClickSegmentTool.name)
        assert isinstance(clicking, ClickSegmentTool)
        self._click_settings = ClickSettings(clicking.click_options, program, self)
        self._click_settings.model_changed.connect(self._preparation.prepare_again)
        self.filmstrip.set_readiness(self._is_ready_for_clicks)
        ahead.changed.connect(self.filmstrip.show_readiness)
        self._ahead = ahead

    def _is_ready_for_clicks(self, record: ImageRecord) -> bool:
        return self._ahead.is_ready(self._session.image_path(record.id))

    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.tool_options)
        middle.addWidget(self._pages.bar)
        self._strips = QVBoxLayout()
        middle.addLayout(self._strips)
        middle.addWidget(self.canvas, 1)
        self._upper = QHBoxLayout()
        self._upper.setSpacing(0)
        self._upper.addWidget(self._tool_bar)
        self._upper.addLayout(middle, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._upper, 1)
        layout.addWidget(self.filmstrip)

    def _connect_session(self) -> None:
        session = self._session
        session.images_changed.connect(self._show_images)
        self.layers.queue.changed.connect(self._show_images)
        session.image_changed.connect(self._show_image_record)
        session.classes_changed.connect(self._show_regions_if_loaded)
        session.current_image_changed.connect(self._on_current_image_changed)
        session.document_changed.connect(self._on_document_changed)
        self._image.loaded.connect(self._on_image_loaded)
        self._image.huge_opened.connect(self._on_huge_opened)
        self._image.failed.connect(self._show_no_image)
        self._huge.failed.connect(self.tool_options.show_notice)
        self._huge.began.connect(self._tell_of_overview)
        self._huge.unpacking.connect(self._tell_of_unpacking)
        self._image.is_slow.connect(self._on_image_slow)

    def _connect_canvas(self) -> None:
        self.canvas.cursor_moved.connect(self._show_cursor)
        self.canvas.cursor_left.connect(functools.partial(self.cursor_text_changed.emit, ""))
        self.canvas.zoom_changed.connect(self.zoom_changed)
        self.editing.companions_changed.connect(self.canvas.set_companions)
        self.editing.noticed.connect(self.tool_options.show_notice)
        self.editing.told.connect(self.tool_options.show_news)
        self._class_choice.refused.connect(self.message_posted)
        self._class_choice.told.connect(self.tool_options.show_news)
        self._copying.noticed.connect(self.tool_options.show_notice)
        self._copying.copied.connect(self.note_posted)
        self._pages.told.connect(self.tool_options.show_news)
        self.filmstrip.image_chosen.connect(self._session.set_current_image)

    def _connect_actions(self) -> None:
        actions = self.actions_
        actions.undo.triggered.connect(self._session.undo)
        actions.redo.triggered.connect(self._session.redo)
        actions.delete.triggered.connect(self.editing.remove_selected)
        actions.duplicate.triggered.connect(self.editing.duplicate_selected)
        actions.snap.triggered.connect(self._snapping.snap_selected)
        actions.copy_to_next.triggered.connect(self._copying.start)

    # the image

    def _show_all(self) -> None:
        self._show_images()
        self.tools.show_undo()
        self.set_tool(ClickSegmentTool.name)
        if (record := self._session.current_image) is not None:
            self._on_current_image_changed(record)
        elif not self.filmstrip.count:
            self._show_no_image(self.tr("No image is chosen."))

    def _show_images(self) -> None:
        self._model.set_records(self.layers.queue.records())
        if (record := self._session.current_image) is not None:
            self.filmstrip.set_current(record.id)
        self._announce()

    def _show_image_record(self, image_id: int) -> None:
        self._model.replace_record(self._session.image(image_id))

    def _on_current_image_changed(self, record: ImageRecord | None) -> None:
        self.canvas.cancel_gesture()
        self._preparation.clear()
        # Until its pixels are there nothing can be drawn, least of all on the old ones.
        self.editing.image_size = QSize(0, 0)
        if record is None:
            self._show_no_image(self.tr("No image is chosen."))
            return
        self.filmstrip.set_current(record.id)
        self._announce()
        neighbours = self.filmstrip.neighbours(_PREFETCHED)
        paths = [self._session.image_path(other.id) for other in neighbours]
        self._image.set_path(self._session.image_path(record.id), paths)

    def _on_image_loaded(self, image: QImage) -> None:
        self._huge.close()
        self.canvas.set_image(image, self._image.halvings)
        self._window.set_image(self._image.path, image)
        self._begin_work(image.size())

    def _on_huge_opened(self, image: HugeImage) -> None:
        self._huge.show(image)
        self._window.set_huge(image)
        self._begin_work(self.canvas.image_size)

    def _begin_work(self, image_size: QSize) -> None:
        """Let the tools work on the image that the canvas shows now."""
        self.editing.image_size = image_size
        self._show_regions()
        self.tools.set_problem("")
        self.layers.set_image(self._image.path)
        if self._image.path is not None:
            following = self.filmstrip.neighbours(_ENCODED_AHEAD)
            paths = [self._session.image_path(record.id) for record in following]
            self._preparation.set_image(self._image.path, paths)
        self._copying.deliver()

    def _tell_of_overview(self) -> None:
        self.tool_options.show_news(
            self.tr("A very large image: its overview fills from the top. You can zoom in already.")
        )

    def _tell_of_unpacking(self) -> None:
        self.tool_options.show_news(
            self.tr("A very large image: it is unpacked once. What is there can be zoomed into.")
        )

    def _on_image_slow(self) -> None:
        self.canvas.set_placeholder(self.tr("Loading…"))

    def _show_no_image(self, why: str) -> None:
        self._copying.drop()
        self.canvas.set_placeholder(why)
        self._huge.close()
        self._window.set_image(None, None)
        self.layers.set_image(None)
        self.tools.set_problem(why)

    def _on_document_changed(self, _document: object) -> None:
        record = self._session.current_image
        if record is not None and self._image.path != self._session.image_path(record.id):
            # Another page of the same file.
            self._on_current_image_changed(record)
        self._show_regions_if_loaded()
        self.layers.document_changed()
        self.tools.show_hint()

    def _show_regions_if_loaded(self) -> None:
        # While its image is being loaded, the old one keeps its old regions.
        if not self.editing.image_size.isEmpty():
            self._show_regions()

    def _show_regions(self) -> None:
        self.canvas.set_regions(self._session.document, self._session.classes())

    def _announce(self) -> None:
        # What another page shows is its own to tell.
        if self.isVisible():
            strip = self.filmstrip
            self.selection_changed.emit(self._session.current_image, strip.position, strip.count)

    def _announce_zoom(self) -> None:
        if self.canvas.has_image:
            self.zoom_changed.emit(self.canvas.zoom_percent)

    def _on_tool_taken(self, tool: Tool) -> None:
        self._preparation.set_follows_view(isinstance(tool, ClickSegmentTool))
        self.layers.set_tool(tool)

    def _on_region_chosen(self, region_id: str) -> None:
        if (shape := self.canvas.shape(region_id)) is not None:
            self.canvas.show_box(shape.region.box)

    # the view

    def _show_cursor(self, x: int, y: int) -> None:
        self.cursor_text_changed.emit(f"{x}, {y}: {self._window.text_at(x, y)}")
