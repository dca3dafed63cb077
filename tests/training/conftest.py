"""One small trained model for all tests that only look at it, and workers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from inspector_app.protocol.files import DatasetItem
from tests.training.conversation import SCRIPTED_WORKER, Conversation
from tests.training.parts import Listener, photo_items, write_run


@dataclass(frozen=True)
class TrainedRun:
    """A run that has ended well; not to be changed."""

    folder: Path
    items: list[DatasetItem]
    figures: dict[str, float]
    listener: Listener


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> TrainedRun:
    """Train for three epochs."""
    # Imported here: the worker's own tests need no Lightning.
    from training.fit.run import run_training  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("trained")
    items = photo_items(folder / "photos")
    listener = Listener()
    run = write_run(folder / "run", items, epochs=3)
    figures = run_training(run, listener)
    return TrainedRun(run, items, figures, listener)


Start = Callable[..., Conversation]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start workers; none outlives its test."""
    started: list[Conversation] = []

    def start_one(command: list[str] = SCRIPTED_WORKER, **environment: str) -> Conversation:
        started.append(Conversation(command, tmp_path / "worker.log", **environment))
        return started[-1]

    yield start_one
    for conversation in started:
        conversation.kill()


@pytest.fixture
def worker(start: Start) -> Conversation:
    """A worker without torch, for tests that end it; see workers/scripted_worker.py."""
    return start()


@pytest.fixture(scope="module")
def shared_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conversation]:
    """A worker that every test leaves idle: starting one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("shared")
    conversation = Conversation(SCRIPTED_WORKER, folder / "worker.log")
    yield conversation
    conversation.kill()


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[[str], str]:
    def make(name: str) -> str:
        (tmp_path / name).mkdir()
        return str(tmp_path / name)

    return make
