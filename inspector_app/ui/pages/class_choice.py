"""Which class new regions get, and all that can be done to the classes of the project."""

from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from inspector_app.domain.annotation import number_keys
from inspector_app.domain.errors import KnownError
from inspector_app.services.class_edits import ClassEdits
from inspector_app.services.session import ProjectSession
from inspector_app.ui.canvas.cutouts import cut_out
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.tools.select import SelectTool
from inspector_app.ui.canvas.view import Canvas
from inspector_app.ui.pages.annotate_actions import AnnotateActions
from inspector_app.ui.panels.class_menu import ClassMenu
from inspector_app.ui.panels.classes import ClassesPanel


class ClassChoice(QObject):
    """Takes the number keys, the list of classes and its menu."""

    refused = Signal(str, str)
    """Message and hint."""
    told = Signal(str)
    """What was done, for the moment."""

    def __init__(
        self, page: QWidget, session: ProjectSession, editing: Editing, canvas: Canvas
    ) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._editing = editing
        self._canvas = canvas
        self._edits = ClassEdits(session)
        self._menu = ClassMenu(session, page)
        self._menu.refused.connect(self.refused)
        self._menu.book_requested.connect(self.open_book)

    def connect_to(self, panel: ClassesPanel, actions: AnnotateActions) -> None:
        """Listen to the list and to the keys."""
        panel.class_chosen.connect(self.choose)
        panel.class_add_requested.connect(self.add)
        panel.menu_requested.connect(self._menu.show_at)
        panel.book_requested.connect(self.open_book)
        for key, action in enumerate(actions.classes, start=1):
            action.triggered.connect(partial(self.choose_by_key, key))
        actions.add_example.triggered.connect(self.add_example)

    def choose(self, class_id: int) -> None:
        """Give new regions this class, and the selected one where that is what is worked on."""
        self._editing.set_current_class(class_id)
        # With a drawing tool in hand the region just drawn is still selected, but the
        # key is meant for the next one.
        if isinstance(self._canvas.tool, SelectTool):
            self._editing.set_class_of_selected(class_id)

    def choose_by_key(self, key: int) -> None:
        chosen = number_keys(self._session.classes()).get(key)
        if chosen is not None:
            self.choose(chosen.id)

    def add(self, name: str) -> None:
        try:
            added = self._session.add_class(name)
        except KnownError as error:
            self.refused.emit(error.message, error.hint)
            return
        self._editing.set_current_class(added.id)
        self._canvas.setFocus()

    def add_example(self) -> None:
        """Put a cut-out of the selected region into the defect book."""
        region, record = self._editing.selected, self._session.current_image
        if region is None or record is None:
            return
        picture = cut_out(self._canvas, region.box)
        if picture is None:
            return
        try:
            self._edits.add_example(region.class_id, record.relative_path, picture)
        except KnownError as error:
            self.refused.emit(error.message, error.hint)
            return
        name = self._session.class_by_id(region.class_id).name
        self.told.emit(self.tr("Added to the defect book of “{name}”.").format(name=name))

    def open_book(self, class_id: int = 0) -> None:
        """Show the defect book, at a class if one is named."""
        from inspector_app.ui.dialogs.defect_book import DefectBook  # noqa: PLC0415  (start time)

        DefectBook(self._session, class_id, self._page).exec()
