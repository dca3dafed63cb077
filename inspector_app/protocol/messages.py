"""Commands to a worker and events from it: one JSON object a line, told apart by `type`."""

from typing import Annotated, Literal

from pydantic import Field

from inspector_app.protocol.base import Frozen
from inspector_app.protocol.files import ModelCard

ErrorName = Literal["out_of_memory", "bad_data", "missing_weights", "disk_full", "bug"]


class RleMask(Frozen):
    """COCO run lengths: size is (height, width), counts COCO's compressed string."""

    size: tuple[int, int]
    counts: str


class ClickPoint(Frozen):
    """One click in image pixels; label 1 belongs, 0 does not."""

    x: float
    y: float
    label: Literal[0, 1]


# ---------------------------------------------------------------- commands


class PrepareImage(Frozen):
    """Encode an image so that the first click on it is quick; no answer is owed but an event."""

    type: Literal["prepare_image"] = "prepare_image"
    request_id: int
    image_path: str


class Segment(Frozen):
    """Turn click prompts into candidate masks.

    `box` is (left, top, right, bottom), right and bottom exclusive.
    """

    type: Literal["segment"] = "segment"
    request_id: int
    image_path: str
    points: tuple[ClickPoint, ...] = ()
    box: tuple[int, int, int, int] | None = None


class StartTraining(Frozen):
    """Run the job described by ``job.json`` and ``dataset.jsonl`` in `run_folder`."""

    type: Literal["start_training"] = "start_training"
    job_id: str
    run_folder: str


class StartInspection(Frozen):
    """Score the images of ``inspection.json`` and ``manifest.jsonl`` in `inspection_folder`."""

    type: Literal["start_inspection"] = "start_inspection"
    job_id: str
    inspection_folder: str


class Cancel(Frozen):
    """End a job early; what it has reached is kept. Unknown jobs are ignored."""

    type: Literal["cancel"] = "cancel"
    job_id: str


class ReleaseModels(Frozen):
    """Drop every loaded model, so that a training job has the whole GPU."""

    type: Literal["release_models"] = "release_models"


Command = Annotated[
    PrepareImage | Segment | StartTraining | StartInspection | Cancel | ReleaseModels,
    Field(discriminator="type"),
]

# ------------------------------------------------------------------ events


class Hello(Frozen):
    """A worker's first line."""

    type: Literal["hello"] = "hello"
    protocol: int
    pid: int
    device: str
    """For people: “NVIDIA RTX A2000 (12 GB)” or “CPU (8 threads)”."""
    model_cards: tuple[ModelCard, ...]
    click_model: str
    """The best click model that is at hand: “SAM ViT-B”, “MobileSAM”, “GrabCut”."""
    remarks: tuple[str, ...] = ()
    """Weights that were found and refused, one sentence each."""


class ImagePrepared(Frozen):
    """An image is encoded."""

    type: Literal["image_prepared"] = "image_prepared"
    request_id: int
    click_model: str
    seconds: float


class SegmentCandidate(Frozen):
    """One mask the click model proposes; `quality_01` is its own estimate of its IoU."""

    mask: RleMask
    quality_01: float


class Segmented(Frozen):
    """The candidates for a `Segment`, best first; empty if the model found nothing."""

    type: Literal["segmented"] = "segmented"
    request_id: int
    click_model: str
    candidates: tuple[SegmentCandidate, ...]
    seconds: float


class RequestFailed(Frozen):
    """A `PrepareImage` or `Segment` could not be answered."""

    type: Literal["request_failed"] = "request_failed"
    request_id: int
    error_kind: ErrorName
    error: str
    hint: str = ""


class Progress(Frozen):
    """How far a job is, at most ten times a second."""

    type: Literal["progress"] = "progress"
    job_id: str
    done: int
    total: int
    seconds_left: float | None = None
    note: str = ""


class EpochEnded(Frozen):
    """The figures of one epoch, counted from 1."""

    type: Literal["epoch_ended"] = "epoch_ended"
    job_id: str
    epoch: int
    epochs: int
    metrics: dict[str, float]
    """``train_loss``, ``val_loss``, …; one curve per name."""
    seconds: float


class CheckpointSaved(Frozen):
    """``last.ckpt`` (or ``best.ckpt``) of the run folder was replaced."""

    type: Literal["checkpoint_saved"] = "checkpoint_saved"
    job_id: str
    epoch: int
    file_name: str


class ImageScored(Frozen):
    """One image of a batch is judged, or could not be read (`error` says why, score is None)."""

    type: Literal["image_scored"] = "image_scored"
    job_id: str
    image_path: str
    score: float | None = None
    heatmap_file: str = ""
    """16-bit PNG in the inspection folder, at model resolution; value / 65535 × `heatmap_scale`."""
    heatmap_scale: float = 0.0
    seconds: float = 0.0
    error: str = ""


class JobEnded(Frozen):
    """The last word on a job."""

    type: Literal["job_ended"] = "job_ended"
    job_id: str
    outcome: Literal["completed", "cancelled", "failed"]
    metrics: dict[str, float] = Field(default_factory=dict)
    error_kind: ErrorName | None = None
    error: str = ""
    hint: str = ""


class Heartbeat(Frozen):
    """The worker's reading thread is alive; every two seconds."""

    type: Literal["heartbeat"] = "heartbeat"
    busy: bool
    memory_mb: int


Event = Annotated[
    Hello
    | ImagePrepared
    | Segmented
    | RequestFailed
    | Progress
    | EpochEnded
    | CheckpointSaved
    | ImageScored
    | JobEnded
    | Heartbeat,
    Field(discriminator="type"),
]
