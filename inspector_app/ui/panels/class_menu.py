"""The menu of a class: rename, colour, merge, remove."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QInputDialog, QMenu, QMessageBox, QWidget

from inspector_app.domain.annotation import NUMBER_KEYS, DefectClass
from inspector_app.domain.errors import KnownError
from inspector_app.services.class_edits import ClassEdits
from inspector_app.services.session import ProjectSession
from inspector_app.ui.icons import icon
from inspector_app.ui.panels.regions import swatch


class ClassMenu(QObject):
    """Asks what is needed and has the session do it."""

    refused = Signal(str, str)
    """Message and hint."""
    book_requested = Signal(int)
    """Class id."""

    def __init__(self, session: ProjectSession, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._edits = ClassEdits(session)
        self._widget = parent

    def show_at(self, class_id: int, place: QPoint) -> None:
        """Open the menu of a class at a place on the screen."""
        if not self._session.is_read_only:
            menu = self.menu_of(self._session.class_by_id(class_id))
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(place)

    def menu_of(self, defect_class: DefectClass) -> QMenu:
        """Return the menu; whoever asked for it deletes it."""
        menu = QMenu(self._widget)
        menu.addAction(self.tr("Rename…")).triggered.connect(lambda: self._rename(defect_class))
        menu.addAction(self.tr("Colour…")).triggered.connect(lambda: self._colour(defect_class))
        self._add_keys(menu, defect_class)
        others = [one for one in self._session.classes() if one.id != defect_class.id]
        merging = menu.addMenu(self.tr("Merge into"))
        merging.setEnabled(bool(others))
        for other in others:
            action = merging.addAction(swatch(other.colour), other.name)
            action.triggered.connect(
                lambda _=False, target=other: self._merge(defect_class, target)
            )
        menu.addSeparator()
        book = menu.addAction(self.tr("Description and examples…"))
        book.triggered.connect(lambda: self.book_requested.emit(defect_class.id))
        removing = menu.addAction(icon("delete"), self.tr("Remove"))
        removing.triggered.connect(lambda: self._remove(defect_class))
        return menu

    def _add_keys(self, menu: QMenu, defect_class: DefectClass) -> None:
        keys = menu.addMenu(self.tr("Key"))
        for key in (None, *range(1, NUMBER_KEYS + 1)):
            action = keys.addAction(
                self.tr("By its place in the list") if key is None else str(key)
            )
            action.setCheckable(True)
            action.setChecked(defect_class.number_key == key)
            action.triggered.connect(
                lambda _=False, key=key: self._try(
                    lambda: self._edits.set_number_key(defect_class.id, key)
                )
            )

    def _rename(self, defect_class: DefectClass) -> None:
        name, is_accepted = QInputDialog.getText(
            self._widget,
            self.tr("Rename class"),
            self.tr("New name of “{name}”:").format(name=defect_class.name),
            text=defect_class.name,
        )
        if is_accepted and name.strip() != defect_class.name:
            self._try(lambda: self._edits.rename(defect_class.id, name))

    def _colour(self, defect_class: DefectClass) -> None:
        colour = QColorDialog.getColor(
            QColor(defect_class.colour), self._widget, self.tr("Colour of the class")
        )
        if colour.isValid():
            self._try(lambda: self._edits.set_colour(defect_class.id, colour.name()))

    def _merge(self, source: DefectClass, target: DefectClass) -> None:
        count = self._edits.count_regions(source.id)
        question = self.tr(
            "{count} regions of “{source}” become “{target}”, and “{source}” is removed.\n"
            "This and the steps before it cannot be undone."
        ).format(count=count, source=source.name, target=target.name)
        if self._confirms(self.tr("Merge classes"), question):
            self._try(lambda: self._edits.merge(source.id, target.id))

    def _remove(self, defect_class: DefectClass) -> None:
        self._try(lambda: self._edits.remove(defect_class.id))

    def _confirms(self, title: str, question: str) -> bool:
        answer = QMessageBox.question(self._widget, title, question)
        return answer == QMessageBox.StandardButton.Yes

    def _try(self, change: Callable[[], None]) -> None:
        try:
            change()
        except KnownError as error:
            self.refused.emit(error.message, error.hint)
