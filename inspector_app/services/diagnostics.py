"""What nobody caught: written to a log that cannot grow without end, and told to the operator."""

import contextlib
import faulthandler
import logging
import sys
import threading
import time
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

from inspector_app import __version__
from inspector_app.domain.errors import KnownError
from inspector_app.services.worker_log import WORKER_LOGGER

LOG_FILE = "inspector.log"
WORKER_LOG_FILE = "worker.log"
CRASH_FILE = "crash.log"

_MAX_BYTES = 2 * 2**20
_BACKUPS = 4
_FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
_SAME_FAULT_QUIET_S = 10.0
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

_log = logging.getLogger(__name__)
_qt_log = logging.getLogger("qt")


class Diagnostics(QObject):
    """Hooks for exceptions, Qt's messages and native crashes, and the program's log files."""

    fault_found = Signal(str, str)
    """A fault that nobody caught: message and hint; from any thread."""

    def __init__(self, log_folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_folder = log_folder
        self._handlers: list[tuple[logging.Logger, logging.Handler]] = []
        self._crash_file: TextIO | None = None
        self._had_faulthandler = False
        self._told: dict[str, float] = {}
        """When a fault was told last, by its kind and place."""
        self._is_installed = False

    @property
    def log_file(self) -> Path:
        return self._log_folder / LOG_FILE

    def install(self) -> None:
        """Set the hooks and open the log; without a log where its folder cannot be written."""
        if self._is_installed:
            return
        self._is_installed = True
        try:
            self._open_files()
        except OSError as error:
            _log.warning("no log is kept: %s", error)
        self._hooks_before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable
        qInstallMessageHandler(_log_qt_message)
        _log.info("Inspector %s, Python %s, %s", __version__, sys.version, sys.platform)

    def uninstall(self) -> None:
        """Put everything back; at the program's end, before Python is torn down under Qt."""
        if not self._is_installed:
            return
        self._is_installed = False
        qInstallMessageHandler(None)
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks_before
        for logger, handler in self._handlers:
            logger.removeHandler(handler)
            handler.close()
        self._handlers.clear()
        if self._crash_file is not None:
            faulthandler.disable()
            self._crash_file.close()
            self._crash_file = None
            if self._had_faulthandler and sys.__stderr__ is not None:
                faulthandler.enable(sys.__stderr__)

    def report(self, error: BaseException) -> None:
        """Log a fault and tell it; may be called from any thread.

        One that comes again and again, as from painting, is logged and told every ten seconds.
        """
        place = _place(error)
        now = time.monotonic()
        if now - self._told.get(place, -_SAME_FAULT_QUIET_S) < _SAME_FAULT_QUIET_S:
            return
        self._told[place] = now
        if isinstance(error, KnownError):
            _log.error("not caught: %s", error)
            self.fault_found.emit(error.message, error.hint)
            return
        _log.critical("not caught", exc_info=error)
        text = traceback.format_exception_only(error)[-1].strip()
        self.fault_found.emit(
            self.tr("A fault in the program: {error}").format(error=text),
            self.tr("Your work is stored. If it happens again, send us the log: {file}").format(
                file=self.log_file
            ),
        )

    def _open_files(self) -> None:
        self._log_folder.mkdir(parents=True, exist_ok=True)
        root, worker = logging.getLogger(), logging.getLogger(WORKER_LOGGER)
        self._add_handler(root, LOG_FILE, _FORMAT)
        self._add_handler(worker, WORKER_LOG_FILE, "%(asctime)s %(message)s")
        root.setLevel(min(root.level, logging.INFO))
        worker.propagate = False
        crash_path = self._log_folder / CRASH_FILE
        is_large = crash_path.exists() and crash_path.stat().st_size > _MAX_BYTES
        self._crash_file = crash_path.open("w" if is_large else "a", encoding="utf-8")
        self._had_faulthandler = faulthandler.is_enabled()
        faulthandler.enable(self._crash_file)

    def _add_handler(self, logger: logging.Logger, file_name: str, line_format: str) -> None:
        handler = RotatingFileHandler(
            self._log_folder / file_name,
            maxBytes=_MAX_BYTES,
            backupCount=_BACKUPS,
            encoding="utf-8",
            errors="backslashreplace",
        )
        handler.setFormatter(logging.Formatter(line_format))
        logger.addHandler(handler)
        self._handlers.append((logger, handler))

    def _on_exception(
        self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        self.report(error)

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self.report(arguments.exc_value)

    def _on_unraisable(self, arguments: "sys.UnraisableHookArgs") -> None:
        # No message: it comes from a destructor, and nothing was lost by it.
        _log.error(
            "%s: %r", arguments.err_msg, arguments.object, exc_info=arguments.exc_value or True
        )


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(error)
    return f"{type(error).__qualname__} {where}"


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    # Whatever happens here must not raise: Qt calls it from its own C++ code.
    with contextlib.suppress(Exception):
        _qt_log.log(_QT_LEVELS.get(kind, logging.WARNING), "%s: %s", context.category, message)
