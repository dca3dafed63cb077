"""Commands to a worker and events from it: one JSON object a line, told apart by `type`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from inspector_app.protocol.base import Frozen
from inspector_app.protocol.files import DatasetItem, ModelCard

TrainingPurpose = Literal["train", "check", "find_rate", "adapt_clicks"]
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


BoxEdges = tuple[int, int, int, int]
"""Left, top, right, bottom in image pixels; right and bottom exclusive."""


class PrepareImage(Frozen):
    """Encode an image so that the first click on it is quick; no answer is owed but an event."""

    type: Literal["prepare_image"] = "prepare_image"
    request_id: int
    image_path: str
    view: BoxEdges | None = None
    """The part that is looked at; None for all of the image."""


class PrepareAhead(Frozen):
    """Encode an image that is looked at later, while nothing else is asked for.

    Given up for a click and taken up again after it; the next one of its kind replaces it.
    Answered like `PrepareImage`, if it is carried out.
    """

    type: Literal["prepare_ahead"] = "prepare_ahead"
    request_id: int
    image_path: str
    view: BoxEdges | None = None


class Segment(Frozen):
    """Turn prompts into candidate masks.

    Where all prompts lie in a `view`, only that part of the image is encoded, and small
    things in it are seen better.
    """

    type: Literal["segment"] = "segment"
    request_id: int
    image_path: str
    points: tuple[ClickPoint, ...] = ()
    box: BoxEdges | None = None
    view: BoxEdges | None = None
    stays_in_box: bool = False
    """Nothing outside the box belongs, whatever the points say."""
    rough: RleMask | None = None
    """A mask drawn by hand, to be brought to the edges that it was meant to follow."""
    refines: int = 0
    """Which candidate of the last answer added points work on."""


class Hover(Frozen):
    """Ask what a click would give; answered at once, with nothing where that is not possible."""

    type: Literal["hover"] = "hover"
    request_id: int
    image_path: str
    x: float
    y: float
    view: BoxEdges | None = None


class StartTraining(Frozen):
    """Run the job described by ``job.json`` and ``dataset.jsonl`` in `run_folder`.

    Where an interrupted run has left its checkpoint there, it is gone on with.
    """

    type: Literal["start_training"] = "start_training"
    job_id: str
    run_folder: str
    purpose: TrainingPurpose = "train"
    """Or only look at it: tell what speaks against it and measure some steps, or find a rate.

    Or, with a folder of ``regions.jsonl`` alone, adapt the click model to them.
    """


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


class ReclaimDevice(Frozen):
    """The GPU is free again: the next click loads its model there."""

    type: Literal["reclaim_device"] = "reclaim_device"


class ChooseClickModel(Frozen):
    """Answer clicks with this model, if its weights are there; empty for the best one."""

    type: Literal["choose_click_model"] = "choose_click_model"
    name: str = ""
    adapted_folder: str = ""
    """Where the project has a click model of its own; it is read anew. Empty if it has none."""


class ShowVariations(Frozen):
    """Show some images as a training with these settings would vary them.

    Of several that wait only the latest is answered.
    """

    type: Literal["show_variations"] = "show_variations"
    request_id: int
    model_kind: str
    config: dict[str, Any]
    """Settings that differ from the card's defaults."""
    items: tuple[DatasetItem, ...]
    seed: int = Field(ge=0)
    """Another one gives other variations of the same images."""
    folder: str
    """Takes the pictures; it is there, and whoever asks clears it away."""


Command = Annotated[
    PrepareImage
    | PrepareAhead
    | Segment
    | Hover
    | StartTraining
    | StartInspection
    | Cancel
    | ReleaseModels
    | ReclaimDevice
    | ChooseClickModel
    | ShowVariations,
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
    encoder: str = ""
    """Names what the click model leaves in the cache; empty if it prepares nothing."""
    click_models: tuple[str, ...] = ()
    """Every click model that is at hand, best first."""


class ClickModelChanged(Frozen):
    """Clicks are answered by this model from now on; the answer to every command that may do so."""

    type: Literal["click_model_changed"] = "click_model_changed"
    click_model: str
    encoder: str = ""
    """As in `Hello`."""
    click_models: tuple[str, ...] = ()
    """As in `Hello`."""


class ImagePrepared(Frozen):
    """An image is encoded, or the click model needs no such thing."""

    type: Literal["image_prepared"] = "image_prepared"
    request_id: int
    click_model: str
    seconds: float
    encoder: str = ""
    """As in `Hello`; other weights give another name."""
    is_kept: bool = False
    """The cache holds it for another time."""
    was_kept: bool = False
    """It came from there."""


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


class Hovered(Frozen):
    """The best candidate for a `Hover`; none where the view is not prepared or nothing is found."""

    type: Literal["hovered"] = "hovered"
    request_id: int
    mask: RleMask | None = None


class RequestFailed(Frozen):
    """A `PrepareImage`, `PrepareAhead`, `Segment` or `Hover` could not be answered."""

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


class Remark(Frozen):
    """What a job has come upon and how it goes on, a sentence for the operator."""

    type: Literal["remark"] = "remark"
    job_id: str
    text: str
    is_warning: bool = True
    """False for a plain fact that a check of the data tells."""


Outline = tuple[tuple[float, float], ...]
"""Corners (x, y) of a closed line, in pixels of its picture."""


class VariedPicture(Frozen):
    """One image, or a part of it, as a training would see it."""

    file: str
    """In the folder that was asked for: 8 bit RGB."""
    image_path: str
    outlines: tuple[Outline, ...] = ()
    """Of what is marked, moved as the picture was."""


class VariationsShown(Frozen):
    """The answer to `ShowVariations`: pictures, or why there are none."""

    type: Literal["variations_shown"] = "variations_shown"
    request_id: int
    pictures: tuple[VariedPicture, ...] = ()
    error: str = ""
    hint: str = ""


class SeenRegion(Frozen):
    """One defect that a model sees, in pixels of the image's file."""

    class_name: str
    """Empty where the model does not tell types apart."""
    score_01: float
    box: BoxEdges
    mask: RleMask | None = None
    """None for a detector's."""


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
    called: str = ""
    """The class that the image is taken for, of a model that tells types apart; else empty."""
    share_01: float | None = None
    """How likely that class is to the model."""
    regions: tuple[SeenRegion, ...] = ()
    """What such models see; the surest first."""


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
    | ClickModelChanged
    | ImagePrepared
    | Segmented
    | Hovered
    | RequestFailed
    | Progress
    | EpochEnded
    | CheckpointSaved
    | Remark
    | ImageScored
    | JobEnded
    | VariationsShown
    | Heartbeat,
    Field(discriminator="type"),
]
