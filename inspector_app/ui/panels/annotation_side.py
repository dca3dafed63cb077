"""The column right of the canvas: verdict, regions, classes and the look of the view."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from inspector_app.domain.document import Document
from inspector_app.services.session import ProjectSession
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.panels.adjust import AdjustPanel
from inspector_app.ui.panels.classes import ClassesPanel
from inspector_app.ui.panels.regions import RegionsPanel
from inspector_app.ui.panels.review import ReviewPanel
from inspector_app.ui.panels.section import Section
from inspector_app.ui.panels.verdict import VerdictPanel
from inspector_app.ui.theme import MARGIN_PX, PANEL_WIDTH_PX, SPACING_PX


class AnnotationSide(QFrame):
    """Shows what is said of the current image."""

    region_chosen = Signal(str)
    """Region id, chosen in the list."""

    def __init__(
        self, session: ProjectSession, editing: Editing, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "side")
        self.setFixedWidth(PANEL_WIDTH_PX)
        self._session = session
        self._editing = editing
        self.regions = RegionsPanel()
        self.classes = ClassesPanel()
        self.verdict = VerdictPanel()
        self.review = ReviewPanel()
        self.adjust = AdjustPanel()
        self._lay_out()
        self._connect()
        self._show_classes()
        self._show_document(session.document)
        self.classes.set_read_only(session.is_read_only)
        self.verdict.setDisabled(session.is_read_only)
        self.review.set_read_only(is_read_only=session.is_read_only)

    def _lay_out(self) -> None:
        self._regions_section = Section(self.tr("Regions"), self.regions, stretches=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN_PX, SPACING_PX, MARGIN_PX, MARGIN_PX)
        layout.setSpacing(SPACING_PX)
        layout.addWidget(Section(self.tr("Image"), self._image_box()))
        layout.addWidget(self._regions_section, 3)
        layout.addWidget(Section(self.tr("Classes"), self.classes, stretches=True), 2)
        layout.addWidget(Section(self.tr("Adjust view"), self.adjust, is_open=False))
        layout.addStretch(0)

    def _image_box(self) -> QWidget:
        box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING_PX // 2)
        layout.addWidget(self.verdict)
        layout.addWidget(self.review)
        return box

    def _connect(self) -> None:
        self._session.document_changed.connect(self._show_document)
        self._session.classes_changed.connect(self._show_all)
        self._editing.class_changed.connect(self._show_classes)
        self._editing.selection_changed.connect(self._show_selected)
        self._editing.companions_changed.connect(self._show_selected)
        self.regions.regions_chosen.connect(self._choose_regions)
        self.review.review_chosen.connect(self._session.set_review)
        self.review.note_written.connect(self._write_note)
        self.regions.duplicate_requested.connect(self._editing.duplicate_selected)

    def _show_all(self) -> None:
        self._show_classes()
        self._show_document(self._session.document)

    def _show_document(self, document: Document | None) -> None:
        self.regions.set_document(document, self._session.classes())
        self._show_selected()
        count = len(document.regions) if document else 0
        self._regions_section.set_note(str(count) if count else "")
        self.verdict.set_verdict(document.verdict if document else None)
        self.review.setEnabled(document is not None)
        if document is not None:
            self.review.set_review(document.review, document.note)

    def _write_note(self, note: str) -> None:
        if self._session.document is not None:
            self._session.set_note(note)

    def _show_classes(self) -> None:
        self.classes.set_classes(self._session.classes(), self._editing.current_class)

    def _show_selected(self) -> None:
        self.regions.set_selected([region.id for region in self._editing.all_selected])

    def _choose_regions(self, region_ids: list[str]) -> None:
        self._editing.select_all(region_ids)
        if region_ids:
            self.region_chosen.emit(region_ids[0])
