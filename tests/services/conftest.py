"""What the tests of the services share: a project of small real images, and scripted workers."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.opencv import cv2
from inspector_app.services.session import ProjectSession
from inspector_app.services.workers import Workers
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
