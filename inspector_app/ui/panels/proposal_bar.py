"""A line about the proposals of the image at hand, with what can be done with them and for more."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QMenu, QWidget

from inspector_app.domain.proposals import Scope
from inspector_app.services.model_proposals import ProposingModel
from inspector_app.ui.icons import icon
from inspector_app.ui.panels.status_strip import StatusStrip
from inspector_app.ui.wording import count_images, when_iso

_WIDEST_CHOICE_PX = 230


class ProposalBar(StatusStrip):
    """Shows and asks; which model is asked is chosen here."""

    counts_wanted = Signal()
    """The choice of images is about to be shown."""
    asked = Signal(str, str)
    """Run of the model, and a `Scope`."""
    cancel_requested = Signal()
    take_requested = Signal()
    dismiss_requested = Signal()
    words_requested = Signal()
    """A model is wanted that looks for words, without a training."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(lambda: icon("proposals"), parent)
        self.take_button = self.add_button(self.tr("Take all"))
        self.take_button.setToolTip(self.tr("Make regions of all proposals of this image (Enter)"))
        self.dismiss_button = self.add_button(self.tr("Dismiss all"))
        self.dismiss_button.setToolTip(self.tr("Do not propose these again (Backspace)"))
        self.model = QComboBox()
        self.model.setFocusPolicy(self.take_button.focusPolicy())
        self.model.setMaximumWidth(_WIDEST_CHOICE_PX)
        self.model.setToolTip(self.tr("The model that is asked"))
        self._row.addWidget(self.model)
        self.ask_button = self.add_button(self.tr("Propose"))
        self.words_button = self.add_button(self.tr("By words…"))
        self.words_button.setToolTip(
            self.tr("Have a published network look for what words name, without a training")
        )
        self._offers_words = False
        self.cancel_button = self.add_button(self.tr("Cancel"))
        self._create_menu()
        self.take_button.clicked.connect(self.take_requested)
        self.dismiss_button.clicked.connect(self.dismiss_requested)
        self.words_button.clicked.connect(self.words_requested)
        self.cancel_button.clicked.connect(self.cancel_requested)

    def _create_menu(self) -> None:
        menu = QMenu(self)
        texts = {
            Scope.CURRENT: self.tr("For this image"),
            Scope.UNMARKED: self.tr("For all images without regions"),
            Scope.ALL: self.tr("For all images"),
        }
        self._texts = texts
        self.scopes = {scope: menu.addAction(text) for scope, text in texts.items()}
        for scope, action in self.scopes.items():
            action.triggered.connect(lambda _=False, scope=scope: self._ask(scope))
        menu.aboutToShow.connect(self.counts_wanted)
        self.ask_button.setMenu(menu)

    def set_models(self, models: Sequence[ProposingModel]) -> None:
        """Offer these models, the first one by default; what was chosen stays."""
        wanted = self.model.currentData()
        if [one.run_id for one in models] == [
            self.model.itemData(row) for row in range(self.model.count())
        ]:
            return
        self.model.clear()
        for one in models:
            self.model.addItem(f"{one.title}, {when_iso(one.created_at)}", one.run_id)
        self.model.setCurrentIndex(max(0, self.model.findData(wanted)))

    def set_words_offered(self, *, is_offered: bool) -> None:
        """Offer words only where the weights that they need are on the shelf."""
        self._offers_words = is_offered

    def set_counts(self, counts: Mapping[Scope, int]) -> None:
        """Say how many images each choice is about."""
        for scope, action in self.scopes.items():
            action.setEnabled(counts[scope] > 0)
            if scope is not Scope.CURRENT:
                action.setText(f"{self._texts[scope]} ({count_images(counts[scope])})")

    def show_state(
        self, text: str, *, open_count: int, is_running: bool, can_ask: bool, can_decide: bool
    ) -> None:
        if is_running:
            self.show_running(text)
        else:
            self.say(text)
        for button in (self.take_button, self.dismiss_button):
            button.setVisible(open_count > 0 and can_decide)
        self.cancel_button.setVisible(is_running)
        self.ask_button.setVisible(can_ask and not is_running)
        self.words_button.setVisible(self._offers_words and can_decide and not is_running)
        self.model.setVisible(can_ask and not is_running and self.model.count() > 1)

    def _ask(self, scope: Scope) -> None:
        self.asked.emit(self.model.currentData(), scope.value)
