"""The open project's lists, read again in a thread while the operator goes on."""

import contextlib
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from inspector_app.services.background import Background
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS
from inspector_app.store.content import ProjectContent, read_content
from inspector_app.store.project import Project


class Reloading(QObject):
    """Brings what others have stored into the session, without holding up its window."""

    def __init__(
        self, session: ProjectSession, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._background = background

    def start(self, on_done: Callable[[], None] = lambda: None) -> None:
        """Read everything again; `on_done` follows on this thread once it is shown."""
        read = partial(_read, self._session.project.second_connection())
        revision = self._session.revision
        self._background.run(
            read, partial(self._show, revision, on_done), partial(self._on_error, on_done)
        )

    def _show(self, revision: int, on_done: Callable[[], None], content: ProjectContent) -> None:
        if self._session.revision != revision:
            # The operator has edited meanwhile; these lists lack it.
            self.start(on_done)
            return
        self._session.reload(content)
        on_done()

    def _on_error(self, on_done: Callable[[], None], error: Exception) -> None:
        if not isinstance(error, STORE_FAULTS):
            raise error
        # The session tells the operator what is wrong with the database.
        self._session.reload()
        on_done()


def _read(project: Project) -> ProjectContent:
    with contextlib.closing(project):
        return read_content(project)
