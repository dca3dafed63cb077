"""The command line's log file; its own, because the window may be writing its log just now."""

import contextlib
import logging
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

from inspector_app import paths

_FORM = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def log_file() -> Path:
    return paths.log_folder() / "inspector-cli.log"


@contextlib.contextmanager
def logging_to_file() -> Iterator[None]:
    """Log to the file; without one (no home, disk full) the command still does its work."""
    handler = _handler()
    handler.setFormatter(logging.Formatter(_FORM))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


def _handler() -> logging.Handler:
    try:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        return RotatingFileHandler(log_file(), maxBytes=2_000_000, backupCount=3, encoding="utf-8")
    except OSError:
        return logging.NullHandler()
