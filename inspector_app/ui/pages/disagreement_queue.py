"""The images of Annotate narrowed to those where a model and the labels contradict each other."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from inspector_app.domain.dataset import ImageRecord
from inspector_app.domain.image_filter import by_strength
from inspector_app.services.judgements import Judgements
from inspector_app.services.session import ProjectSession
from inspector_app.ui.icons import icon
from inspector_app.ui.panels.status_strip import StatusStrip
from inspector_app.ui.wording import count_images, disagreement_reason, disagreement_reasons


class DisagreementQueue(QObject):
    """The strongest first; the list stays as it was while it is gone through."""

    changed = Signal()
    """Other images are listed."""

    def __init__(
        self,
        session: ProjectSession,
        judgements: Judgements,
        action: QAction,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._judgements = judgements
        self._action = action
        self._strengths: dict[str, float] = {}
        """Of the listed images, as they were when the list was made."""
        self.strip = StatusStrip(lambda: icon("filter"))
        self.end_button = self.strip.add_button(self.tr("Show all images"))
        self.end_button.clicked.connect(lambda: action.setChecked(False))
        action.toggled.connect(self._begin)
        judgements.changed.connect(self._offer)
        judgements.compared.connect(self._offer)
        session.document_changed.connect(self.refresh)
        self._offer()

    def records(self) -> list[ImageRecord]:
        """Return the images to be listed."""
        images = self._session.images()
        return by_strength(images, self._strengths) if self._action.isChecked() else images

    def remark(self, record: ImageRecord) -> str:
        """Return where model and labels of an image disagree, a line for each, if they do."""
        return "\n".join(disagreement_reasons(self._judgements.disagreements(record)))

    def refresh(self) -> None:
        """Say what is in question in the image at hand."""
        if not self._action.isChecked():
            self.strip.hide()
            return
        current = self._session.current_image
        found = self._judgements.disagreements(current) if current is not None else ()
        text = self.tr("Model and labels of this image agree.")
        if found:
            text = disagreement_reason(found[0])
        if len(found) > 1:
            text += " " + self.tr("And {count} more here.").format(count=len(found) - 1)
        self.strip.say(f"{count_images(len(self._strengths))} · {text}")

    def _begin(self) -> None:
        self._strengths = dict(self._judgements.strengths)
        self.changed.emit()
        records = self.records()
        if self._action.isChecked() and records:
            self._session.set_current_image(records[0].id)
        self._offer()

    def _offer(self) -> None:
        is_on = self._action.isChecked()
        self._action.setEnabled(is_on or self._judgements.has_disagreements)
        self.refresh()
