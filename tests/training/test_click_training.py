"""The command that trains the click network."""

import csv
import multiprocessing
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from inspector_app.domain.errors import BadDataError, DiskFullError
from training import click_model
from training.click_model import CURVE_FILE, scene_workers, train_click_model
from training.models.click.card import CARD_FILE, ClickCard
from training.models.click.config import ClickTraining
from training.models.click.learner import ClickLearner
from training.models.click.network import ClickNetwork
from training.models.click.weights import load_click_network, write_click_weights

CONFIG = ClickTraining(
    epochs=2, steps=2, batch_size=2, side_px=64, first_side_px=64, validation_scenes=2
)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    train_click_model(folder, CONFIG, CPU, workers=0)
    return folder


def curve(folder: Path) -> list[dict[str, str]]:
    with (folder / CURVE_FILE).open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_that_a_run_leaves_weights_card_and_curve(whole_run: Path) -> None:
    load_click_network(whole_run)
    assert [row["epoch"] for row in curve(whole_run)] == ["1", "2"]
    card = ClickCard.model_validate_json((whole_run / CARD_FILE).read_bytes())
    assert (card.config, card.epochs) == (CONFIG, 2)
    assert 0 <= card.figures["iou_5"] <= 1


def test_that_an_interrupted_run_ends_as_it_would_have(
    whole_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_after_one(*given: Any, epochs: int, **named: Any) -> ClickCard:
        if epochs > 1:
            raise DiskFullError("disk full", "")
        return write_click_weights(*given, epochs=epochs, **named)

    with monkeypatch.context() as patch:
        patch.setattr(click_model, "write_click_weights", full_after_one)
        with pytest.raises(DiskFullError):
            train_click_model(tmp_path, CONFIG, CPU, workers=0)
    train_click_model(tmp_path, CONFIG, CPU, workers=0)
    losses = [row["train_loss"] for row in curve(tmp_path)]
    assert losses == [row["train_loss"] for row in curve(whole_run)]


def test_that_a_run_is_not_continued_with_other_settings(whole_run: Path) -> None:
    other = CONFIG.model_copy(update={"seed": 1})
    with pytest.raises(BadDataError, match="other settings"):
        train_click_model(whole_run, other, CPU, workers=0)


def test_that_a_run_goes_on_from_another_and_its_card_keeps_the_others(
    whole_run: Path, tmp_path: Path
) -> None:
    train_click_model(
        tmp_path, CONFIG.model_copy(update={"seed": 5}), CPU, workers=0, start=whole_run
    )
    card, before = (
        ClickCard.model_validate_json((folder / CARD_FILE).read_bytes())
        for folder in (tmp_path, whole_run)
    )
    assert card.start == before
    assert card.config.start_sha256 == before.weights_sha256
    assert card.weights_sha256 != before.weights_sha256


def test_that_scenes_grow_during_a_run() -> None:
    config = ClickTraining(epochs=10, first_share=0.6, first_side_px=128, side_px=160)
    assert [config.side_of_epoch(epoch) for epoch in (0, 5, 6, 9)] == [128, 128, 160, 160]


def test_that_processes_share_every_batch_and_leave_nothing_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = CONFIG.model_copy(update={"processes": 2})
    learner = ClickLearner(ClickNetwork(), config, workers=0)
    whole = ClickLearner(ClickNetwork(), CONFIG, workers=0)
    shares = []
    for rank in range(2):
        monkeypatch.setattr(ClickLearner, "global_rank", rank)
        shares.append([images for images, _, _ in learner.train_dataloader()])
    monkeypatch.setattr(ClickLearner, "global_rank", 0)
    batches = [images for images, _, _ in whole.train_dataloader()]
    together = [torch.cat(both) for both in zip(*shares, strict=True)]
    torch.testing.assert_close(together, batches)


@pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="no process is forked here"
)
def test_that_scenes_are_not_made_by_forks_of_a_process_with_threads() -> None:
    loader = ClickLearner(ClickNetwork(), CONFIG, workers=1).train_dataloader()
    assert loader.multiprocessing_context.get_start_method() == "forkserver"


def test_that_two_processes_learn_together(tmp_path: Path) -> None:
    options = "--processes 2 --epochs 1 --steps 1 --batch-size 2 --workers 1 --device cpu"
    sides = "--side-px 64 --first-side-px 64"
    command = [sys.executable, "-m", "training.click_model", str(tmp_path)]
    command += options.split() + sides.split()
    subprocess.run(command, check=True, timeout=240, capture_output=True)
    load_click_network(tmp_path)
    assert [row["epoch"] for row in curve(tmp_path)] == ["1"]
    card = ClickCard.model_validate_json((tmp_path / CARD_FILE).read_bytes())
    assert card.config.processes == 2


def test_that_a_batch_that_cannot_be_shared_is_refused(tmp_path: Path) -> None:
    options = ["--batch-size", "3", "--processes", "2"]
    result = CliRunner().invoke(click_model.app, [str(tmp_path), *options])
    assert result.exit_code == 2
    assert "no multiple" in result.output
    assert not list(tmp_path.iterdir())


def test_that_a_gpu_is_fed_by_all_processors_and_a_cpu_is_left_to_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(click_model, "processor_count", lambda: 16)
    gpu = torch.device("cuda")
    assert scene_workers(gpu, 1) == 15
    assert scene_workers(gpu, 2) == 7
    assert scene_workers(CPU, 2) == 1
    monkeypatch.setattr(click_model, "processor_count", lambda: 1)
    assert scene_workers(gpu, 1) == 1


def test_that_the_command_says_what_it_is_for() -> None:
    result = CliRunner().invoke(click_model.app, ["--help"])
    assert result.exit_code == 0
    assert "click network" in result.output
