"""One small trained model for all tests that only look at it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from inspector_app.protocol.files import DatasetItem
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
