"""What the tests of the services share: a project of small real images, and scripted workers."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.jobs import JobState
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import BundleCard, ThresholdCard
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.workers import Workers
from inspector_app.store import jobs
from inspector_app.store.project import Project


@pytest.fixture
def write_image() -> Callable[..., Path]:
    """Write an image of one grey level with a dark square in it."""

    def write(path: Path, *, grey: int = 128, width: int = 48, height: int = 32) -> Path:
        pixels = np.full((height, width, 3), grey, np.uint8)
        pixels[4:8, 4:8] = 10
        path.parent.mkdir(parents=True, exist_ok=True)
        encoded = cv2.imencode(path.suffix, pixels)[1]
        path.write_bytes(encoded.tobytes())
        return path

    return write


@pytest.fixture
def image_folder(tmp_path: Path, write_image: Callable[..., Path]) -> Path:
    """MVTec's layout: six good images to train on, two good and two scratched to test."""
    folder = tmp_path / "images"
    for number in range(6):
        write_image(folder / f"train/good/{number:03}.png", grey=100 + number)
    for number in range(2):
        write_image(folder / f"test/good/{number:03}.png", grey=110 + number)
        write_image(folder / f"test/scratch/{number:03}.png", grey=120 + number)
    return folder


@pytest.fixture
def project(tmp_path: Path, image_folder: Path) -> Iterator[Project]:
    """An open project of `image_folder`, without regions; classes *scratch* and *dent*."""
    with Project.create(tmp_path / "project", image_folder=image_folder) as project:
        project.add_images(
            [
                ImageEntry(
                    path.relative_to(image_folder).as_posix(),
                    Split.TRAIN if "train" in path.parts else Split.TEST,
                    path.parent.name,
                )
                for path in sorted(image_folder.rglob("*.png"))
            ]
        )
        with project.transaction():
            project.add_class("scratch")
            project.add_class("dent")
        yield project


@pytest.fixture
def session(qapp: object, project: Project) -> ProjectSession:
    """The session of `project`; the first image is the current one."""
    session = ProjectSession(project)
    session.set_current_image(session.images()[0].id)
    return session


@pytest.fixture
def workers(qapp: object) -> Iterator[Workers]:
    """Scripted workers that do as they are told, without models."""
    script = Path(__file__).parent / "workers" / "working.py"
    workers = Workers([sys.executable, str(script)])
    yield workers
    workers.shut_down()


@pytest.fixture
def run_id(project: Project) -> str:
    """A finished training; its threshold is 0.25, and image n is scored n / 10."""
    return enter_run(project)


def enter_run(
    project: Project, *, classes: tuple[str, ...] = (), task: str = "classification"
) -> str:
    """Enter a finished training; with classes its model sees the last of them everywhere."""
    record = jobs.add_run(project, model_kind="autoencoder", config={})
    jobs.update_run(project, record.id, state=JobState.COMPLETED)
    card = BundleCard(
        kind="autoencoder",
        task=task if classes else "anomaly",
        title="Autoencoder",
        config={},
        input_size_px=64,
        threshold=ThresholdCard(
            value=0.25, method="quantile", good_count=9, overkill_asked=0.1, overkill_bound=0.1
        ),
        good_scores=(0.1, 0.2),
        pixel_threshold=0.3,
        pixel_median=0.1,
        weights_sha256="0" * 64,
        dataset_sha256="0" * 64,
        code_version="0.1",
        trained_at="2026-01-01T00:00:00+00:00",
        epochs=2,
        best_epoch=2,
        classes=classes,
    )
    folder = jobs.run_folder(project, record) / "bundle"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(card.model_dump_json())
    (folder / "model.safetensors").write_bytes(b"")
    return record.id


@pytest.fixture
def training(session: ProjectSession, workers: Workers) -> Iterator[TrainingJobs]:
    training = TrainingJobs(session, workers)
    yield training
    training.shut_down()


@pytest.fixture
def inspecting(
    session: ProjectSession, workers: Workers, run_id: str, training: TrainingJobs
) -> Iterator[InspectionJobs]:
    inspecting = InspectionJobs(session, workers, training)
    yield inspecting
    inspecting.shut_down()


@pytest.fixture
def make_folder(tmp_path: Path, write_image: Callable[..., Path]) -> Callable[..., Path]:
    """A folder of images with these names; the name says what the scripted worker does with it."""

    def make(*names: str) -> Path:
        folder = tmp_path / "batch"
        for name in names:
            write_image(folder / f"{name}.png")
        return folder

    return make
