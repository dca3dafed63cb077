"""Results on their way into the database: many in one transaction, none for long."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from inspector_app.domain.jobs import ResultRecord

_MAX_RESULTS = 64
_MAX_AGE_MS = 200


class ResultBatches(QObject):
    """Collects results and hands them on when there are enough, or the first has waited enough."""

    def __init__(self, store: Callable[[list[ResultRecord]], None], parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._results: list[ResultRecord] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_MAX_AGE_MS)
        self._timer.timeout.connect(self.flush)

    def add(self, result: ResultRecord) -> None:
        self._results.append(result)
        if len(self._results) >= _MAX_RESULTS:
            self.flush()
        elif not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Hand on what there is."""
        self._timer.stop()
        if self._results:
            results, self._results = self._results, []
            self._store(results)
