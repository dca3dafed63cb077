"""From image to image: by steps, by what is still to be reviewed, and by a verdict."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.services.session import ProjectSession
from inspector_app.ui.pages.annotate_actions import AnnotateActions
from inspector_app.ui.panels.annotation_side import AnnotationSide
from inspector_app.ui.panels.filmstrip import Filmstrip


class GoingOn(QObject):
    """Does what the keys for going on ask."""

    noticed = Signal(str)
    """There is nowhere to go."""

    def __init__(
        self, session: ProjectSession, filmstrip: Filmstrip, side: AnnotationSide, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._filmstrip = filmstrip
        self._side = side

    def connect_to(self, actions: AnnotateActions) -> None:
        """Listen to keys, menu and the buttons of the verdict."""
        actions.next.triggered.connect(partial(self.step, 1))
        actions.previous.triggered.connect(partial(self.step, -1))
        actions.next_unreviewed.triggered.connect(self.go_to_next_unreviewed)
        self._side.verdict.verdict_chosen.connect(self.give_verdict)
        for verdict, action in actions.verdicts.items():
            action.triggered.connect(partial(self.give_verdict, verdict))

    def give_verdict(self, verdict: ImageVerdict) -> None:
        """Say OK, NG or unsure of the image, and go to the next."""
        if self._session.is_read_only or self._session.document is None:
            return
        if self._session.set_verdict(verdict):
            self.step(1)

    def step(self, rows: int) -> None:
        self._side.review.finish()
        if not self._filmstrip.step(rows):
            last, first = self.tr("This is the last image."), self.tr("This is the first image.")
            self.noticed.emit(last if rows > 0 else first)

    def go_to_next_unreviewed(self) -> None:
        self._side.review.finish()
        if not self._filmstrip.go_to_next_unreviewed():
            self.noticed.emit(self.tr("Every image was reviewed."))
