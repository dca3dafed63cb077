"""What the tests of the command line share."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "services" / "workers"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for everything the program writes outside of projects."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("INSPECTOR_HOME", str(folder))
    return folder


@pytest.fixture
def misbehaving() -> Callable[..., list[str]]:
    """Give the command of a worker that goes wrong in the named way."""

    def command(*words: str) -> list[str]:
        return [sys.executable, str(SCRIPTS / "misbehaving.py"), *words]

    return command
