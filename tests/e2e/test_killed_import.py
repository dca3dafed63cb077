"""An import is in the project as a whole or not at all, whenever the program is killed."""

import json
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.services.exchange import perform_import, plan_import
from inspector_app.services.opening import create_project
from inspector_app.store.annotations import add_regions, load_document
from inspector_app.store.project import DATABASE_FILE, Project

_ROOT = Path(__file__).parents[2]
_IMAGES, _REGIONS_PER_IMAGE = 200, 10
_WIDTH, _HEIGHT = 64, 48
_COUNT = _IMAGES * _REGIONS_PER_IMAGE
_PARTS_OF_THE_LOG = (0.02, 0.3, 0.6, 0.95)
_REGION_BEFORE = Region("before", 1, Box(1, 1, 5, 5), None, Author.HAND)

Program = subprocess.Popen[str]
Content = dict[str, list[str]]
"""Image name → ids of its regions."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A COCO file of 2,000 masks, no two of them alike."""
    rng = np.random.default_rng(7)
    annotations = []
    for number in range(_COUNT):
        noise = rng.random((16, 16)) < 0.5
        mask = Mask.from_crop(noise, 8, 8, height=_HEIGHT, width=_WIDTH)
        annotations.append(
            {"image_id": number % _IMAGES, "category_id": 1, "segmentation": mask.rle}
        )
    images = [
        {"id": number, "file_name": f"{number:03}.png", "width": _WIDTH, "height": _HEIGHT}
        for number in range(_IMAGES)
    ]
    categories = [{"id": 1, "name": "imported"}]
    file = tmp_path_factory.mktemp("labels") / "coco.json"
    file.write_text(
        json.dumps({"images": images, "annotations": annotations, "categories": categories})
    )
    return file


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of 200 images whose first one has a region."""
    images = tmp_path_factory.mktemp("images")
    for number in range(_IMAGES):
        grey = np.full((_HEIGHT, _WIDTH), number, np.uint8)
        assert cv2.imwrite(str(images / f"{number:03}.png"), grey)
    folder = tmp_path_factory.mktemp("projects") / "untouched"
    with create_project(folder, images) as project, project.transaction():
        project.add_class("scratch")
    with Project.open(folder) as project:
        add_regions(project, [(1, _REGION_BEFORE)])
    return folder


@contextmanager
def running(folder: Path, labels: Path) -> Iterator[Program]:
    """Run the importing program; kill it at the end."""
    command = [sys.executable, "-m", "tests.e2e.importing_program", str(folder), str(labels)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
    ) as program:
        try:
            yield program
        finally:
            program.send_signal(signal.SIGKILL)
    assert program.returncode == -signal.SIGKILL


def line_of(program: Program) -> str:
    assert program.stdout is not None
    return program.stdout.readline().rstrip("\n")


def start_import(program: Program) -> None:
    assert line_of(program) == "read"
    assert program.stdin is not None
    program.stdin.write("import\n")
    program.stdin.flush()


def wait_until_log_has(folder: Path, size: float, program: Program) -> None:
    """Return by the end of the import: no two of them write quite as much."""
    log = folder / f"{DATABASE_FILE}-wal"
    while program.poll() is None and (not log.exists() or log.stat().st_size < size):
        if select.select([program.stdout], [], [], 0)[0]:
            return


def content_of(project: Project) -> Content:
    return {
        record.relative_path: [region.id for region in load_document(project, record.id).regions]
        for record in project.images()
    }


def region_count_after(folder: Path) -> int:
    """Return how many regions came in; look whether all else is as it was."""
    with Project.open(folder) as project:
        assert not project.is_read_only
        assert project.connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        content = content_of(project)
        assert load_document(project, 1).regions[0] == _REGION_BEFORE
        names = [found.name for found in project.classes()]
    count = sum(map(len, content.values())) - 1
    assert names == (["scratch", "imported"] if count else ["scratch"])
    return count


def import_again(folder: Path, labels: Path) -> int:
    with Project.open(folder) as project:
        return perform_import(project, plan_import(project, "coco", labels)).region_count


def import_until_killed(folder: Path, labels: Path, log_size: float) -> int:
    """Kill the program when its write-ahead log has a size; return how many regions are there."""
    with running(folder, labels) as program:
        start_import(program)
        wait_until_log_has(folder, log_size, program)
    return region_count_after(folder)


def test_that_a_kill_before_the_import_changes_nothing(
    tmp_path: Path, untouched: Path, labels: Path
) -> None:
    folder = shutil.copytree(untouched, tmp_path / "project")
    with running(folder, labels) as program:
        assert line_of(program) == "read"
    assert region_count_after(folder) == 0


def test_that_a_kill_amid_the_import_leaves_all_of_it_or_nothing(
    tmp_path: Path, untouched: Path, labels: Path
) -> None:
    measured = shutil.copytree(untouched, tmp_path / "measured")
    with running(measured, labels) as program:
        start_import(program)
        log_size = int(line_of(program))
    counts = []
    for part in _PARTS_OF_THE_LOG:
        folder = shutil.copytree(untouched, tmp_path / str(part))
        counts.append(import_until_killed(folder, labels, part * log_size))
    # The last part is written when SQLite commits; a kill may come just after that.
    assert set(counts) <= {0, _COUNT}
    assert counts[0] == 0
    folder = tmp_path / str(_PARTS_OF_THE_LOG[0])
    assert import_again(folder, labels) == region_count_after(folder) == _COUNT


def test_that_a_kill_after_the_import_loses_nothing_of_it(
    tmp_path: Path, untouched: Path, labels: Path
) -> None:
    folder = shutil.copytree(untouched, tmp_path / "project")
    with running(folder, labels) as program:
        start_import(program)
        assert line_of(program)
    assert region_count_after(folder) == _COUNT
    assert import_again(folder, labels) == 0
