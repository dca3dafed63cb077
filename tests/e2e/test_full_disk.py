"""On a drive that is really full nothing is half-written, and the operator is told."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector_app.domain.opencv import cv2
from inspector_app.services.exchange import EXPORT_FORMATS

_HERE = Path(__file__).parent
_WORKER = _HERE.parent / "services" / "workers" / "working.py"
_PROGRAM = (sys.executable, "-m", "tests.e2e.full_disk_program")
_IMAGES = 8
# A mount of its own: it needs no rights of an administrator and is gone with the process.
_WITH_A_SMALL_DRIVE = (
    *("unshare", "--user", "--map-root-user", "--mount"),
    *("sh", "-c", 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"'),
)

pytestmark = pytest.mark.slow


def _can_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_WITH_A_SMALL_DRIVE, folder, "true"], check=False).returncode == 0


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of work on a drive that is full at every wrong moment."""
    drive, images = tmp_path_factory.mktemp("drive"), tmp_path_factory.mktemp("images")
    if not _can_mount(drive):
        pytest.skip("no small drive can be mounted here")
    for number in range(_IMAGES):
        noise = np.random.default_rng(number).integers(0, 255, (60, 80, 3), np.uint8)
        assert cv2.imwrite(str(images / f"part{number}.png"), noise)
    done = subprocess.run(
        [*_WITH_A_SMALL_DRIVE, drive, *_PROGRAM, drive, images, _WORKER],
        stdout=subprocess.PIPE,
        cwd=_HERE.parents[1],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_that_an_import_into_a_full_drive_changes_nothing(outcome: dict[str, Any]) -> None:
    found = outcome["import"]
    assert found["left"] == [0, 0]
    assert len(found["told"]) == 3
    assert all("the disk is full" in told for told in found["told"])


def test_that_an_import_succeeds_once_there_is_room(outcome: dict[str, Any]) -> None:
    assert outcome["import"]["then"] == 40 * _IMAGES


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_that_an_export_to_a_full_drive_leaves_nothing(outcome: dict[str, Any], name: str) -> None:
    found = outcome["export"][name]
    assert found["left"] == []
    assert len(found["told"]) >= 3
    assert all("out: the disk is full" in told for told in found["told"])


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_that_an_export_succeeds_once_there_is_room(outcome: dict[str, Any], name: str) -> None:
    assert outcome["export"][name]["then"] == _IMAGES


def test_that_a_project_on_a_full_drive_is_not_called_broken(outcome: dict[str, Any]) -> None:
    assert "project.db: the disk is full" in outcome["open"]


def test_that_a_stroke_that_cannot_be_stored_is_told_and_not_shown(outcome: dict[str, Any]) -> None:
    shown, stored = outcome["brush"]["left"]
    assert shown == stored
    assert ["disk is full" in told for told in outcome["brush"]["told"]] == [True]


def test_that_painting_goes_on_once_there_is_room(outcome: dict[str, Any]) -> None:
    assert outcome["brush"]["then"] == outcome["brush"]["left"][1] + 1
