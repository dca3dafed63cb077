"""A project with three images and two classes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.store.project import Project

ENTRIES = [
    ImageEntry("train/good/000.png", Split.TRAIN, "good"),
    ImageEntry("test/good/000.png", Split.TEST, "good"),
    ImageEntry("test/Dent/000.png", Split.TEST, "Dent"),
]


@pytest.fixture
def image_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def project(tmp_path: Path, image_folder: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", image_folder=image_folder) as project:
        project.add_images(ENTRIES)
        with project.transaction():
            project.add_class("dent")
            project.add_class("scratch")
        yield project
