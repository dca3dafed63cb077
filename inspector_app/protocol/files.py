"""Files that one side leaves for the other: job, data set, model card, bundle, inspection.

Run folder (one per training job)::

    job.json          TrainingJob
    dataset.jsonl     DatasetItem per line, frozen: later edits do not matter
    events.jsonl      every event of the job, as sent
    last.ckpt, previous.ckpt, best.ckpt
    run.lock          held by the worker that is at work
    bundle/           model.safetensors + card.json (BundleCard), what inspection loads
    predictions.jsonl Prediction per line, of held-out images; where types are told apart
    redrawn.jsonl     RedrawnImage per line, of models that redraw
    redrawn/*.png     what each line names: NN-given, NN-redrawn, NN-error; 8 bit RGB

Inspection folder (one per batch)::

    inspection.json   InspectionJob
    manifest.jsonl    InspectionItem per line
    heatmaps/*.png    16 bit, model resolution
    results.jsonl     ImageScored per line, as sent
"""

from typing import Any, Literal

from pydantic import Field

from inspector_app.protocol.base import FILE_VERSION, Frozen

JOB_FILE = "job.json"
DATASET_FILE = "dataset.jsonl"
EVENTS_FILE = "events.jsonl"
LOCK_FILE = "run.lock"
BUNDLE_FOLDER = "bundle"
BUNDLE_CARD_FILE = "card.json"
BUNDLE_WEIGHTS_FILE = "model.safetensors"
INSPECTION_FILE = "inspection.json"
MANIFEST_FILE = "manifest.jsonl"
RESULTS_FILE = "results.jsonl"
PREDICTIONS_FILE = "predictions.jsonl"
REDRAWN_FILE = "redrawn.jsonl"
REDRAWN_FOLDER = "redrawn"
HEATMAP_FOLDER = "heatmaps"


class ModelCard(Frozen):
    """A kind of model that can be trained, as announced to the window."""

    kind: str
    """Key: ``autoencoder``."""
    title: str
    task: Literal["anomaly", "segmentation", "classification", "detection"]
    summary: str
    """One sentence an operator understands."""
    needs: str
    """What it learns from: “Good parts only”."""
    is_baseline: bool = False
    has_samples: bool = False
    """Whether it can show what it makes of training images: `ShowVariations`."""
    config_schema: dict[str, Any]
    """JSON schema of the settings; the form is generated from it."""


class DrawnBox(Frozen):
    """One drawn defect, in image pixels; right and bottom edges are exclusive."""

    class_name: str
    left: int
    top: int
    right: int
    bottom: int


class DatasetItem(Frozen):
    """One image of a frozen data set."""

    image_path: str
    """Absolute."""
    split: Literal["train", "val", "test"]
    is_defective: bool
    defect_type: str = ""
    mask_size: tuple[int, int] | None = None
    """(height, width) of `mask_counts`."""
    mask_counts: str = ""
    """COCO RLE of the union of all regions, empty if there is none."""
    class_masks: dict[str, str] = Field(default_factory=dict)
    """COCO RLE of each class's regions, of `mask_size`; empty where all is of `defect_type`."""
    boxes: tuple[DrawnBox, ...] = ()
    """Of every region in an image of `mask_size`; empty where only pixels are known."""


class TrainingTeam(Frozen):
    """How many processes learn together, each on a device of its own."""

    devices: int = Field(default=1, ge=1)
    """Of each machine."""
    nodes: int = Field(default=1, ge=1)
    """Machines; all see the same run folder and images under the same paths."""
    address: str = ""
    """Where the first process is found, host:port; empty on one machine."""

    @property
    def size(self) -> int:
        return self.devices * self.nodes


class TrainingJob(Frozen):
    """What a training worker is asked to do."""

    protocol: int = FILE_VERSION
    job_id: str
    model_kind: str
    config: dict[str, Any] = Field(default_factory=dict)
    """Settings that differ from the card's defaults."""
    project_name: str = ""
    created_at: str = ""
    """ISO 8601, UTC."""
    device: Literal["auto", "cpu"] = "auto"
    team: TrainingTeam = TrainingTeam()


class ThresholdCard(Frozen):
    """A threshold and how it was chosen (see domain.decision.Calibration)."""

    value: float
    method: str
    good_count: int
    overkill_asked: float
    overkill_bound: float


class BundleCard(Frozen):
    """Everything but the weights that judging an image needs."""

    protocol: int = FILE_VERSION
    kind: str
    task: str
    title: str
    config: dict[str, Any]
    """The complete settings, defaults included."""
    input_size_px: int
    threshold: ThresholdCard
    good_scores: tuple[float, ...]
    """Scores of the held-out good images, ascending."""
    pixel_threshold: float
    """Where the contour is drawn on the heatmap."""
    pixel_median: float
    """Median heatmap value on held-out good images; the low end of the colour scale."""
    weights_sha256: str
    dataset_sha256: str
    code_version: str
    trained_at: str
    epochs: int
    best_epoch: int
    classes: tuple[str, ...] = ()
    """What a classifier tells apart, in the order of its answers; empty for other tasks."""
    started_from: str = ""
    """Where the weights came from before training: a file, or “from scratch”; empty if unsaid."""


class Prediction(Frozen):
    """What a classifier, or a network that marks pixels, takes one held-out image for."""

    image_path: str
    split: Literal["val", "test"]
    truth: str
    called: str
    shares: dict[str, float]
    """Of every class; they sum to 1."""


class RedrawnImage(Frozen):
    """A held-out image as a model redraws it; pictures of it lie in the folder of such."""

    number: int = Field(ge=0)
    """Names its pictures."""
    image_path: str
    is_defective: bool
    defect_type: str = ""
    brightness_loss: float
    structure_loss: float
    """Mean over the image, each ≥ 0."""


class InspectionItem(Frozen):
    """One image to score; truth, where known, is used for figures only."""

    image_path: str
    is_defective: bool | None = None
    defect_type: str = ""
    mask_size: tuple[int, int] | None = None
    mask_counts: str = ""


class InspectionJob(Frozen):
    """What an inspection worker is asked to do."""

    protocol: int = FILE_VERSION
    job_id: str
    bundle_folder: str
    """Absolute."""
    device: Literal["auto", "cpu"] = "auto"
