"""What the tests of the command line share."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
from inspector_app.services.opening import create_project, import_ground_truth

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


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())


@pytest.fixture
def category(tmp_path: Path) -> Path:
    """A tiny category in MVTec's layout: grey parts with noise, bright squares as defects."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "photos"

    def part() -> NDArray[np.uint8]:
        return rng.normal(120, 4, (64, 64, 3)).clip(0, 255).astype(np.uint8)

    for number in range(8):
        write_png(folder / f"train/good/{number:03}.png", part())
    for number in range(3):
        write_png(folder / f"test/good/{number:03}.png", part())
        left, top = (int(n) for n in rng.integers(5, 40, 2))
        image, mask = part(), np.zeros((64, 64), np.uint8)
        image[top : top + 16, left : left + 16] = 250
        mask[top : top + 16, left : left + 16] = 255
        write_png(folder / f"test/dent/{number:03}.png", image)
        write_png(folder / f"ground_truth/dent/{number:03}_mask.png", mask)
    return folder


@pytest.fixture
def project_folder(tmp_path: Path, category: Path) -> Path:
    """A project of `category` with its masks as regions."""
    folder = tmp_path / "project"
    with create_project(folder, category) as project:
        import_ground_truth(project)
    return folder
