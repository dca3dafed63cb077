"""A project under two programs, and under one that is killed."""

import itertools
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from inspector_app.domain.document import Document
from inspector_app.store.annotations import load_document
from inspector_app.store.connection import load_locking
from inspector_app.store.project import Project
from tests.store.editing_process import IMAGE_ID, random_steps

OPEN_AND_WAIT = """
import sys
from pathlib import Path
from inspector_app.domain.errors import KnownError
from inspector_app.store.connection import load_locking
from inspector_app.store.project import Project
with Project.open(Path(sys.argv[1])) as project:
    try:
        with project.transaction():
            project.set_meta("written_by", "the other one")
        print("wrote", flush=True)
    except KnownError as error:
        print(error, flush=True)
    sys.stdin.read()
"""


def start(script: list[str], folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *script, str(folder), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def test_that_locking_can_be_loaded_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "filelock", raising=False)
    load_locking()
    assert "filelock" in sys.modules


def test_that_a_second_program_can_only_read(project: Project) -> None:
    with start(["-c", OPEN_AND_WAIT], project.folder) as other:
        assert "Another program has this project open" in line_of(other)
        other.communicate("")
    assert project.meta("written_by") == ""


def test_that_the_next_program_may_write_once_the_first_one_is_gone(project: Project) -> None:
    project.close()
    with start(["-c", OPEN_AND_WAIT], project.folder) as other:
        assert line_of(other) == "wrote"
        with Project.open(project.folder) as reader:
            assert reader.is_read_only
            assert reader.meta("written_by") == "the other one"
        other.kill()
    with Project.open(project.folder) as writer:
        assert not writer.is_read_only


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_that_no_acknowledged_edit_is_lost_when_the_program_is_killed(project: Project) -> None:
    project.close()
    rng = random.Random(20260102)
    before = Document(IMAGE_ID)
    for round_number in range(20):
        acknowledged = edit_until_killed(project.folder, round_number, rng.randint(1, 40))
        states = itertools.chain([before], (d for _, d in random_steps(before, round_number)))
        # The step on its way when the signal came may have been stored, too.
        possible = list(itertools.islice(states, acknowledged, acknowledged + 2))
        with Project.open(project.folder) as again:
            before = load_document(again, IMAGE_ID)
            assert again.connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert before in possible


def edit_until_killed(folder: Path, seed: int, steps: int) -> int:
    """Kill the editing program some time after so many steps; return how many it told of."""
    with start(["-m", "tests.store.editing_process"], folder, str(seed)) as editor:
        for _ in range(steps):
            assert line_of(editor)
        editor.send_signal(signal.SIGKILL)
        assert editor.stdout is not None
        return steps + editor.stdout.read().count("\n")
