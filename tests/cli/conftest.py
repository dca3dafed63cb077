"""What the tests of the command line share."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inspector_app import paths
from inspector_app.domain.jobs import JobState
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import BundleCard, ThresholdCard
from inspector_app.services.opening import create_project, import_ground_truth
from inspector_app.store import jobs
from inspector_app.store.project import Project

SCRIPTS = Path(__file__).resolve().parent.parent / "services" / "workers"
JUDGING = Path(__file__).resolve().parent / "workers" / "judging.py"
UseWorker = Callable[[str], None]


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


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The card of a model whose threshold is 0.5; its weights are nobody's."""
    threshold = ThresholdCard(
        value=0.5, method="quantile", good_count=40, overkill_asked=0.05, overkill_bound=0.05
    )
    card = BundleCard(
        kind="autoencoder",
        task="anomaly",
        title="Autoencoder",
        config={"epochs": 1},
        input_size_px=64,
        threshold=threshold,
        good_scores=(0.1,),
        pixel_threshold=0.4,
        pixel_median=0.1,
        weights_sha256="0" * 64,
        dataset_sha256="0" * 64,
        code_version="0.1.0",
        trained_at="2026-01-01T00:00:00+00:00",
        epochs=1,
        best_epoch=1,
    )
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "card.json").write_text(card.model_dump_json(), encoding="utf-8")
    return folder


@pytest.fixture
def use_worker(monkeypatch: pytest.MonkeyPatch) -> UseWorker:
    def use(how: str) -> None:
        command = [sys.executable, str(JUDGING), how]
        monkeypatch.setattr(paths, "worker_command", lambda: command)

    return use


@pytest.fixture
def trained_project(project_folder: Path, bundle: Path) -> Path:
    """A project with a completed run that has `bundle`."""
    with Project.open(project_folder) as project:
        record = jobs.add_run(project, model_kind="autoencoder", config={})
        jobs.update_run(project, record.id, state=JobState.COMPLETED)
        shutil.copytree(bundle, jobs.run_folder(project, record) / "bundle")
    return project_folder
