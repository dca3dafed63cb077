"""A look at a training before it is started: its data, its time, its memory, its rate."""

import math
import time
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import torch
from lightning.pytorch import Callback, LightningModule, Trainer, seed_everything

from inspector_app.protocol.files import DATASET_FILE, DatasetItem
from inspector_app.protocol.messages import Progress, Remark
from training.context import JobContext
from training.data.doubts import Finding, class_of, find_doubts
from training.data.first_look import find_image_doubts, look_at_images
from training.data.items import read_lines
from training.faults import known_faults
from training.fit.callbacks import Heed
from training.fit.run import MEMORY_HINT, open_run
from training.fit.task_run import TaskRun
from training.fit.trainer import plain_trainer, quiet_lightning

_STEPS = 3
"""The first one warms up and is not timed."""
_RANGE_STEPS = 60
_LOWEST, _HIGHEST = 1e-6, 1e-1
_SMOOTHING = 0.8
_DIVERGED = 4.0
"""Times the smallest loss."""


def check_training(run_folder: Path, context: JobContext) -> dict[str, float]:
    """Tell what speaks against a run, and measure a few of its steps.

    Returns:
        ``train_images``, ``val_images``, ``test_images``, ``unreadable_images``,
        ``step_seconds``, ``epoch_seconds``, ``run_seconds`` (if it is not stopped early) and
        ``memory_mb`` (of the GPU, or of the process).

    Raises:
        Cancelled: if it is.
        KnownError: bad data, out of memory.
    """
    with known_faults("the check", memory_hint=MEMORY_HINT):
        return _check(open_run(run_folder, context), run_folder, context)


def _check(
    run: TaskRun[Any, Any, Any, Any], run_folder: Path, context: JobContext
) -> dict[str, float]:
    of_roles = {"train": run.roles.train, "val": run.roles.val, "test": run.roles.test}
    roles = {role: [item.image_path for item in items] for role, items in of_roles.items()}
    items = read_lines(run_folder / DATASET_FILE, DatasetItem)
    findings = find_doubts(
        items,
        roles,
        size_px=run.config.image_size_px,
        learns_masks=run.given.kind.card.task == "segmentation",
    )
    paths = {path for of_role in roles.values() for path in of_role}
    looked = look_at_images(
        paths, lambda done: run.given.report(done, len(paths), "looking at images")
    )
    for finding in (*findings, *find_image_doubts(looked, roles)):
        _tell(context, finding)
    counts = {f"{role}_images": float(len(of_role)) for role, of_role in roles.items()}
    counts["unreadable_images"] = float(len(looked.unreadable))
    classes = {item.image_path: class_of(item) for item in items}
    return counts | _measure(run, classes, looked.unreadable)


def find_rate(run_folder: Path, context: JobContext) -> dict[str, float]:
    """Return ``learning_rate``: where the loss falls fastest as the rate rises (Smith 2017).

    Source: L. N. Smith, Cyclical Learning Rates, arXiv 1506.01186, the range test; as in
    common practice the rate is that of the steepest fall.

    Raises:
        Cancelled: if it is.
        KnownError: bad data, out of memory.
    """
    with known_faults("the search", memory_hint=MEMORY_HINT):
        return _find_rate(open_run(run_folder, context), context)


def _find_rate(run: TaskRun[Any, Any, Any, Any], context: JobContext) -> dict[str, float]:
    seed_everything(run.config.seed, verbose=False)
    settings = {"schedule": "constant", "warm_up": 0.0}
    run.config = run.config.model_copy(update=settings)
    read_train, read_val = run.read(run.roles.train), run.read(run.roles.val)
    test = RateRange(context)
    folder, callbacks = run.given.folder, [Heed(context), test]
    limits = {"max_steps": _RANGE_STEPS, "limit_val_batches": 0}
    trainer = plain_trainer(folder, run.config, run.device, callbacks, **limits)
    learner = run.given.kind.learner(run.build(read_train), run.config)
    with quiet_lightning():
        trainer.fit(learner, *run.loaders(read_train, read_val))
    return {"learning_rate": steepest(test.rates, test.losses)}


class RateRange(Callback):
    """Raises the rate from step to step until the loss runs away."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self.rates: list[float] = []
        self.losses: list[float] = []

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        share = trainer.global_step / (_RANGE_STEPS - 1)
        rate = _LOWEST * (_HIGHEST / _LOWEST) ** share
        for optimizer in trainer.optimizers:
            groups = optimizer.param_groups
            # Slower parts stay slower by as much.
            first = groups[0]["initial"] if "initial" in groups[0] else groups[0]["lr"]
            for group in groups:
                group.setdefault("initial", group["lr"])
                group["lr"] = rate * group["initial"] / first
        self.rates.append(rate)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self.losses.append(float(outputs["loss"]))
        done = len(self.losses)
        self._context.emit(
            Progress(
                job_id=self._context.job_id, done=done, total=_RANGE_STEPS, note="trying rates"
            )
        )
        if self.losses[-1] > _DIVERGED * min(self.losses):
            trainer.should_stop = True


def steepest(rates: Sequence[float], losses: Sequence[float]) -> float:
    """Return the rate at which the smoothed loss falls fastest per factor of the rate."""
    smooth: list[float] = []
    for loss in losses:
        smooth.append(loss if not smooth else _SMOOTHING * smooth[-1] + (1 - _SMOOTHING) * loss)
    falls = [after - before for before, after in pairwise(smooth)]
    best = min(range(len(falls)), key=falls.__getitem__, default=0)
    return rates[best]


class _Timer(Callback):
    """How long steps take, of training and of validation."""

    def __init__(self) -> None:
        self.step_s = 0.0
        self.check_s = 0.0
        self._started_s = 0.0

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        self._started_s = time.monotonic()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        # A GPU has only been asked so far; to look at the loss is to wait for it.
        float(outputs["loss"])
        self.step_s = time.monotonic() - self._started_s

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._started_s = time.monotonic()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.check_s = time.monotonic() - self._started_s


def _measure(
    run: TaskRun[Any, Any, Any, Any], classes: dict[str, str], unreadable: Collection[str]
) -> dict[str, float]:
    config = run.config
    # Where none can be read, the reading of all of them tells so.
    readable_train, readable_val = (
        [item for item in items if item.image_path not in unreadable] or items
        for items in (run.roles.train, run.roles.val)
    )
    train_items = _some(readable_train, classes, _STEPS * config.batch_size)
    val_items = _some(readable_val, classes, config.batch_size)
    seed_everything(config.seed, verbose=False)
    started = time.monotonic()
    train, val = run.read(train_items), run.read(val_items)
    reading_s = (time.monotonic() - started) / (len(train_items) + len(val_items))
    loaders = run.loaders(train, val)
    learner = run.given.kind.learner(run.build(train), config)
    timer = _Timer()
    if run.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    trainer = plain_trainer(
        run.given.folder,
        config,
        run.device,
        [Heed(run.given.context), timer],
        max_epochs=1,
        limit_train_batches=_STEPS,
    )
    with quiet_lightning():
        trainer.fit(learner, *loaders)
    steps = max(1.0, len(loaders[0]) * len(run.roles.train) / len(train_items))  # type: ignore[arg-type]
    checking_s = timer.check_s * len(run.roles.val) / len(val_items)
    epoch_s = math.floor(steps) * timer.step_s + checking_s
    images = len(run.roles.train) + len(run.roles.val)
    return {
        "step_seconds": timer.step_s,
        "epoch_seconds": epoch_s,
        "run_seconds": config.epochs * epoch_s + images * reading_s,
        "memory_mb": _memory_mb(run.device),
    }


def _some(items: Sequence[Any], classes: dict[str, str], count: int) -> list[Any]:
    """Return so many items, at least two of each class if there are."""
    taken: dict[str, int] = {}
    first: list[Any] = []
    rest: list[Any] = []
    for item in items:
        name = classes[item.image_path]
        taken[name] = taken.get(name, 0) + 1
        (first if taken[name] <= 2 else rest).append(item)
    return first + rest[: max(0, count - len(first))]


def _memory_mb(device: torch.device) -> float:
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved() / 2**20
    memory = psutil.Process().memory_info()
    # Windows knows the peak; elsewhere what is held now is close to it.
    return getattr(memory, "peak_wset", memory.rss) / 2**20


def _tell(context: JobContext, finding: Finding) -> None:
    context.emit(Remark(job_id=context.job_id, text=finding.text, is_warning=finding.is_warning))
