"""How weights move: the optimizer and the course of its rate, the same for every task."""

from collections.abc import Callable, Mapping
from typing import Any

from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
)

from training.models.settings import ScheduleName, TrainingConfig

Schedule = LRScheduler | ReduceLROnPlateau

_PLATEAU_FACTOR = 0.3


def optimizer_and_schedules(
    groups: list[dict[str, Any]], config: TrainingConfig, *, total_steps: int
) -> tuple[list[Optimizer], list[Schedule]]:
    """Return what a learner's `configure_optimizers` has to return."""
    optimizer = AdamW(groups)
    schedules = _MAKERS[config.schedule](optimizer, config, max(1, total_steps))
    return [optimizer], schedules


def _one_cycle(optimizer: Optimizer, config: TrainingConfig, total_steps: int) -> list[Schedule]:
    # Up, then down to nothing: sharp results after few epochs.
    rates = [group["lr"] for group in optimizer.param_groups]
    return [OneCycleLR(optimizer, rates, total_steps=total_steps, pct_start=config.warm_up)]


def _cosine(optimizer: Optimizer, config: TrainingConfig, total_steps: int) -> list[Schedule]:
    warm_steps = _warm_steps(config, total_steps)
    decay = CosineAnnealingLR(optimizer, max(1, total_steps - warm_steps))
    if not warm_steps:
        return [decay]
    warm_up = LinearLR(optimizer, 1 / (warm_steps + 1), total_iters=warm_steps)
    return [SequentialLR(optimizer, [warm_up, decay], [warm_steps])]


def _plateau(optimizer: Optimizer, config: TrainingConfig, total_steps: int) -> list[Schedule]:
    # Often enough that several reductions fit in before training ends for want of progress.
    patience = max(1, config.patience // 4)
    reduce = ReduceLROnPlateau(optimizer, factor=_PLATEAU_FACTOR, patience=patience)
    return [*_constant(optimizer, config, total_steps), reduce]


def _constant(optimizer: Optimizer, config: TrainingConfig, total_steps: int) -> list[Schedule]:
    warm_steps = _warm_steps(config, total_steps)
    if not warm_steps:
        return []
    return [LinearLR(optimizer, 1 / (warm_steps + 1), total_iters=warm_steps)]


def _warm_steps(config: TrainingConfig, total_steps: int) -> int:
    return round(config.warm_up * total_steps)


_MAKERS: Mapping[ScheduleName, Callable[[Optimizer, TrainingConfig, int], list[Schedule]]] = {
    "one_cycle": _one_cycle,
    "cosine": _cosine,
    "plateau": _plateau,
    "constant": _constant,
}
