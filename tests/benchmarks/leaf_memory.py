"""Leafing through a whole folder on the Annotate page: the most memory it ever took.

Usage: leaf_memory.py FOLDER. Every image is waited for, so that each one passes the cache.
"""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from watch import answer

from inspector_app import app
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.shell.rail import Page

_LIMIT_S = 60.0


def wait(condition: Callable[[], bool]) -> None:
    started = time.perf_counter()
    while not condition():
        QApplication.processEvents()
        if time.perf_counter() - started > _LIMIT_S:
            raise SystemExit("an image was not shown in time")


def measure(program: app.Program) -> None:
    window = program.window
    before_mb = psutil.Process().memory_info().rss / 2**20
    window.path_requested.emit(Path(sys.argv[1]))
    wait(lambda: window.project is not None)
    window.show_page(Page.ANNOTATE)
    page = window.pages.built(Page.ANNOTATE)
    assert isinstance(page, AnnotatePage)
    wait(lambda: not page.editing.image_size.isEmpty())
    times = []
    cached = []
    while True:
        started = time.perf_counter()
        if not page.filmstrip.step(1):
            break
        wait(lambda: not page.editing.image_size.isEmpty())
        times.append(time.perf_counter() - started)
        cached.append(program.services.images.cached_bytes)
    answer(
        images=1 + len(times),
        next_s=statistics.median(times),
        before_mb=before_mb,
        cached_mb=max(cached) / 2**20,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


start = app.Program.start


def start_and_measure(program: app.Program, *_: object) -> None:
    start(program, None)
    QTimer.singleShot(0, lambda: measure(program))


app.Program.start = start_and_measure  # type: ignore[method-assign]
app.main([])
