"""A training job from its folder to its bundle."""

import errno
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from inspector_app.domain.errors import (
    BadDataError,
    DiskFullError,
    KnownError,
    OutOfMemoryError,
)
from inspector_app.protocol.files import BUNDLE_FOLDER, DATASET_FILE
from inspector_app.protocol.messages import CheckpointSaved, EpochEnded, Event, Progress
from tests.training.conftest import TrainedRun
from tests.training.parts import Listener, photo_items, truncate, write_run
from training.context import Cancelled
from training.faults import known_faults
from training.files import sha256_of
from training.fit.run import run_training
from training.inference.bundle import load_bundle
from training.models.autoencoder.model import Autoencoder

CPU = torch.device("cpu")


@pytest.fixture
def small_run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", photo_items(tmp_path / "photos"))


def spoil_loss(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Tensor], Tensor]) -> None:
    """Put `spoil` behind the autoencoder's loss."""
    loss = Autoencoder.loss
    monkeypatch.setattr(Autoencoder, "loss", lambda *given, **more: spoil(loss(*given, **more)))


def test_that_every_epoch_is_announced_with_its_losses(trained_run: TrainedRun) -> None:
    epochs: list[EpochEnded] = trained_run.listener.of(EpochEnded)
    assert [(event.epoch, event.epochs) for event in epochs] == [(1, 3), (2, 3), (3, 3)]
    assert all({"train_loss", "val_loss"} == set(event.metrics) for event in epochs)


def test_that_progress_reaches_its_end_with_no_time_left(trained_run: TrainedRun) -> None:
    steps = [e for e in trained_run.listener.of(Progress) if e.note.startswith("epoch")]
    assert [event.done for event in steps] == [1, 2, 3, 4, 5, 6]
    assert (steps[-1].total, steps[-1].seconds_left) == (6, 0.0)


def test_that_every_epoch_replaces_the_last_checkpoint(trained_run: TrainedRun) -> None:
    saved: list[CheckpointSaved] = trained_run.listener.of(CheckpointSaved)
    assert [event.epoch for event in saved if event.file_name == "last.ckpt"] == [1, 2, 3]


def test_that_a_run_leaves_nothing_but_what_the_design_names(trained_run: TrainedRun) -> None:
    names = sorted(path.name for path in trained_run.folder.rglob("*"))
    assert [name for name in names if not name.endswith(".png")] == [
        "best.ckpt",
        "bundle",
        "card.json",
        "dataset.jsonl",
        "job.json",
        "last.ckpt",
        "model.safetensors",
        "previous.ckpt",
        "redrawn",
        "redrawn.jsonl",
        "run.lock",
    ]


def test_that_checkpoints_are_read_without_unpickling_code(trained_run: TrainedRun) -> None:
    for name in ("last.ckpt", "best.ckpt"):
        state = torch.load(trained_run.folder / name, weights_only=True)
        assert state["epoch"] >= 0


def test_that_the_figures_of_a_run_are_complete_and_finite(trained_run: TrainedRun) -> None:
    figures = trained_run.figures
    assert set(figures) == {
        "epochs",
        "best_epoch",
        "val_loss",
        "threshold",
        "skipped_images",
        "image_auroc",
        "pixel_auroc",
        "redrawn_loss/good",
        "redrawn_loss/defective",
    }
    assert all(math.isfinite(value) for value in figures.values())


def test_that_bright_spots_are_told_from_good_parts(trained_run: TrainedRun) -> None:
    assert trained_run.figures["image_auroc"] == 1.0
    assert trained_run.figures["pixel_auroc"] > 0.9


def test_that_the_card_says_how_the_model_came_about(trained_run: TrainedRun) -> None:
    card = load_bundle(trained_run.folder / BUNDLE_FOLDER, CPU).card
    assert card.dataset_sha256 == sha256_of(trained_run.folder / DATASET_FILE)
    assert (card.epochs, card.input_size_px, card.threshold.good_count) == (3, 64, 3)
    assert card.config["learning_rate"] == 1e-3, "defaults are part of a bundle's settings"
    assert card.good_scores == tuple(sorted(card.good_scores))


def test_that_held_out_good_images_are_called_good(trained_run: TrainedRun) -> None:
    card = load_bundle(trained_run.folder / BUNDLE_FOLDER, CPU).card
    assert max(card.good_scores) < card.threshold.value
    assert card.pixel_median < card.pixel_threshold


def test_that_the_same_seed_gives_the_same_losses(trained_run: TrainedRun, tmp_path: Path) -> None:
    again = Listener()
    run_training(write_run(tmp_path, trained_run.items, epochs=3), again)
    first = [event.metrics for event in trained_run.listener.of(EpochEnded)]
    assert [event.metrics for event in again.of(EpochEnded)] == first


def test_that_another_seed_gives_other_losses(trained_run: TrainedRun, tmp_path: Path) -> None:
    other = Listener()
    run_training(write_run(tmp_path, trained_run.items, epochs=1, seed=1), other)
    first = trained_run.listener.of(EpochEnded)[0].metrics
    assert other.of(EpochEnded)[0].metrics != first


def test_that_a_run_is_silent(small_run: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run_training(small_run, Listener())
    assert capfd.readouterr() == ("", "")


def test_that_without_defective_test_images_no_auroc_is_claimed(tmp_path: Path) -> None:
    items = photo_items(tmp_path / "photos", test=1)
    assert "image_auroc" not in run_training(write_run(tmp_path, items, epochs=1), Listener())


def second_epoch_began(event: Event) -> bool:
    return isinstance(event, Progress) and event.note == "epoch 2 of 2"


def first_step_was_made(event: Event) -> bool:
    return isinstance(event, Progress) and event.note == "epoch 1 of 2"


def test_that_a_cancelled_run_keeps_checkpoint_and_bundle(small_run: Path) -> None:
    with pytest.raises(Cancelled) as cancelled:
        run_training(small_run, Listener(second_epoch_began))
    assert cancelled.value.metrics["epochs"] == 1.0
    assert torch.load(small_run / "last.ckpt", weights_only=True)["global_step"] == 3
    assert load_bundle(small_run / BUNDLE_FOLDER, CPU).card.epochs == 1


def test_that_a_run_cancelled_in_its_first_epoch_keeps_its_checkpoint_only(small_run: Path) -> None:
    with pytest.raises(Cancelled):
        run_training(small_run, Listener(first_step_was_made))
    assert (small_run / "last.ckpt").exists()
    assert not (small_run / BUNDLE_FOLDER).exists()


def test_that_a_run_cancelled_while_reading_ends_at_once(small_run: Path) -> None:
    listener = Listener(lambda event: isinstance(event, Progress))
    with pytest.raises(Cancelled):
        run_training(small_run, listener)
    assert len(listener.events) == 1


def test_that_a_run_cancelled_while_testing_has_its_figures(small_run: Path) -> None:
    listener = Listener(lambda e: isinstance(e, Progress) and e.note == "scoring test images")
    with pytest.raises(Cancelled) as cancelled:
        run_training(small_run, listener)
    assert cancelled.value.metrics["epochs"] == 2.0


def test_that_invalid_numbers_end_a_run_before_its_checkpoint(
    small_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil_loss(monkeypatch, lambda loss: loss * math.nan)
    with pytest.raises(KnownError, match="epoch 1") as failure:
        run_training(small_run, Listener())
    assert "learning rate" in failure.value.hint
    assert not (small_run / "last.ckpt").exists()


def test_that_training_stops_when_nothing_gets_better(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(tmp_path, photo_items(tmp_path / "photos", test=0), epochs=20, patience=2)
    spoil_loss(monkeypatch, lambda loss: loss * 0 + 1)
    assert run_training(run, Listener())["epochs"] == 3.0


def test_that_the_bundle_has_the_best_epochs_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(tmp_path, photo_items(tmp_path / "photos", test=0), epochs=4)
    calls: list[int] = []

    def grow(loss: Tensor) -> Tensor:
        calls.append(1)
        return loss * 0 + len(calls)

    spoil_loss(monkeypatch, grow)
    assert run_training(run, Listener())["best_epoch"] == 1.0
    best = torch.load(run / "best.ckpt", weights_only=True)["state_dict"]
    bundle = load_bundle(run / BUNDLE_FOLDER, CPU).model.state_dict()
    name = "encoder.0.0.weight"
    assert torch.equal(bundle[name], best[f"model.{name}"])


def test_that_running_out_of_gpu_memory_names_the_remedy(
    small_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_loss: Tensor) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    spoil_loss(monkeypatch, refuse)
    with pytest.raises(OutOfMemoryError) as failure:
        run_training(small_run, Listener())
    assert "Images per step" in failure.value.hint


def test_that_a_full_disk_leaves_the_checkpoint_before(
    small_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_disk(event: Event) -> bool:
        if isinstance(event, EpochEnded) and event.epoch == 2:
            monkeypatch.setattr("os.fsync", refuse)
        return False

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFullError, match=r"\.ckpt"):
        run_training(small_run, Listener(fill_disk))
    assert torch.load(small_run / "last.ckpt", weights_only=True)["epoch"] == 0
    assert not list(small_run.glob(".*"))


def test_that_truncated_training_images_are_counted_and_left_out(tmp_path: Path) -> None:
    items = photo_items(tmp_path / "photos", test=0)
    truncate(items[0].image_path)
    figures = run_training(write_run(tmp_path / "run", items, epochs=1), Listener())
    assert figures["skipped_images"] == 1.0


def test_that_a_folder_without_a_readable_image_is_named(tmp_path: Path) -> None:
    items = photo_items(tmp_path / "photos", test=0)
    for item in items:
        truncate(item.image_path)
    with pytest.raises(BadDataError) as failure:
        run_training(write_run(tmp_path / "run", items), Listener())
    assert str(tmp_path / "photos" / "train") in failure.value.message


@pytest.mark.parametrize(
    ("config", "word"),
    [({"epochs": 0}, "epochs"), ({"image_size_px": 100}, "image_size_px"), ({"x": 1}, "x")],
)
def test_that_impossible_settings_are_refused_by_name(
    tmp_path: Path, config: dict[str, Any], word: str
) -> None:
    items = photo_items(tmp_path / "photos", train=2, val=1, test=0)
    with pytest.raises(BadDataError, match=f"'{word}'"):
        run_training(write_run(tmp_path / "run", items, **config), Listener())


@pytest.mark.parametrize(
    ("fault", "known"),
    [
        (MemoryError(), OutOfMemoryError),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), OutOfMemoryError),
        (OSError(errno.ENOSPC, "No space left on device", "/a/b.ckpt"), DiskFullError),
        (PermissionError(errno.EACCES, "Permission denied", "/a/b.ckpt"), BadDataError),
        (RuntimeError("size mismatch"), RuntimeError),
    ],
)
def test_that_faults_of_the_machine_become_sentences_and_bugs_stay(
    fault: Exception, known: type[Exception]
) -> None:
    with pytest.raises(known), known_faults("training", memory_hint="less"):
        raise fault
