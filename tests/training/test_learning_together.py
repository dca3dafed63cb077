"""Two processes that learn together, on the CPU."""

from pathlib import Path

import pytest
import torch
from torch import distributed

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import JOB_FILE, TrainingJob, TrainingTeam
from inspector_app.protocol.messages import EpochEnded, Event, Progress
from tests.training.parts import Listener, photo_items, write_run
from training.context import Cancelled
from training.data.loading import PassSampler, SharedBatches
from training.fit.run import run_training
from training.fit.team import rank


def write_run_for_two(folder: Path, **config: int) -> Path:
    items = photo_items(folder / "photos", train=16)
    run = write_run(folder / "run", items, **({"batch_size": 8, "epochs": 2} | config))
    job = TrainingJob.model_validate_json((run / JOB_FILE).read_text())
    together = job.model_copy(update={"team": TrainingTeam(devices=2)})
    (run / JOB_FILE).write_text(together.model_dump_json())
    return run


@pytest.mark.slow
def test_that_two_processes_learn_one_model(tmp_path: Path) -> None:
    listener = Listener()
    run = write_run_for_two(tmp_path)
    figures = run_training(run, listener)
    assert [event.epoch for event in listener.of(EpochEnded)] == [1, 2]
    assert figures["image_auroc"] == 1.0
    # As many steps as one process makes: each has half of every batch.
    assert torch.load(run / "last.ckpt", weights_only=True)["global_step"] == 4
    assert not distributed.is_initialized()
    assert rank() == 0


@pytest.mark.slow
def test_that_two_processes_end_together_and_go_on_together(tmp_path: Path) -> None:
    def is_third_step(event: Event) -> bool:
        return isinstance(event, Progress) and event.note.startswith("ep") and event.done == 3

    run = write_run_for_two(tmp_path)
    with pytest.raises(Cancelled):
        run_training(run, Listener(is_third_step))
    again = Listener()
    run_training(run, again)
    assert [event.epoch for event in again.of(EpochEnded)] == [2]


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
