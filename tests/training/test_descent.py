"""The course of the learning rate, averaged weights, and other shared settings of a training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from inspector_app.protocol.messages import EpochEnded, Event, Progress
from tests.training.parts import Listener, photo_items, write_run
from training.context import Cancelled
from training.fit.averaging import AveragedWeights
from training.fit.optimizing import optimizer_and_schedules
from training.fit.run import run_training
from training.fit.trainer import _precision
from training.models.settings import ScheduleName, TrainingConfig

CPU = torch.device("cpu")
SCHEDULES: list[ScheduleName] = ["one_cycle", "cosine", "plateau", "constant"]


def rates(schedule: ScheduleName, *, warm_up: float, steps: int = 20) -> list[float]:
    """Return the rate of every step, relative to the one asked for."""
    config = TrainingConfig(schedule=schedule, warm_up=warm_up)
    groups = [{"params": nn.Linear(1, 1).parameters(), "lr": 1.0}]
    [optimizer], schedules = optimizer_and_schedules(groups, config, total_steps=steps)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        for each in schedules:
            if not isinstance(each, ReduceLROnPlateau):
                each.step()
    return found


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_that_the_rate_rises_during_the_warm_up(schedule: ScheduleName) -> None:
    found = rates(schedule, warm_up=0.25)
    assert found[:5] == sorted(found[:5])
    assert found[0] < 0.5
    assert max(found) == pytest.approx(1.0)


@pytest.mark.parametrize("schedule", ["one_cycle", "cosine"])
def test_that_the_rate_falls_to_almost_nothing(schedule: ScheduleName) -> None:
    assert rates(schedule, warm_up=0.1)[-1] < 0.02


@pytest.mark.parametrize("schedule", ["cosine", "plateau", "constant"])
def test_that_without_warm_up_the_first_step_is_of_full_size(schedule: ScheduleName) -> None:
    assert rates(schedule, warm_up=0.0)[0] == 1.0


def test_that_the_rate_falls_where_nothing_gets_better(tmp_path: Path) -> None:
    items = photo_items(tmp_path / "photos", test=0)
    config = {"schedule": "plateau", "patience": 2, "epochs": 20, "learning_rate": 0.1}
    run = write_run(tmp_path / "run", items, **config)
    run_training(run, Listener())
    state = torch.load(run / "last.ckpt", weights_only=True)
    assert state["optimizer_states"][0]["param_groups"][0]["lr"] < 0.05


def in_an_epoch(event: Event) -> bool:
    return isinstance(event, Progress) and event.note.startswith("epoch") and event.done == 5


def in_a_validation(event: Event) -> bool:
    return isinstance(event, Progress) and event.note.startswith("epoch") and event.done == 6


@pytest.mark.parametrize("is_time", [in_an_epoch, in_a_validation])
@pytest.mark.parametrize(
    "config", [{"schedule": "cosine"}, {"schedule": "plateau", "patience": 4}, {"ema_decay": 0.9}]
)
def test_that_a_run_goes_on_exactly_with_other_settings_too(
    tmp_path: Path, config: dict[str, Any], is_time: Callable[[Event], bool]
) -> None:
    items = photo_items(tmp_path / "photos", test=0)
    whole, first, second = Listener(), Listener(is_time), Listener()
    run_training(write_run(tmp_path / "whole", items, epochs=4, **config), whole)
    cut_short = write_run(tmp_path / "cut", items, epochs=4, **config)
    with pytest.raises(Cancelled):
        run_training(cut_short, first)
    run_training(cut_short, second)
    curves = [[e.metrics for e in each.of(EpochEnded)] for each in (whole, first, second)]
    assert curves[1] + curves[2] == curves[0]


@pytest.fixture
def averaged() -> tuple[nn.Linear, AveragedWeights]:
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, 0.0)
    average = AveragedWeights(0.5)
    learner = Learner(network)
    average.setup(None, learner, "fit")  # type: ignore[arg-type]  # it needs no trainer
    for weight in (0.0, 8.0):
        nn.init.constant_(network.weight, weight)
        average.on_train_batch_end(None, learner, None, None, 0)  # type: ignore[arg-type]
    return network, average


class Learner(nn.Module):
    """As much of a learner as averaging looks at."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model


def test_that_the_average_looks_back_over_the_steps(
    averaged: tuple[nn.Linear, AveragedWeights],
) -> None:
    network, average = averaged
    with average.in_place():
        assert network.weight.item() == 4.0
    assert network.weight.item() == 8.0


def test_that_the_best_weights_are_the_averaged_ones(tmp_path: Path) -> None:
    items = photo_items(tmp_path / "photos", test=0)
    run = write_run(tmp_path / "run", items, epochs=1, ema_decay=0.5)
    run_training(run, Listener())
    best = torch.load(run / "best.ckpt", weights_only=True)["state_dict"]
    last = torch.load(run / "last.ckpt", weights_only=True)
    average = last["callbacks"]["AveragedWeights"]
    name = "encoder.0.0.weight"
    assert torch.equal(best[f"model.{name}"], average[f"module.{name}"])
    assert not torch.equal(best[f"model.{name}"], last["state_dict"][f"model.{name}"])


@pytest.mark.parametrize(
    ("asked_for", "given"),
    [("auto", "32-true"), ("full", "32-true"), ("bf16", "bf16-mixed"), ("fp16", "32-true")],
)
def test_that_a_cpu_computes_with_what_it_has(asked_for: Any, given: str) -> None:
    assert _precision(CPU, asked_for) == given
