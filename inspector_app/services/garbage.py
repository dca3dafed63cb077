"""Reference cycles are collected on the GUI thread, and nowhere else."""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class GarbageCollector(QObject):
    """Takes Python's cycle collector over, for the rest of the process.

    Left alone it runs in whichever thread happens to allocate. A Qt object of the
    window that dies in a pool thread this way takes the program down: its timers
    and children belong to the window's thread.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        # Not gc.get_freeze_count(), which walks through all that is frozen.
        if gc.isenabled():
            gc.disable()
            # What the program has imported stays to its end; walking through it would
            # hold the window up for a tenth of a second every time.
            gc.freeze()
        timer = QTimer(self)
        timer.setInterval(_EVERY_MS)
        timer.timeout.connect(collect_due)
        timer.start()


def collect_due() -> None:
    """Collect what Python would have collected by now; call on the GUI thread."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if counts[generation] > thresholds[generation]:
            gc.collect(generation)
            return
