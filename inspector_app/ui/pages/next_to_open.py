"""The image chosen on the dataset page is decoded before it is opened."""

from PySide6.QtCore import QTimer

from inspector_app.domain.dataset import ImageRecord
from inspector_app.services.images import Images
from inspector_app.services.session import ProjectSession
from inspector_app.ui.pages.dataset import DatasetPage

_REST_MS = 80
"""Longer than between two repeats of a held key, shorter than between two clicks."""


class NextToOpen(QTimer):
    """Lives with the page whose selection it follows."""

    def __init__(self, page: DatasetPage, session: ProjectSession, images: Images) -> None:
        super().__init__(page, singleShot=True, interval=_REST_MS)
        self._session = session
        self._images = images
        self._record: ImageRecord | None = None
        page.selection_changed.connect(self._wait)
        # At once: the page that shows it may have to be made first.
        page.image_activated.connect(self._fetch)
        self.timeout.connect(self._fetch)

    def _wait(self, record: ImageRecord | None) -> None:
        self._record = record
        self.start()

    def _fetch(self) -> None:
        page = self.parent()
        if self._record is not None and isinstance(page, DatasetPage) and page.isVisible():
            self._images.prefetch([self._session.image_path(self._record.id)])
