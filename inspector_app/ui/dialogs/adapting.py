"""The click model of a project: what it could learn from, what has come of it, and back again."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inspector_app.protocol.adapting import LEAST_REGIONS
from inspector_app.protocol.messages import Progress
from inspector_app.services.click_adapting import Adapted, ClickAdapting
from inspector_app.ui.icons import icon, primary_icon
from inspector_app.ui.panels.progress_row import ProgressRow
from inspector_app.ui.theme import make_muted
from inspector_app.ui.wording import count_regions

_WIDTH_PX = 560
_CLICKS = (1, 3, 5)
_MAX_NAMED = 3


class AdaptingDialog(QDialog):
    """Asks for it and shows it; can be closed while it goes on."""

    def __init__(self, adapting: ClickAdapting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._adapting = adapting
        self.setWindowTitle(self.tr("Adapt the click model"))
        self.setFixedWidth(_WIDTH_PX)
        self._create_widgets()
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def text(self) -> str:
        """What was said last."""
        return self._outcome.text()

    def figure(self, name: str) -> str:
        """Return what is shown of ``before_1``, ``after_1``, …"""
        return self._cells[name].text()

    def refresh(self) -> None:
        """Show what there is to learn from, and whether there is an adapted model."""
        adapting = self._adapting
        count, is_busy = adapting.region_count, adapting.is_at_work
        regions = count_regions(count)
        if count < LEAST_REGIONS:
            text = self.tr("{regions} drawn so far; {count} are needed.")
            self._data.setText(text.format(regions=regions, count=LEAST_REGIONS))
        else:
            text = self.tr("{regions} to learn from; a fifth is held out to compare with.")
            self._data.setText(text.format(regions=regions))
        self._present.setVisible(adapting.has_adapted)
        self.forget_button.setVisible(adapting.has_adapted)
        self.forget_button.setDisabled(is_busy)
        self.start_button.setEnabled(count >= LEAST_REGIONS and not is_busy)
        self._progress.setVisible(is_busy)
        self._fit()

    def show_progress(self, progress: Progress) -> None:
        self._progress.set_progress(progress.done, progress.total)

    def show_ended(self, adapted: Adapted) -> None:
        held_out = count_regions(int(adapted.figures["held_out"]))
        if adapted.is_kept:
            text = self.tr("Kept: on {regions} that it has not learned from it is better.")
        else:
            text = self.tr("Discarded: on {regions} that it has not learned from it is no better.")
        lines = [text.format(regions=held_out), *_told(adapted.remarks)]
        self._say("\n".join(lines))
        self._show_figures(adapted)
        self.refresh()

    def show_failed(self, text: str) -> None:
        self._say(text)
        self.refresh()

    def _create_widgets(self) -> None:
        self._about = make_muted(
            self.tr(
                "The click model learns from the regions of this project and then outlines such "
                "defects with fewer clicks. It takes some minutes in the background. It is kept "
                "only if it is better on regions that it has not learned from."
            )
        )
        self._data = QLabel()
        self._present = QLabel(self.tr("This project has an adapted click model."))
        self._outcome = QLabel()
        self._outcome.setWordWrap(True)
        self._outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._outcome.hide()
        self._figures = QWidget()
        self._figures.hide()
        self._progress = ProgressRow()
        self.forget_button = QPushButton(self.tr("Go back to the program’s own model"))
        self.start_button = QPushButton(primary_icon("play"), self.tr(" Adapt"))
        self.start_button.setProperty("role", "primary")
        self.close_button = QPushButton(icon("close"), self.tr(" Close"))
        self.close_button.setAutoDefault(False)
        self._create_figures()

    def _create_figures(self) -> None:
        grid = QGridLayout(self._figures)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        self._cells: dict[str, QLabel] = {}
        for column, clicks in enumerate(_CLICKS, 1):
            head = self.tr("1 click") if clicks == 1 else self.tr("{n} clicks").format(n=clicks)
            grid.addWidget(make_muted(head), 0, column)
            for row, when in enumerate(("before", "after"), 1):
                cell = self._cells[f"{when}_{clicks}"] = QLabel()
                grid.addWidget(cell, row, column)
        overlap = make_muted(self.tr("Overlap after"))
        overlap.setToolTip(self.tr("Intersection over union with what was drawn, on average"))
        grid.addWidget(overlap, 0, 0)
        grid.addWidget(QLabel(self.tr("Before")), 1, 0)
        grid.addWidget(QLabel(self.tr("Adapted")), 2, 0)
        grid.setColumnStretch(len(_CLICKS) + 1, 1)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        for widget in (
            self._about,
            self._data,
            self._present,
            self._outcome,
            self._figures,
            self._progress,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.forget_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.start_button)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        adapting = self._adapting
        self.start_button.clicked.connect(self._start)
        self.forget_button.clicked.connect(adapting.forget)
        self.close_button.clicked.connect(self.close)
        self._progress.stop_requested.connect(self._stop)
        adapting.changed.connect(self.refresh)
        adapting.progressed.connect(self.show_progress)
        adapting.ended.connect(self.show_ended)
        adapting.failed.connect(self.show_failed)

    def _start(self) -> None:
        self._outcome.hide()
        self._figures.hide()
        self._progress.begin(self.tr("Adapting the click model"))
        self._adapting.start()
        self.refresh()

    def _stop(self) -> None:
        self._adapting.cancel()
        self._say(self.tr("Stopped; the click model is as it was."))
        self.refresh()

    def _fit(self) -> None:
        """Make room for what is shown now; Qt does not where lines are wrapped."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.setFixedHeight(layout.totalHeightForWidth(_WIDTH_PX))

    def _say(self, text: str) -> None:
        self._outcome.setText(text)
        self._outcome.show()

    def _show_figures(self, adapted: Adapted) -> None:
        for name, cell in self._cells.items():
            cell.setText(f"{adapted.figures[name]:.2f}")
        self._figures.show()


def _told(remarks: Sequence[str]) -> list[str]:
    """Return the first remarks, and how many more there are."""
    more = len(remarks) - _MAX_NAMED
    return [*remarks[:_MAX_NAMED], *([f"… + {more}"] if more > 0 else [])]
