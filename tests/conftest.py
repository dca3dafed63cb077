"""What every test gets: a home of its own, and no window on the screen."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything creates a QApplication; a display that is asked for is kept.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# No deadline: a busy machine is no failure. No example database: nothing is left in the tree.
settings.register_profile("inspector", deadline=None, database=None)
settings.load_profile("inspector")


@pytest.fixture(autouse=True)
def inspector_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder that everything the program writes outside of projects goes to."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("INSPECTOR_HOME", str(folder))
    monkeypatch.delenv("INSPECTOR_WEIGHTS", raising=False)
    return folder


@pytest.fixture(autouse=True)
def python_collects_again() -> Iterator[None]:
    """Undo what `inspector_app.services.garbage` does for the rest of a process."""
    yield
    gc.enable()
