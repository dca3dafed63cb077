"""The page of a file with several: how many there are, and which is worked on."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.dataset import ImageRecord
from inspector_app.domain.edits import SetPage
from inspector_app.domain.pages import PagesFound, count_pages, files_of_several_pages
from inspector_app.domain.tiff_pages import is_tiff
from inspector_app.services.background import URGENT, Background, Task
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.store.pages import choose_where_untouched


class PageChoice(QObject):
    """Of the current image, or of all images like it."""

    counted = Signal(int)
    """Pages of the current image's file."""
    chosen_for_all = Signal(int)
    """How many other images have the page now."""

    def __init__(self, session: ProjectSession, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._background = background
        self._counts: dict[str, int] = {}
        """By relative path."""
        self._task: Task | None = None

    def count(self, record: ImageRecord) -> int:
        """Return the number of pages, 1 until it is known; `counted` tells it later."""
        if not is_tiff(record.name):
            return 1
        name = record.relative_path
        if name in self._counts:
            return self._counts[name]
        path = self._session.image_folder / name
        self._background.run(partial(count_pages, path), partial(self._keep, name), priority=URGENT)
        return 1

    def choose(self, page: int) -> bool:
        """Work on a page of the current image, as a step that can be undone; False if refused."""
        document = self._session.document
        if document is None or document.page == page:
            return True
        if document.regions:
            self._session.refused.emit(
                self.tr("Regions are drawn on this page."),
                self.tr("remove them before you choose another one"),
            )
            return False
        return self._session.perform(self.tr("Choose page"), SetPage(document.page, page))

    def choose_for_all(self, page: int) -> None:
        """Likewise of all files of as many pages on which nothing was drawn; cannot be undone."""
        record = self._session.current_image
        if record is None or self._task is not None or not self.choose(page):
            return
        folder = self._session.image_folder
        names = [other.relative_path for other in self._session.images() if is_tiff(other.name)]
        count = self._counts.get(record.relative_path, 1)
        self._task = self._background.run(
            partial(files_of_several_pages, folder, names),
            partial(self._choose_where, page, count),
            self._on_error,
        )

    def _keep(self, name: str, count: int) -> None:
        self._counts[name] = count
        record = self._session.current_image
        if record is not None and record.relative_path == name:
            self.counted.emit(count)

    def _choose_where(self, page: int, count: int, found: PagesFound) -> None:
        self._task = None
        self._counts.update(found)
        names = [name for name, pages in found if pages == count]
        try:
            changed = choose_where_untouched(self._session.project, page, names)
        except STORE_FAULTS as error:
            self._session.refused.emit(*explain_fault(error, self._session.folder))
            return
        self._session.reload()
        self.chosen_for_all.emit(changed)

    def _on_error(self, error: Exception) -> None:
        self._task = None
        self._background.bug_found.emit(error)
