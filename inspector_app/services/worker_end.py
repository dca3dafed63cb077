"""How a worker process ended, in words for the operator."""

import signal
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from inspector_app import paths

_KILL = 9
_POLITE_SIGNALS = {1: "SIGHUP", 2: "SIGINT", 15: "SIGTERM"}


@dataclass(frozen=True, slots=True)
class WorkerEnd:
    """How a worker process ended."""

    was_asked: bool
    """It was told to stop."""
    exit_code: int
    crashed: bool
    """Killed by a signal, or an exit code other than 0 without being asked."""
    reason: str
    """A sentence for the operator; empty if it was asked."""
    hint: str
    log_tail: str
    """The last lines of its log."""


def explain_exit(exit_code: int, *, by_signal: bool, last_words: str = "") -> tuple[str, str]:
    """Return reason and hint for a worker that ended without being asked.

    Args:
        exit_code: the signal's number where `by_signal` is set (Windows: the exception's).
        last_words: the last line of its log, which names the fault where Python ended it.
    """
    if not by_signal and exit_code == 0:
        return _tr("The worker ended without being asked."), _log_hint()
    # A shell or a launcher in between reports signal n as exit code 128 + n.
    number = exit_code if by_signal else exit_code - 128
    name = _signal_name(number)
    if not by_signal and not name:
        text = _tr("The worker ended with exit code {code}.").format(code=exit_code)
        return " ".join(filter(None, (text, last_words))), _log_hint()
    if number == _KILL:
        return (
            _tr("The worker was killed by the system, most likely because memory ran out."),
            _tr("Close other programs, or use smaller images or fewer images per step."),
        )
    if number in _POLITE_SIGNALS:
        return (
            _tr("The worker was ended by another program ({signal}).").format(signal=name),
            _log_hint(),
        )
    what = name or f"0x{exit_code & 0xFFFFFFFF:08X}"
    return _tr("The worker crashed ({signal}).").format(signal=what), _log_hint()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return ""


def _log_hint() -> str:
    return _tr("Repeat the step. If it happens again, the log in {folder} says more.").format(
        folder=paths.log_folder()
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("WorkerEnd", text)
