"""One worker process: started, spoken to, watched, stopped."""

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Qt, QTimer, Signal

import inspector_app
from inspector_app import paths
from inspector_app.protocol.base import PROTOCOL_VERSION
from inspector_app.protocol.codec import LineBuffer, ProtocolError, decode_event, encode
from inspector_app.protocol.messages import Command, Hello
from inspector_app.services.worker_end import WorkerEnd, explain_exit
from inspector_app.services.worker_log import WorkerLog

__all__ = ["WorkerEnd", "WorkerProcess"]

_TICKS_UNTIL_SILENT = 5

_log = logging.getLogger(__name__)


class WorkerProcess(QObject):
    """A worker with its pipes; tells events and its end, never blocks."""

    hello_received = Signal(object)
    """Hello."""
    event_received = Signal(object)
    """Event, the hello included."""
    ended = Signal(object)
    """WorkerEnd, exactly once after start()."""

    def __init__(
        self,
        command: list[str],
        *,
        hello_timeout_s: float = 120.0,
        heartbeat_timeout_s: float = 30.0,
        terminate_after_s: float = 10.0,
        kill_after_s: float = 5.0,
        max_line_bytes: int = 64 * 2**20,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._command = command
        self._hello_timeout_s = hello_timeout_s
        self._hello: Hello | None = None
        self._lines = LineBuffer(max_line_bytes=max_line_bytes)
        self._worker_log = WorkerLog()
        self._unsent: list[Command] = []
        self._was_asked = False
        self._has_ended = False
        self._verdict: tuple[str, str] | None = None
        """Why it is being killed: reason and hint."""
        self._create_process()
        self._create_timers(heartbeat_timeout_s, terminate_after_s, kill_after_s)

    def _create_process(self) -> None:
        self._process = QProcess(self)
        self._process.setProgram(self._command[0])
        self._process.setArguments(self._command[1:])
        self._process.setProcessEnvironment(_environment())
        self._process.readyReadStandardOutput.connect(self._read_events)
        self._process.readyReadStandardError.connect(self._read_log)
        self._process.finished.connect(self._on_finished)
        # Queued: on Windows it is emitted within start(), before anyone listens.
        self._process.errorOccurred.connect(self._on_error, Qt.ConnectionType.QueuedConnection)

    def _create_timers(
        self, heartbeat_timeout_s: float, terminate_after_s: float, kill_after_s: float
    ) -> None:
        self._hello_timer = _single_shot(self, self._hello_timeout_s, self._on_hello_timeout)
        self._terminate_timer = _single_shot(self, terminate_after_s, self._terminate)
        self._kill_timer = _single_shot(self, kill_after_s, self._process.kill)
        # Ticks are counted instead of time: a computer that slept, or a window that
        # was busy, must not take its own absence for the worker's.
        self._silent_ticks = 0
        self._heartbeat_timer = QTimer(self)
        self._heartbeat_timer.setInterval(round(heartbeat_timeout_s * 1000 / _TICKS_UNTIL_SILENT))
        self._heartbeat_timer.timeout.connect(self._count_silence)

    @property
    def hello(self) -> Hello | None:
        return self._hello

    @property
    def is_running(self) -> bool:
        return self._process.state() != QProcess.ProcessState.NotRunning

    @property
    def has_ended(self) -> bool:
        """Its end has been, or is being, told."""
        return self._has_ended

    def start(self) -> None:
        _log.info("starting %s", self._command)
        self._hello_timer.start()
        self._process.start()

    def send(self, command: Command) -> None:
        """Send now, or after the hello if that has not come yet; lost on a worker that ends."""
        if self._was_asked or self._verdict or self._has_ended:
            _log.info("%s was not sent: the worker is ending", command.type)
        elif self._hello is None:
            self._unsent.append(command)
        else:
            self._process.write(encode(command))

    def stop(self) -> None:
        """Climb the stop ladder: close stdin, terminate, kill. `ended` follows."""
        if self._was_asked or not self.is_running:
            return
        self._was_asked = True
        self._hello_timer.stop()
        self._heartbeat_timer.stop()
        self._process.closeWriteChannel()
        self._terminate_timer.start()

    def kill(self) -> None:
        """End it at once."""
        self._was_asked = True
        self._process.kill()

    def wait_for_end(self, timeout_s: float) -> bool:
        """Block until it has ended, for the program's end only; False if it has not in time."""
        return not self.is_running or self._process.waitForFinished(round(timeout_s * 1000))

    def log_tail(self, lines: int = 40) -> str:
        return self._worker_log.tail(lines)

    # ---------------------------------------------------------------- what it says

    def _read_events(self) -> None:
        chunk = bytes(self._process.readAllStandardOutput().data())
        try:
            lines = self._lines.feed(chunk)
        except ProtocolError as error:
            self._refuse_gibberish(error)
            return
        for line in lines:
            if self._verdict is not None:
                return
            self._read_line(line)

    def _read_line(self, line: bytes) -> None:
        try:
            event = decode_event(line)
        except ProtocolError as error:
            version = _protocol_version_of(line) if self._hello is None else PROTOCOL_VERSION
            if version == PROTOCOL_VERSION:
                self._refuse_gibberish(error)
            else:
                self._refuse_version(version)
            return
        self._silent_ticks = 0
        if isinstance(event, Hello):
            self._greet(event)
        elif self._hello is None:
            self._refuse_gibberish(ProtocolError(f"{event.type} before the hello"))
            return
        if self._verdict is None:
            self.event_received.emit(event)

    def _greet(self, hello: Hello) -> None:
        self._hello_timer.stop()
        if hello.protocol != PROTOCOL_VERSION:
            self._refuse_version(hello.protocol)
            return
        self._hello = hello
        if not self._was_asked:
            self._heartbeat_timer.start()
            for command in self._unsent:
                self._process.write(encode(command))
        self._unsent.clear()
        self.hello_received.emit(hello)

    def _read_log(self) -> None:
        self._worker_log.feed(bytes(self._process.readAllStandardError().data()))

    # ---------------------------------------------------------------- what is wrong with it

    def _refuse_version(self, version: int) -> None:
        self._end_because(
            self.tr(
                "The worker speaks version {theirs} of the protocol, this window {ours}."
            ).format(theirs=version, ours=PROTOCOL_VERSION),
            self.tr("Install Inspector again, so that all its parts are of one version."),
        )

    def _refuse_gibberish(self, error: ProtocolError) -> None:
        _log.error("the worker is not understood: %s", error)
        self._end_because(
            self.tr("The worker said something that is not understood, and was ended."),
            self.tr("Repeat the step. If it happens again, the log in {folder} says more.").format(
                folder=paths.log_folder()
            ),
        )

    def _on_hello_timeout(self) -> None:
        self._end_because(
            self.tr("The worker did not get ready within {seconds} seconds.").format(
                seconds=round(self._hello_timeout_s)
            ),
            self.tr("Close other programs, or wait until the drive is less busy; then try again."),
        )

    def _count_silence(self) -> None:
        self._silent_ticks += 1
        if self._silent_ticks > _TICKS_UNTIL_SILENT:
            self._end_because(
                self.tr("The worker stopped answering, and was ended."),
                self.tr("Repeat the step. If it happens again, use smaller images."),
            )

    def _end_because(self, reason: str, hint: str) -> None:
        if self._verdict is None:
            self._verdict = (reason, hint)
            self._process.kill()

    # ---------------------------------------------------------------- its end

    def _terminate(self) -> None:
        _log.warning("the worker did not end when its input did")
        self._process.terminate()
        self._kill_timer.start()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is not QProcess.ProcessError.FailedToStart:
            return
        self._verdict = (
            self.tr("The worker could not be started: {program}: {why}.").format(
                program=self._command[0], why=self._process.errorString()
            ),
            self.tr("Install Inspector again."),
        )
        self._finish(exit_code=-1, crashed=True)

    def _on_finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        self._read_events()
        self._read_log()
        by_signal = status is QProcess.ExitStatus.CrashExit
        if self._verdict is None and not self._was_asked:
            self._verdict = explain_exit(
                exit_code, by_signal=by_signal, last_words=self.log_tail(1)
            )
        self._finish(exit_code=exit_code, crashed=by_signal or exit_code != 0)

    def _finish(self, *, exit_code: int, crashed: bool) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        for timer in self.findChildren(QTimer):
            timer.stop()
        was_asked = self._was_asked and self._verdict is None
        reason, hint = self._verdict or ("", "")
        end = WorkerEnd(
            was_asked=was_asked,
            exit_code=exit_code,
            crashed=crashed and not was_asked,
            reason=reason,
            hint=hint,
            log_tail=self.log_tail(),
        )
        _log.info("the worker ended with %s: %s", exit_code, reason or "as it was told")
        self.ended.emit(end)


def _single_shot(parent: QObject, seconds: float, slot: Callable[[], object]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(round(seconds * 1000))
    timer.timeout.connect(slot)
    return timer


def _environment() -> QProcessEnvironment:
    environment = QProcessEnvironment.systemEnvironment()
    for name in list(environment.keys()):
        if name.startswith("QT_"):
            environment.remove(name)
    environment.insert("PYTHONUNBUFFERED", "1")
    environment.insert("PYTHONUTF8", "1")
    if not paths.is_frozen():
        # The program may have been started from another folder than the source tree.
        root = str(Path(inspector_app.__file__).resolve().parent.parent)
        inherited = environment.value("PYTHONPATH")
        environment.insert("PYTHONPATH", os.pathsep.join(filter(None, (root, inherited))))
    return environment


def _protocol_version_of(line: bytes) -> int:
    """Return the version a hello names even where the rest of it is not understood.

    A line that names none is taken for this version's.
    """
    try:
        message = json.loads(line)
    except ValueError:
        return PROTOCOL_VERSION
    if not isinstance(message, dict) or message.get("type") != "hello":
        return PROTOCOL_VERSION
    version = message.get("protocol")
    return version if isinstance(version, int) else PROTOCOL_VERSION
