"""What the tests of the Annotate page share: a project, and a page that shows it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hand import HEIGHT, WIDTH, Hand, open_page
from pytestqt.qtbot import QtBot

from inspector_app import paths
from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.opencv import cv2
from inspector_app.services.background import Background
from inspector_app.services.encoding_ahead import EncodingAhead
from inspector_app.services.images import Images
from inspector_app.services.segmentation import Segmentation
from inspector_app.services.session import ProjectSession
from inspector_app.services.settings import Settings
from inspector_app.services.thumbnails import Thumbnails
from inspector_app.services.weights_jobs import WeightsJobs
from inspector_app.services.workers import Workers
from inspector_app.store.project import Project
from inspector_app.ui.context import ProgramServices
from inspector_app.ui.pages.annotate import AnnotatePage

IMAGE_NAMES = ("0.png", "1.png", "2.png", "bad_model.png", "damaged.png")


@pytest.fixture
def image_folder(tmp_path: Path) -> Path:
    """Four images with a gradient and one file that is none."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number, name in enumerate(IMAGE_NAMES[:-1]):
        pixels = np.full((HEIGHT, WIDTH, 3), 60 + 20 * number, np.uint8)
        pixels[:, :, 0] = np.arange(WIDTH)
        (folder / name).write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    (folder / IMAGE_NAMES[-1]).write_bytes(b"not an image")
    return folder


@pytest.fixture
def project(tmp_path: Path, image_folder: Path) -> Iterator[Project]:
    """An open project of `image_folder` with the classes *scratch* and *dent*."""
    with Project.create(tmp_path / "project", image_folder=image_folder) as project:
        project.add_images([ImageEntry(name, Split.NONE, "") for name in IMAGE_NAMES])
        with project.transaction():
            project.add_class("scratch")
            project.add_class("dent")
        yield project


@pytest.fixture
def session(project: Project) -> ProjectSession:
    return ProjectSession(project)


@pytest.fixture
def program(inspector_home: Path) -> Iterator[ProgramServices]:
    """Real services; clicks are answered by `clicking_worker`."""
    background = Background()
    workers = Workers([sys.executable, str(Path(__file__).with_name("clicking_worker.py"))])
    yield ProgramServices(
        Settings(paths.config_folder() / "settings.ini"),
        background,
        Images(background),
        Thumbnails(background, paths.cache_folder() / "thumbnails"),
        workers,
        Segmentation(workers),
        EncodingAhead(workers, background, paths.embeddings_folder(), max_bytes=2**30),
        weights := WeightsJobs(),
    )
    weights.shut_down()
    workers.shut_down()
    background.shut_down()


@pytest.fixture
def page(program: ProgramServices, session: ProjectSession, qtbot: QtBot) -> AnnotatePage:
    """The page on the first image, shown and active, with the select tool in hand."""
    return open_page(program, session, qtbot)


@pytest.fixture
def hand(page: AnnotatePage, qtbot: QtBot) -> Hand:
    return Hand(page, qtbot)
