"""The life of a background job."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from inspector_app.domain.errors import BugError
from inspector_app.domain.proposals import Proposal


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_active(self) -> bool:
        return self in _ACTIVE

    @property
    def can_be_resumed(self) -> bool:
        return self in _ENDED_EARLY


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One training job of a project."""

    id: str
    model_kind: str
    config: Mapping[str, Any]
    """Settings that differ from the model card's defaults."""
    state: JobState
    folder: str
    """The run folder, relative to the project folder."""
    created_at: str
    """ISO 8601, UTC."""
    message: str = ""
    """Why it failed, or what came of it; for the operator."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Final figures: ``best_epoch``, ``val_loss``, …"""
    note: str = ""
    """The operator's own words."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InspectionRecord:
    """One batch inspection of a project."""

    id: str
    run_id: str
    folder: str
    """The inspection folder, relative to the project folder."""
    source: str
    """What was inspected: a folder, or the name of a split."""
    state: JobState
    created_at: str
    threshold: float
    """The one in force, moved by the operator or not."""
    calibrated_threshold: float
    """The one the model came with."""
    message: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """One image of a batch inspection; score is NaN where the image could not be judged."""

    image_path: str
    """Absolute."""
    is_defective: bool | None
    """What is known of the part, None if nothing is."""
    defect_type: str
    score: float
    heatmap_file: str
    """Below the inspection folder; empty if there is none."""
    heatmap_scale: float
    seconds: float
    error: str
    called: str = ""
    """The class that a model which tells types apart takes the image for."""
    share_01: float | None = None
    """How likely that class is to the model."""
    proposals: tuple[Proposal, ...] = ()
    """What such a model sees; the surest first."""

    @property
    def is_judged(self) -> bool:
        return not math.isnan(self.score)


_ACTIVE = frozenset({JobState.QUEUED, JobState.STARTING, JobState.RUNNING, JobState.CANCELLING})
_ENDED_EARLY = frozenset({JobState.CANCELLED, JobState.FAILED, JobState.INTERRUPTED})

_NEXT = {
    JobState.QUEUED: {JobState.STARTING, JobState.CANCELLED, JobState.INTERRUPTED},
    JobState.STARTING: {
        JobState.RUNNING,
        JobState.CANCELLING,
        JobState.CANCELLED,
        JobState.FAILED,
        JobState.COMPLETED,
        JobState.INTERRUPTED,
    },
    JobState.RUNNING: {
        JobState.CANCELLING,
        JobState.COMPLETED,
        JobState.CANCELLED,
        JobState.FAILED,
        JobState.INTERRUPTED,
    },
    # A job may finish in the moment its cancellation is on the way.
    JobState.CANCELLING: {
        JobState.CANCELLED,
        JobState.COMPLETED,
        JobState.FAILED,
        JobState.INTERRUPTED,
    },
    JobState.COMPLETED: set(),
    JobState.CANCELLED: {JobState.QUEUED, JobState.STARTING},
    JobState.FAILED: {JobState.QUEUED, JobState.STARTING},
    JobState.INTERRUPTED: {JobState.QUEUED, JobState.STARTING},
}


def parse_tags(text: str) -> tuple[str, ...]:
    """Return the words between the commas, each once, in the order in which they were written."""
    words = (" ".join(word.split()) for word in text.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def move(state: JobState, to: JobState) -> JobState:
    """Return `to`.

    Raises:
        BugError: if a job cannot go there from `state`.
    """
    if to not in _NEXT[state]:
        raise BugError(f"a job that is {state} cannot become {to}")
    return to
