"""One training job, of whatever task, from its run folder to its bundle."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from inspector_app.domain.errors import BadDataError, KnownError
from inspector_app.protocol.files import JOB_FILE, LOCK_FILE, TrainingJob, TrainingTeam
from training.context import JobContext
from training.data.items import read_job
from training.devices import pick_device
from training.faults import known_faults
from training.fit.classification import ClassifierRun
from training.fit.detection import DetectionRun
from training.fit.segmentation import SegmentationRun
from training.fit.task_run import Given, TaskRun
from training.fit.team import rank
from training.fit.typed_anomaly import anomaly_run
from training.fit.words import bundle_for_words
from training.models import find_kind
from training.models.yolo_world.card import YoloWorldConfig
from training.weights import WeightsShelf

_OTHERS_GRACE_S = 40.0
"""Longer than a worker has for its end."""
MEMORY_HINT = "lower “Images per step” or “Image size (px)” and start again"

_RUNS: Mapping[str, Callable[[Given[Any, Any]], TaskRun[Any, Any, Any, Any]]] = {
    "anomaly": anomaly_run,
    "classification": ClassifierRun.of,
    "detection": DetectionRun.of,
    "segmentation": SegmentationRun.of,
}


def run_training(run_folder: Path, context: JobContext) -> dict[str, float]:
    """Train as ``job.json`` says and leave checkpoints and a bundle in the run folder.

    Returns:
        Final figures: ``epochs``, ``best_epoch``, ``val_loss``, ``threshold``,
        ``skipped_images``, of labelled images ``pretrained`` (1 or 0), and what the task
        measures: `evaluate`, `recognition_figures`, `segmentation_figures` or `Detections`.

    Raises:
        Cancelled: after the checkpoint (and, if an epoch was finished, a bundle) was saved; its
            `metrics` hold the figures so far.
        KnownError: bad data, out of memory, disk full.
    """
    with known_faults("training", memory_hint=MEMORY_HINT), _alone_in(run_folder):
        given = _given(run_folder, context)
        if isinstance(given.config, YoloWorldConfig) and given.config.words:
            return bundle_for_words(given, WeightsShelf.of_this_machine())
        return _run_of(given).execute()


@contextlib.contextmanager
def _alone_in(run_folder: Path) -> Iterator[None]:
    """Wait for a worker that a killed program has left: it is still saving its checkpoint.

    Raises:
        KnownError: if it does not end.
    """
    if rank() or not run_folder.is_dir():
        yield
        return
    try:
        with FileLock(run_folder / LOCK_FILE, timeout=_OTHERS_GRACE_S):
            yield
    except Timeout as error:
        raise KnownError(
            f"{run_folder}: another worker is at work on this training",
            "close the other program, or wait until it has ended, and resume again",
        ) from error


def open_run(run_folder: Path, context: JobContext) -> TaskRun[Any, Any, Any, Any]:
    """Return the job of a run folder.

    Raises:
        BadDataError: if its settings or its data set cannot be used.
    """
    return _run_of(_given(run_folder, context))


def _run_of(given: Given[Any, Any]) -> TaskRun[Any, Any, Any, Any]:
    return _RUNS[given.kind.card.task](given)


def _given(folder: Path, context: JobContext) -> Given[Any, Any]:
    job = read_job(folder / JOB_FILE, TrainingJob)
    kind = find_kind(job.model_kind)
    config = kind.config(job.config)
    _check_shares(config.batch_size, job.team)
    return Given(folder, context, kind, config, pick_device(job.device), job.team)


def _check_shares(batch_size: int, team: TrainingTeam) -> None:
    if batch_size < 2 * team.size and team.size > 1:
        raise BadDataError(
            f"{batch_size} images per step are too few for {team.size} devices",
            f"raise “Images per step” to {2 * team.size} or more, or use fewer devices",
        )
