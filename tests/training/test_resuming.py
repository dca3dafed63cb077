"""A run that goes on after it was cut short ends as if it had not been."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from filelock import FileLock
from torchvision import models

from inspector_app.domain.errors import BadDataError, KnownError, MissingWeightsError
from inspector_app.protocol.files import BUNDLE_CARD_FILE, BUNDLE_FOLDER, LOCK_FILE, DatasetItem
from inspector_app.protocol.messages import EpochEnded, Event, Progress, Remark, StartTraining
from inspector_app.services.run_folders import read_epochs
from tests.training.conftest import Start
from tests.training.conversation import PRODUCT_WORKER
from tests.training.parts import SMALL, Listener, photo_items, truncate, write_run, write_run_of
from training.context import Cancelled
from training.fit.callbacks import BEST_CHECKPOINT
from training.fit.resuming import RandomStates
from training.fit.run import run_training
from training.models import start as starts

COMMON = {"epochs": 3, "image_size_px": 64, "batch_size": 4}
KINDS: dict[str, dict[str, Any]] = {
    "autoencoder": SMALL | COMMON,
    "vae": SMALL | COMMON,
    "classifier": COMMON
    | {
        "network": "own_resnet",
        "rotation": True,
        "mixed_reconstruction": True,
        "sampling": "balanced",
    },
    "yolo_world": COMMON | {"pretrained": False},
    "unet": COMMON
    | {"network": "mobilenet_v2", "tile_size_px": 64, "pretrained": False, "tiles_per_image": 1},
}


class Killed(BaseException):
    """Stands for a process that is gone: nothing is saved any more."""


def losses(*listeners: Listener) -> dict[int, dict[str, float]]:
    """Return each epoch's figures, those of a repeated epoch as they were last."""
    return {e.epoch: e.metrics for each in listeners for e in each.of(EpochEnded)}


def at_step(number: int) -> Callable[[Event], bool]:
    def is_it(event: Event) -> bool:
        return isinstance(event, Progress) and event.note.startswith("ep") and event.done == number

    return is_it


def kill_at(is_time: Callable[[Event], bool]) -> Callable[[Event], bool]:
    def kill(event: Event) -> bool:
        if is_time(event):
            raise Killed
        return False

    return kill


@pytest.fixture(
    params=[
        "autoencoder",
        "vae",
        "classifier",
        "unet",
        pytest.param("yolo_world", marks=pytest.mark.slow),
    ]
)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def items(tmp_path: Path) -> list[DatasetItem]:
    return photo_items(tmp_path / "photos", train=14, val=6, test=20)


@pytest.fixture
def new_run(tmp_path: Path, items: list[DatasetItem]) -> Callable[..., Path]:
    def write(kind: str, name: str, **config: Any) -> Path:
        return write_run_of(kind, tmp_path / name, items, KINDS[kind] | config)

    return write


def run_to_the_end(folder: Path) -> Listener:
    listener = Listener()
    run_training(folder, listener)
    return listener


def test_that_a_run_cancelled_in_an_epoch_goes_on_with_the_same_losses(
    kind: str, new_run: Callable[..., Path]
) -> None:
    whole = run_to_the_end(new_run(kind, "whole"))
    cut_short = new_run(kind, "cut")
    first = Listener(at_step(total_steps(whole) // 2))
    with pytest.raises(Cancelled):
        run_training(cut_short, first)
    assert len(first.of(EpochEnded)) == 1
    assert losses(first, run_to_the_end(cut_short)) == losses(whole)


@pytest.mark.parametrize("kind", ["classifier", "unet"])
def test_that_published_weights_keep_their_statistics_in_an_epoch_that_is_gone_on_with(
    kind: str, new_run: Callable[..., Path], tmp_path: Path
) -> None:
    published = tmp_path / "published.safetensors"
    state = models.mobilenet_v2(weights=None).state_dict()
    safetensors.torch.save_file(state, published)
    settings = {"network": "mobilenet_v2", "pretrained": True, "weights_file": str(published)}
    run = new_run(kind, "run", **settings, epochs=1)
    with pytest.raises(Cancelled):
        run_training(run, Listener(at_step(1)))
    run_to_the_end(run)
    learned = torch.load(run / BEST_CHECKPOINT, weights_only=True)["state_dict"]
    means = [value for name, value in learned.items() if name.endswith("0.1.running_mean")]
    assert means
    assert not any(mean.any() for mean in means)


def total_steps(listener: Listener) -> int:
    return max(int(e.total) for e in listener.of(Progress) if e.note.startswith("epoch"))


@pytest.mark.parametrize("step", [1, 4, 8])
def test_that_a_run_that_was_killed_repeats_what_was_not_saved(
    new_run: Callable[..., Path], step: int
) -> None:
    whole = run_to_the_end(new_run("autoencoder", "whole"))
    killed = new_run("autoencoder", "killed")
    first = Listener(kill_at(at_step(step)))
    with pytest.raises(Killed):
        run_training(killed, first)
    assert losses(first, run_to_the_end(killed)) == losses(whole)


def test_that_an_epoch_left_during_its_validation_is_validated_in_full(
    new_run: Callable[..., Path],
) -> None:
    whole = run_to_the_end(new_run("autoencoder", "whole"))
    cut_short = new_run("autoencoder", "cut")
    first = Listener(at_step(total_steps(whole) // 3))
    with pytest.raises(Cancelled):
        run_training(cut_short, first)
    assert first.of(EpochEnded) == []
    assert losses(run_to_the_end(cut_short)) == losses(whole)


def test_that_a_run_cut_short_twice_has_the_same_losses(new_run: Callable[..., Path]) -> None:
    whole = run_to_the_end(new_run("autoencoder", "whole"))
    cut_short = new_run("autoencoder", "cut")
    parts = [Listener(at_step(2)), Listener(at_step(7)), Listener()]
    for part in parts[:2]:
        with pytest.raises(Cancelled):
            run_training(cut_short, part)
    run_training(cut_short, parts[2])
    assert losses(*parts) == losses(whole)


def test_that_progress_goes_on_where_it_was(new_run: Callable[..., Path]) -> None:
    run = new_run("autoencoder", "run")
    with pytest.raises(Cancelled):
        run_training(run, Listener(at_step(5)))
    steps = [e.done for e in run_to_the_end(run).of(Progress) if e.note.startswith("epoch")]
    assert steps == [6, 7, 8, 9]


@pytest.mark.parametrize("is_previous_there", [True, False])
def test_that_a_damaged_checkpoint_is_replaced_by_what_is_left(
    new_run: Callable[..., Path], is_previous_there: bool
) -> None:
    whole = run_to_the_end(new_run("autoencoder", "whole"))
    killed = new_run("autoencoder", "killed")
    with pytest.raises(Killed):
        run_training(killed, Listener(kill_at(at_step(8))))
    truncate(str(killed / "last.ckpt"))
    if not is_previous_there:
        (killed / "previous.ckpt").unlink()
    again = run_to_the_end(killed)
    assert losses(whole).items() >= losses(again).items()
    assert len(again.of(EpochEnded)) == (2 if is_previous_there else 3)
    [remark] = again.of(Remark)
    assert "last.ckpt" in remark.text


def test_that_a_run_whose_epochs_are_done_is_finished_without_more(
    new_run: Callable[..., Path],
) -> None:
    run = new_run("autoencoder", "run", patience=1, epochs=8, learning_rate=0.1)
    first = Listener(lambda e: isinstance(e, Progress) and e.note == "scoring test images")
    with pytest.raises(Cancelled) as cancelled:
        run_training(run, first)
    second = Listener()
    figures = run_training(run, second)
    assert second.of(EpochEnded) == []
    assert figures.items() >= cancelled.value.metrics.items()
    assert "image_auroc" in figures


def test_that_a_run_whose_images_are_gone_is_not_gone_on_with(
    tmp_path: Path, items: list[DatasetItem]
) -> None:
    run = write_run(tmp_path / "run", items)
    with pytest.raises(Cancelled):
        run_training(run, Listener(at_step(1)))
    Path(items[0].image_path).unlink()
    with pytest.raises(BadDataError, match=r"began with 14 images, 13 of them") as refused:
        run_training(run, Listener())
    assert "put the missing images back" in refused.value.hint


def weights_of_mobilenet(path: Path) -> Path:
    torch.manual_seed(3)
    torch.save(models.mobilenet_v2(weights=None).state_dict(), path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["classifier", "unet"])
def test_that_weights_that_have_left_the_shelf_are_in_the_checkpoint(
    kind: str, new_run: Callable[..., Path], tmp_path: Path
) -> None:
    weights = weights_of_mobilenet(tmp_path / "mine.pth")
    start = {"network": "mobilenet_v2", "weights_file": str(weights), "epochs": 2}
    if kind == "classifier":
        # Frozen stages are those of published weights only: the run has to know what it had.
        start |= {"trained_part": "last_stage", "mixed_reconstruction": False}
    whole = run_to_the_end(new_run(kind, "whole", **start))
    cut_short = new_run(kind, "cut", **start)
    first = Listener(at_step(total_steps(whole) // 2 + 1))
    with pytest.raises(Cancelled):
        run_training(cut_short, first)
    weights.unlink()
    again = Listener()
    assert run_training(cut_short, again)["pretrained"] == 1.0
    assert losses(first, again) == losses(whole)
    card = json.loads((cut_short / BUNDLE_FOLDER / BUNDLE_CARD_FILE).read_text())
    assert card["started_from"].startswith("mine.pth, SHA-256")


def test_that_without_a_checkpoint_weights_that_have_left_the_shelf_are_named(
    new_run: Callable[..., Path], tmp_path: Path
) -> None:
    run = new_run("classifier", "cut", network="mobilenet_v2", weights_file="gone.pth")
    starts.keep_start(run, starts.Start(None, "gone.pth", is_in_checkpoint=True))
    with pytest.raises(MissingWeightsError, match=r"gone\.pth"):
        run_training(run, Listener())


def test_that_a_run_waits_for_the_worker_that_is_still_saving(
    tmp_path: Path, items: list[DatasetItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(tmp_path / "run", items)
    monkeypatch.setattr("training.fit.run._OTHERS_GRACE_S", 0.01)
    with FileLock(run / LOCK_FILE), pytest.raises(KnownError, match="another worker is at work"):
        run_training(run, Listener())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["autoencoder", "classifier", "unet"])
def test_that_a_worker_that_was_killed_loses_nothing_but_time(
    kind: str, new_run: Callable[..., Path], start: Start
) -> None:
    def work(folder: Path, last_epoch: int | None = None) -> list[EpochEnded]:
        worker = start(PRODUCT_WORKER)
        worker.say(StartTraining(job_id="job-1", run_folder=str(folder)))
        if last_epoch is None:
            assert worker.wait_for_end_of("job-1").outcome == "completed"
        else:
            # No step of the next one: a quick training does not tell of each.
            worker.wait_for(EpochEnded, lambda ended: ended.epoch == last_epoch)
        worker.kill()
        return read_epochs(folder)

    whole = work(new_run(kind, "whole", epochs=4))
    killed = new_run(kind, "killed", epochs=4)
    lost = work(killed, last_epoch=1)
    assert len(lost) < 4
    again = work(killed)
    assert [e.metrics for e in again] == [e.metrics for e in whole]


def test_that_every_generator_goes_on_where_it_was() -> None:
    states = RandomStates()
    kept = states.state_dict()
    drawn = (torch.rand(2), np.random.rand(2), random.random())
    states.load_state_dict(kept)
    alone = SimpleNamespace(global_rank=0)
    states.on_train_epoch_start(alone, None)  # type: ignore[arg-type]  # it asks no more of them
    assert torch.equal(torch.rand(2), drawn[0])
    assert (np.random.rand(2) == drawn[1]).all()
    assert random.random() == drawn[2]
