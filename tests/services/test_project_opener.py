"""Projects are found or made from folders of photos, off the GUI thread."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector_app.domain.opencv import cv2
from inspector_app.services.background import Background
from inspector_app.services.project_opener import ProjectOpener
from inspector_app.store.project import Project

TIMEOUT_MS = 20_000


@pytest.fixture
def opener(qapp: QApplication) -> ProjectOpener:
    return ProjectOpener(Background(max_threads=1))


@pytest.fixture
def masked_folder(image_folder: Path) -> Path:
    """`image_folder` with a mask for each scratched image."""
    mask = np.zeros((32, 48), np.uint8)
    mask[4:8, 4:8] = 255
    for image in (image_folder / "test/scratch").glob("*.png"):
        path = image_folder / f"ground_truth/scratch/{image.stem}_mask.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".png", mask)[1].tobytes())
    return image_folder


def open_folder(opener: ProjectOpener, qtbot: QtBot, path: Path) -> Project:
    with qtbot.waitSignal(opener.opened, timeout=TIMEOUT_MS) as opened:
        opener.open(path)
    project = opened.args[0]
    assert isinstance(project, Project)
    return project


def test_that_a_folder_of_images_becomes_a_project(
    opener: ProjectOpener, image_folder: Path, qtbot: QtBot
) -> None:
    with open_folder(opener, qtbot, image_folder) as project:
        assert len(project.images()) == 10


def test_that_the_same_folder_gives_the_same_project(
    opener: ProjectOpener, image_folder: Path, qtbot: QtBot
) -> None:
    with open_folder(opener, qtbot, image_folder) as first:
        folder = first.folder
    with open_folder(opener, qtbot, image_folder) as again:
        assert again.folder == folder
        assert not again.is_read_only


def test_that_a_project_s_database_can_be_opened(
    opener: ProjectOpener, image_folder: Path, qtbot: QtBot
) -> None:
    with open_folder(opener, qtbot, image_folder) as first:
        folder = first.folder
    with open_folder(opener, qtbot, folder / "project.db") as again:
        assert again.folder == folder


def test_that_a_folder_without_images_is_refused(
    opener: ProjectOpener, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(opener.failed, timeout=TIMEOUT_MS) as failed:
        opener.open(tmp_path)
    assert str(tmp_path) in failed.args[0]
    assert not opener.is_busy


def test_that_masks_become_regions_once(
    opener: ProjectOpener, masked_folder: Path, qtbot: QtBot
) -> None:
    with open_folder(opener, qtbot, masked_folder) as project:
        with qtbot.waitSignal(opener.labels_imported, timeout=TIMEOUT_MS):
            opener.import_pending_labels(project)
        assert sum(record.region_count for record in project.images()) == 2
        with qtbot.assertNotEmitted(opener.labels_imported, wait=50):
            opener.import_pending_labels(project)


def test_that_a_folder_without_masks_is_not_searched_for_them_again(
    opener: ProjectOpener, image_folder: Path, qtbot: QtBot
) -> None:
    with (
        open_folder(opener, qtbot, image_folder) as project,
        qtbot.assertNotEmitted(opener.labels_imported, wait=50),
    ):
        opener.import_pending_labels(project)


def test_that_stopped_masks_are_read_next_time(
    opener: ProjectOpener, masked_folder: Path, qtbot: QtBot
) -> None:
    with open_folder(opener, qtbot, masked_folder) as project:
        with qtbot.waitSignal(opener.labels_imported, timeout=TIMEOUT_MS):
            opener.import_pending_labels(project)
            opener.stop_labels()
        with qtbot.waitSignal(opener.labels_imported, timeout=TIMEOUT_MS):
            opener.import_pending_labels(project)
        assert sum(record.region_count for record in project.images()) == 2


def test_that_the_open_project_is_told_from_others(
    opener: ProjectOpener, image_folder: Path, qtbot: QtBot
) -> None:
    project = open_folder(opener, qtbot, image_folder)
    with project, qtbot.waitSignal(opener.is_open_already, timeout=TIMEOUT_MS):
        opener.open(image_folder, open_folder=project.folder)


def test_that_a_stopped_sample_leaves_nothing(
    opener: ProjectOpener, inspector_home: Path, qtbot: QtBot
) -> None:
    opener.progressed.connect(opener.stop_opening)
    with qtbot.waitSignal(opener.stopped, timeout=TIMEOUT_MS):
        opener.open_sample()
    assert list((inspector_home / "projects" / "samples").iterdir()) == []


def test_that_locking_is_loaded_before_the_first_opening(
    opener: ProjectOpener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "filelock")
    opener.prepare()
    qtbot.waitUntil(lambda: "filelock" in sys.modules)
