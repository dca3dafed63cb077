"""The two ways to train that `training_speed.py` compares, each timed by itself."""

import contextlib
import itertools
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy2
from typing import Any

import torch
from torch import nn

from inspector_app.protocol.files import DATASET_FILE, JOB_FILE
from inspector_app.protocol.messages import Event, Progress
from training.fit.learner import can_compile
from training.fit.optimizing import optimizer_and_schedules
from training.fit.run import open_run

Clock = Callable[[], float]
CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "cpu": time.process_time}
"""The second counts what this process computes: for a machine that others keep busy."""

_SAMPLE_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Pace:
    """Medians over the epochs after the first."""

    images_per_s: float
    whole_images_per_s: float
    gpu_share: float | None
    """Per cent of the time; None without a GPU, or without what asks its driver."""
    gpu_mb: float | None


@dataclass
class Ear:
    """A job's context that notes when each step ended."""

    clock: Clock
    job_id: str = "speed"
    is_cancelled: bool = False
    steps: list[float] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        # Reading images and evaluating tell their progress as well, in other words.
        if isinstance(event, Progress) and event.note.startswith("epoch "):
            self.steps.append(self.clock())


def our_run(run_folder: Path, clock: Clock, *, is_plain: bool) -> Pace:
    """Train as the program does, in a fresh copy of the run folder."""
    ear = Ear(clock)
    with _fresh(run_folder) as folder, watched_gpu() as gpu:
        run = open_run(folder, ear)
        build = run.build
        run.build = lambda train: _laid_out(build(train), is_plain)  # type: ignore[method-assign]
        run.execute()
    return _pace(ear.steps, run.config.epochs, run.config.batch_size, gpu)


def bare_loop(run_folder: Path, clock: Clock, *, is_plain: bool) -> Pace:
    """Train with nothing around the step; the loss is looked at once an epoch."""
    with _fresh(run_folder) as folder:
        run = open_run(folder, Ear(clock))
        config, device = run.config, run.device
        train, val = run.read(run.roles.train), run.read(run.roles.val)
        model = _laid_out(run.build(train), is_plain).to(device).train()
        loader: Any = run.loaders(train, val)[0]
    learner = run.given.kind.learner(model, config).to(device)
    if config.compiling == "auto" and can_compile(device):
        for part in learner.compiled_parts():
            part.compile()
    [optimizer], schedules = optimizer_and_schedules(
        learner.groups(), config, total_steps=config.epochs * len(loader)
    )
    half = torch.autocast(device.type, torch.bfloat16, enabled=config.precision != "full")
    steps: list[float] = []
    with watched_gpu() as gpu:
        for _ in range(config.epochs):
            total = torch.zeros((), device=device)
            for batch in loader:
                on_device = [each.to(device) for each in batch]
                optimizer.zero_grad()
                with half:
                    loss = learner.loss_of(on_device)
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), config.gradient_clip)
                optimizer.step()
                for schedule in schedules:
                    schedule.step()  # type: ignore[call-arg]  # none of them heeds a figure
                total += loss.detach()
                steps.append(clock())
            total.item()
            # A GPU's last steps are over only now.
            steps[-1] = clock()
    return _pace(steps, config.epochs, config.batch_size, gpu)


def _laid_out(model: nn.Module, is_plain: bool) -> Any:
    return model.to(memory_format=torch.contiguous_format) if is_plain else model  # type: ignore[call-overload]


@contextlib.contextmanager
def _fresh(run_folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="turn-", dir=run_folder.parent) as name:
        for file in (JOB_FILE, DATASET_FILE):
            copy2(run_folder / file, name)
        yield Path(name)


def _pace(steps: list[float], epochs: int, batch_size: int, gpu: "Gpu") -> Pace:
    each = len(steps) // epochs
    ends = [steps[n * each : (n + 1) * each] for n in range(epochs)]
    own = [(each - 1) * batch_size / (epoch[-1] - epoch[0]) for epoch in ends[1:]]
    whole = [
        each * batch_size / (epoch[-1] - before[-1]) for before, epoch in itertools.pairwise(ends)
    ]
    return Pace(statistics.median(own), statistics.median(whole), gpu.share, gpu.memory_mb)


@dataclass
class Gpu:
    """What a GPU did while it was watched."""

    share: float | None = None
    memory_mb: float | None = None


@contextlib.contextmanager
def watched_gpu() -> Iterator[Gpu]:
    """Watch the GPU while the body runs; says nothing where there is none."""
    gpu = Gpu()
    if not torch.cuda.is_available():
        yield gpu
        return
    torch.cuda.reset_peak_memory_stats()
    samples: list[int] = []
    is_over = threading.Event()
    watcher = threading.Thread(target=_sample, args=(torch.cuda.utilization, samples, is_over))
    watcher.start()
    try:
        yield gpu
    finally:
        is_over.set()
        watcher.join()
    gpu.memory_mb = torch.cuda.max_memory_allocated() / 2**20
    gpu.share = statistics.mean(samples) if samples else None


def _sample(ask: Callable[[], int], samples: list[int], is_over: threading.Event) -> None:
    while not is_over.wait(_SAMPLE_EVERY_S):
        try:
            samples.append(ask())
        except (ModuleNotFoundError, RuntimeError):
            # Without nvidia-ml-py, or where the driver does not tell, there is no share.
            return
