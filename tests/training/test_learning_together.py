"""Two processes that learn together, on the CPU."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import distributed

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import JOB_FILE, TrainingJob, TrainingTeam
from tests.training.conversation import ROOT, worker_environment
from tests.training.parts import Listener, photo_items, write_run
from training.context import Cancelled
from training.data.loading import PassSampler, SharedBatches
from training.fit import team
from training.fit.run import run_training


def write_run_for_two(folder: Path, **config: int) -> Path:
    items = photo_items(folder / "photos", train=16)
    run = write_run(folder / "run", items, **({"batch_size": 8, "epochs": 2} | config))
    job = TrainingJob.model_validate_json((run / JOB_FILE).read_text())
    together = job.model_copy(update={"team": TrainingTeam(devices=2)})
    (run / JOB_FILE).write_text(together.model_dump_json())
    return run


def train_in_its_own_process(run: Path, *words: str) -> dict[str, Any]:
    """Return what it says of the training; see workers/team_of_two.py."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.workers.team_of_two", str(run), *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=worker_environment(),
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.slow
def test_that_two_processes_learn_one_model(tmp_path: Path) -> None:
    run = write_run_for_two(tmp_path)
    told = train_in_its_own_process(run)
    assert (told["outcome"], told["epochs"]) == ("completed", [1, 2])
    assert told["figures"]["image_auroc"] == 1.0
    # As many steps as one process makes: each has half of every batch.
    assert torch.load(run / "last.ckpt", weights_only=True)["global_step"] == 4
    assert told["is_alone"]


@pytest.mark.slow
def test_that_two_processes_end_together_and_go_on_together(tmp_path: Path) -> None:
    run = write_run_for_two(tmp_path)
    third_step = "3"
    assert train_in_its_own_process(run, third_step)["outcome"] == "cancelled"
    again = train_in_its_own_process(run)
    assert (again["outcome"], again["epochs"]) == ("completed", [2])


def test_that_a_process_that_does_not_come_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team.sys, "executable", "false")
    with pytest.raises(BadDataError, match="device 1: its process did not begin"):
        run_training(write_run_for_two(tmp_path), Listener())
    assert not {"RANK", "MASTER_PORT"} & os.environ.keys()


def test_that_a_job_is_cancelled_while_its_processes_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, noted = tmp_path / "slow", tmp_path / "pid"
    slow.write_text(f"#!/bin/sh\necho $$ > {noted}\nexec sleep 600\n")
    slow.chmod(0o755)
    listener = Listener()

    def cancelled(_seconds: float) -> None:
        listener.is_cancelled = noted.is_file() and bool(noted.read_text())

    run = write_run_for_two(tmp_path)
    monkeypatch.setattr(team.sys, "executable", str(slow))
    monkeypatch.setattr(team.time, "sleep", cancelled)
    with pytest.raises(Cancelled):
        run_training(run, listener)
    with pytest.raises(ProcessLookupError):
        os.kill(int(noted.read_text()), 0)


def test_that_a_batch_too_small_to_be_shared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="3 images per step are too few for 2 devices"):
        run_training(write_run_for_two(tmp_path, batch_size=3), Listener())


def test_that_processes_share_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = SharedBatches(PassSampler(8), 4, drop_last=True)
    assert list(batches) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    monkeypatch.setattr(distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(distributed, "get_world_size", lambda: 2)
    shares = []
    for number in (0, 1):
        monkeypatch.setattr(distributed, "get_rank", lambda number=number: number)
        shares.append(list(batches))
    assert shares == [[[0, 2], [4, 6]], [[1, 3], [5, 7]]]
