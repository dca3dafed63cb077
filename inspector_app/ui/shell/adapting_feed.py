"""The dialog that adapts the click model, and its job in the status line while it is closed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from inspector_app.protocol.messages import Progress
from inspector_app.services.click_adapting import Adapted, ClickAdapting
from inspector_app.ui.shell.banners import Banners
from inspector_app.ui.shell.status import JobView, StatusLine

if TYPE_CHECKING:
    from inspector_app.ui.dialogs.adapting import AdaptingDialog

_KEY = "adapting"


class AdaptingFeed(QObject):
    """Lives as long as the project; the operator works on meanwhile."""

    def __init__(
        self,
        adapting: ClickAdapting,
        status: StatusLine,
        banners: Banners,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._adapting = adapting
        self._status = status
        self._banners = banners
        self._window = window
        self.dialog: AdaptingDialog | None = None
        adapting.progressed.connect(self._show_progress)
        adapting.ended.connect(self._tell_end)
        adapting.failed.connect(self._tell_failure)
        status.cancel_requested.connect(self._cancel)

    def show_dialog(self) -> None:
        """Open the dialog, or bring the open one to the front."""
        from inspector_app.ui.dialogs.adapting import AdaptingDialog  # noqa: PLC0415  (start time)

        if self.dialog is None:
            self.dialog = AdaptingDialog(self._adapting, self._window)
        self.dialog.refresh()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def close(self) -> None:
        """Take the dialog of a project away that is closed."""
        self._status.end_job(_KEY)
        if self.dialog is not None:
            self.dialog.close()
            self.dialog.deleteLater()
            self.dialog = None

    @property
    def _is_seen(self) -> bool:
        return self.dialog is not None and self.dialog.isVisible()

    def _show_progress(self, progress: Progress) -> None:
        text = self.tr("Adapting the click model")
        self._status.set_job(_KEY, JobView(text, progress.done, progress.total, can_cancel=True))

    def _cancel(self, key: str) -> None:
        if key == _KEY:
            self._adapting.cancel()
            self._status.end_job(_KEY)
            if self.dialog is not None:
                self.dialog.refresh()

    def _tell_end(self, adapted: Adapted) -> None:
        self._status.end_job(_KEY)
        if self._is_seen:
            return
        if adapted.is_kept:
            self._banners.show_info(
                self.tr(
                    "There is a click model adapted to this project now: “Adapted network”, "
                    "in the options of the click tool."
                )
            )
        else:
            self._banners.show_info(
                self.tr("Adapting has not made the click model better; it stays as it was.")
            )

    def _tell_failure(self, text: str) -> None:
        self._status.end_job(_KEY)
        if not self._is_seen:
            self._banners.show_error(text, "")
