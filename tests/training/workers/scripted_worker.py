"""A worker of the product's own parts whose jobs and clicks do what their names ask for.

No torch: it starts in a fraction of a second. A run or inspection folder is called after
one of the functions in JOBS, an image after one of those in CLICKS; ``<name>.go`` beside
an image called ``wait…`` lets its click be answered.
"""

import ctypes
import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from training.worker.stdio import claim_pipes

pipes = claim_pipes()

import numpy as np  # noqa: E402  (as in the product: nothing before the pipes)

from inspector_app.domain.errors import BadDataError  # noqa: E402
from inspector_app.domain.geometry import Box  # noqa: E402
from inspector_app.protocol.base import PROTOCOL_VERSION  # noqa: E402
from inspector_app.protocol.messages import (  # noqa: E402
    EpochEnded,
    Hello,
    Progress,
    ShowVariations,
    VariedPicture,
)
from training.context import Cancelled, JobContext  # noqa: E402
from training.segmenters.base import Answer, Candidate, Interrupted, Kept, Prompts  # noqa: E402
from training.worker.environment import start_log  # noqa: E402
from training.worker.run import Services, run_worker  # noqa: E402

Metrics = dict[str, float]


def crash() -> None:
    """Read address 0, as a native library with a fault does."""
    ctypes.string_at(0)


def wait_for_file(path: Path) -> None:
    while not path.exists():
        threading.Event().wait(0.005)


def complete(folder: Path, context: JobContext) -> Metrics:
    context.emit(
        EpochEnded(job_id=context.job_id, epoch=1, epochs=1, metrics={"val_loss": 0.5}, seconds=0.1)
    )
    return {"val_loss": 0.5, "image_auroc": float("nan"), "ratio": float("inf")}


def hurry(folder: Path, context: JobContext) -> Metrics:
    for done in range(1, 1001):
        context.emit(Progress(job_id=context.job_id, done=done, total=1000))
    return {}


def print_much(folder: Path, context: JobContext) -> Metrics:
    print("printed by Python")
    sys.__stdout__.write("written to the first stdout\n")
    sys.__stdout__.flush()
    os.write(1, b"written to descriptor 1\n")
    subprocess.run(["echo", "printed by a child"], check=True)
    return {}


def read_input(folder: Path, context: JobContext) -> Metrics:
    return {"bytes": float(len(sys.stdin.read()) + len(os.read(0, 10)))}


def work_until_cancelled(folder: Path, context: JobContext) -> Metrics:
    context.emit(Progress(job_id=context.job_id, done=0, total=1))
    while not context.is_cancelled:
        threading.Event().wait(0.005)
    (folder / "last.ckpt").write_bytes(b"whole")
    raise Cancelled({"epochs": 3.0})


def leave_when_cancelled(folder: Path, context: JobContext) -> Metrics:
    while not context.is_cancelled:
        threading.Event().wait(0.005)
    raise SystemExit(1)


def heed_nothing(folder: Path, context: JobContext) -> Metrics:
    context.emit(Progress(job_id=context.job_id, done=0, total=1))
    while True:
        threading.Event().wait(60)


def run_out_of_memory(folder: Path, context: JobContext) -> Metrics:
    raise MemoryError


def fill_the_disk(folder: Path, context: JobContext) -> Metrics:
    raise OSError(errno.ENOSPC, "No space left on device", "/data/last.ckpt")


def find_bad_data(folder: Path, context: JobContext) -> Metrics:
    raise BadDataError("part.png: the file is empty", "copy it again")


def have_a_bug(folder: Path, context: JobContext) -> Metrics:
    return {"ratio": 1 / len("")}


def exit_the_process(folder: Path, context: JobContext) -> Metrics:
    sys.exit(3)


def segfault(folder: Path, context: JobContext) -> Metrics:
    crash()
    return {}


JOBS: dict[str, Callable[[Path, JobContext], Metrics]] = {
    job.__name__: job
    for job in (
        complete,
        exit_the_process,
        fill_the_disk,
        find_bad_data,
        have_a_bug,
        heed_nothing,
        hurry,
        leave_when_cancelled,
        print_much,
        read_input,
        run_out_of_memory,
        segfault,
        work_until_cancelled,
    )
}


def run_job(folder: Path, context: JobContext) -> Metrics:
    return JOBS[folder.name](folder, context)


class ScriptedClicks:
    """One pixel for every click, unless the image's name says something else."""

    name = "Scripted"
    encoder = "scripted"
    present = ("Scripted",)

    def prepare(
        self,
        image_path: Path,
        view: Box | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Kept:
        if image_path.stem.startswith("long"):
            assert should_stop is not None
            image_path.with_suffix(".begun").touch()
            while not image_path.with_suffix(".go").exists():
                if should_stop():
                    image_path.with_suffix(".interrupted").touch()
                    raise Interrupted
                threading.Event().wait(0.005)
        self._obey(image_path)
        return Kept(is_kept=True)

    def prepare_ahead(
        self, image_path: Path, view: Box | None, should_stop: Callable[[], bool]
    ) -> Kept:
        return self.prepare(image_path, view, should_stop)

    def segment(self, image_path: Path, prompts: Prompts, view: Box | None = None) -> Answer:
        self._obey(image_path)
        mask = np.zeros((8, 8), bool)
        for point in prompts.points:
            mask[int(point.y), int(point.x)] = True
        return Answer("Scripted", (Candidate(mask, 0.5),), (8, 8))

    def glance(self, image_path: Path, prompts: Prompts, view: Box | None = None) -> Answer:
        return self.segment(image_path, prompts, view)

    def release(self) -> None:
        print("released")

    def reclaim(self) -> None:
        print("reclaimed")

    def choose(self, name: str, adapted_folder: Path | None = None) -> None:
        print(f"chose {name}")

    def _obey(self, image_path: Path) -> None:
        match image_path.stem:
            case "segfault":
                crash()
            case "memory":
                raise MemoryError
            case name if name.startswith("wait"):
                image_path.with_suffix(".begun").touch()
                wait_for_file(image_path.with_suffix(".go"))


def show(command: ShowVariations) -> tuple[VariedPicture, ...]:
    """Show one picture by the name of the model; of one called ``wait…`` once it may."""
    if command.model_kind.startswith("wait"):
        folder = Path(command.folder)
        (folder / "begun").touch()
        wait_for_file(folder / "go")
    if command.model_kind.startswith("bad"):
        raise BadDataError("no such images", "choose others")
    return (VariedPicture(file=f"{command.model_kind}.png", image_path="a.png"),)


HELLO = Hello(
    protocol=PROTOCOL_VERSION,
    pid=os.getpid(),
    device="test",
    model_cards=(),
    click_model="Scripted",
)

if __name__ == "__main__":
    start_log()
    services = Services(
        hello=HELLO, clicks=ScriptedClicks(), train={"train": run_job}, inspect=run_job, show=show
    )
    run_worker(pipes, services, heartbeat_s=0.05)
