"""What every test gets: a home of its own, and no window on the screen."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector_app.services.garbage import collect_due
from inspector_app.services.weights_jobs import WeightsJobs
from tests.services.published import fill_stick, serve_published
from tests.services.weights_server import HOST, Behaviour

# Before anything creates a QApplication; a display that is asked for is kept.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# No deadline: a busy machine is no failure. No example database: nothing is left in the tree.
settings.register_profile("inspector", deadline=None, database=None)
settings.load_profile("inspector")


PATIENCE_MS = 30_000


class PatientBot(QtBot):
    """Waits as long as a busy machine may need; only a failing test waits as long."""

    def waitUntil(  # noqa: N802  (Qt's way of writing)
        self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS
    ) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(  # noqa: N802
        self, signal: Any, *, timeout: int = PATIENCE_MS, **more: Any
    ) -> Any:
        return super().waitSignal(signal, timeout=timeout, **more)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture(autouse=True)
def inspector_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder that everything the program writes outside of projects goes to."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("INSPECTOR_HOME", str(folder))
    monkeypatch.delenv("INSPECTOR_WEIGHTS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(folder / "torch"))
    return folder


@pytest.fixture(autouse=True)
def cycles_are_collected_between_tests() -> Iterator[None]:
    """Keep Python's cycle collector out of the pool threads that a test may leave running.

    A Qt object of the main thread that dies in one of them takes the process down.
    """
    gc.disable()
    yield
    collect_due()


@pytest.fixture
def weights_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Behaviour]:
    """A server of published weights on this computer, and the manifest that names them."""
    with serve_published(tmp_path / "resources", monkeypatch) as server:
        yield server


@pytest.fixture
def weights_jobs(weights_server: Behaviour, qtbot: QtBot) -> Iterator[WeightsJobs]:
    """The window's jobs, which may fetch from that server."""
    jobs = WeightsJobs(plain_http_hosts=frozenset({HOST}))
    yield jobs
    jobs.shut_down()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A USB stick with published weights under another name, and own ones."""
    return fill_stick(tmp_path / "stick")
