"""Nothing that was on the screen is lost, whenever the program is killed."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector_app.domain.opencv import cv2
from inspector_app.services.opening import create_project
from inspector_app.store.annotations import load_document
from inspector_app.store.project import Project

_HERE = Path(__file__).parent
_WORKER = _HERE.parent / "services" / "workers" / "working.py"
_KILLS = 20

Shown = dict[int, dict[str, str]]
"""Image id → region id → run lengths, as the screen showed it last."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of four photos."""
    images, folder = tmp_path / "images", tmp_path / "project"
    images.mkdir()
    for number in range(4):
        grey = np.full((120, 160, 3), 90 + 20 * number, np.uint8)
        assert cv2.imwrite(str(images / f"part{number}.png"), grey)
    create_project(folder, images).close()
    return folder


@pytest.mark.slow
def test_that_twenty_kills_lose_no_accepted_edit(folder: Path) -> None:
    shown: Shown = {}
    edit_count = 0
    for attempt in range(_KILLS):
        edit_count += _edit_until_killed(folder, seed=attempt, shown=shown)
        stored = _stored(folder)
        _assert_nothing_lost(shown, stored)
        shown = stored
    assert edit_count >= _KILLS


@pytest.mark.slow
def test_that_a_kill_amid_a_stroke_loses_that_stroke_only(folder: Path) -> None:
    shown: Shown = {}
    for edit_count in (1, 3):
        with _program(folder, edit_count, str(edit_count)) as program:
            assert program.stdout is not None
            for _ in range(edit_count + 1):
                _note(program.stdout.readline(), shown)
            program.send_signal(signal.SIGKILL)
        stored = _stored(folder)
        assert {image_id: stored[image_id] for image_id in shown} == shown


@contextmanager
def _program(folder: Path, seed: int, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the program, which edits until it is killed: at the end at the latest."""
    command = [sys.executable, "-m", "tests.e2e.editing_program", str(folder), str(seed)]
    with subprocess.Popen(
        [*command, str(_WORKER), *words],
        stdout=subprocess.PIPE,
        cwd=_HERE.parents[1],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    ) as program:
        try:
            yield program
        finally:
            program.kill()


def _edit_until_killed(folder: Path, *, seed: int, shown: Shown) -> int:
    """Let the program edit, kill it at a moment nobody planned, and return how often it spoke."""
    with _program(folder, seed) as program:
        assert program.stdout is not None
        for _ in range(random.Random(seed).randint(1, 12)):
            _note(program.stdout.readline(), shown)
        program.send_signal(signal.SIGKILL)
        # What was said before the kill counts too: it is still in the pipe.
        rest = [line for line in program.stdout.read().splitlines(keepends=True) if line]
        for line in rest:
            _note(line, shown)
    assert program.returncode == -signal.SIGKILL
    return 1 + len(rest)


def _note(line: bytes, shown: Shown) -> None:
    if not line.endswith(b"\n"):
        assert line, "the program ended by itself"
        return
    said: dict[str, Any] = json.loads(line)
    shown[said["image"]] = said["regions"]


def _stored(folder: Path) -> Shown:
    with Project.open(folder) as project:
        assert not project.is_read_only
        assert project.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {
            record.id: {
                region.id: region.mask.counts if region.mask else ""
                for region in load_document(project, record.id).regions
            }
            for record in project.images()
        }


def _assert_nothing_lost(shown: Shown, stored: Shown) -> None:
    for image_id, regions in shown.items():
        assert regions.items() <= stored[image_id].items()
    # An edit may have been stored in the moment before it could be told.
    told = sum(len(regions) for regions in shown.values())
    assert sum(len(regions) for regions in stored.values()) - told <= 1
