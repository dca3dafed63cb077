"""One training job from its run folder to its bundle."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import torch
from lightning.pytorch import seed_everything

from inspector_app import __version__
from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import (
    BUNDLE_FOLDER,
    DATASET_FILE,
    JOB_FILE,
    BundleCard,
    DatasetItem,
    TrainingJob,
)
from inspector_app.protocol.messages import Progress
from training.context import Cancelled, JobContext
from training.data.items import Roles, assign_roles, read_job, read_lines
from training.data.pictures import Pictures
from training.devices import pick_device
from training.faults import known_faults
from training.files import sha256_of
from training.fit.calibration import calibrate
from training.fit.callbacks import Checkpoints
from training.fit.classification import ClassifierRun
from training.fit.segmentation import SegmentationRun
from training.fit.steps import load_network, report
from training.fit.trainer import make_trainer, quiet_lightning
from training.inference.bundle import weights_bytes, write_bundle
from training.inference.evaluation import evaluate
from training.inference.heatmaps import heatmap_scale
from training.inference.scorer import Scorer
from training.models import find_kind
from training.models.anomaly import AnomalyModel
from training.models.base import ModelKind
from training.models.settings import TrainingConfig

_log = logging.getLogger(__name__)

_FINISHING_IMAGES = 256
"""Training images whose statistics go into a bundle: more change little and delay a cancel."""


def run_training(run_folder: Path, context: JobContext) -> dict[str, float]:
    """Train as ``job.json`` says and leave checkpoints and a bundle in the run folder.

    Returns:
        Final figures: ``epochs``, ``best_epoch``, ``val_loss``, ``threshold``, ``skipped_images``,
        and where the test split has both good and defective images ``image_auroc`` (and
        ``pixel_auroc`` where masks are known). Of other
        tasks see `ClassifierRun.execute` and `SegmentationRun.execute`.

    Raises:
        Cancelled: after the checkpoint (and, if an epoch was finished, a bundle) was saved; its
            `metrics` hold the figures so far.
        KnownError: bad data, out of memory, disk full.
    """
    hint = "lower “Images per step” or “Image size (px)” and start again"
    with known_faults("training", memory_hint=hint):
        return _read_run(run_folder, context).execute()


def _read_run(folder: Path, context: JobContext) -> "TrainingRun | ClassifierRun | SegmentationRun":
    job = read_job(folder / JOB_FILE, TrainingJob)
    kind = find_kind(job.model_kind)
    if kind.card.task == "classification":
        return ClassifierRun.of(folder, context, kind, job)
    if kind.card.task == "segmentation":
        return SegmentationRun.of(folder, context, kind, job)
    return TrainingRun.of(folder, context, kind, job)


@dataclass(frozen=True)
class TrainingRun:
    """A job with everything its steps need."""

    folder: Path
    context: JobContext
    kind: ModelKind[TrainingConfig, AnomalyModel]
    config: TrainingConfig
    device: torch.device
    roles: Roles

    @classmethod
    def of(
        cls,
        folder: Path,
        context: JobContext,
        kind: ModelKind[TrainingConfig, AnomalyModel],
        job: TrainingJob,
    ) -> "TrainingRun":
        """Return the job of a run folder.

        Raises:
            BadDataError: if the settings or the data set cannot be used.
        """
        dataset = folder / DATASET_FILE
        roles = assign_roles(read_lines(dataset, DatasetItem), source=dataset)
        device = pick_device(job.device)
        return cls(folder, context, kind, kind.config(job.config), device, roles)

    def execute(self) -> dict[str, float]:
        """Read, fit, bundle, evaluate; see `run_training`."""
        # The one place where seeds are set: weights, order and variations follow from it.
        seed_everything(self.config.seed, verbose=False)
        train = self._read(self.roles.train)
        val = self._read(self.roles.val)
        skipped = len(train.skipped) + len(val.skipped)
        model = self.kind.build(self.config, ())
        checkpoints = Checkpoints(self.folder, self.context)
        figures: dict[str, float] = {}
        try:
            self._fit(model, train, val, checkpoints)
        except Cancelled:
            if checkpoints.epochs_done:
                card = self._bundle(model, train, val, checkpoints)
                figures = _figures(card, checkpoints, skipped)
            raise Cancelled(figures) from None
        card = self._bundle(model, train, val, checkpoints)
        figures = _figures(card, checkpoints, skipped)
        try:
            return figures | self._evaluate(model, card)
        except Cancelled:
            raise Cancelled(figures) from None

    def _read(self, items: Sequence[DatasetItem]) -> Pictures:
        pictures = Pictures([item.image_path for item in items], self.config.image_size_px)
        pictures.read(lambda done: report(self.context, done, len(items), "reading images"))
        if not len(pictures):
            raise BadDataError(
                f"{Path(items[0].image_path).parent}: none of {len(items)} good images can be read",
                "the log names what is wrong with each of them",
            )
        return pictures

    def _fit(
        self, model: AnomalyModel, train: Pictures, val: Pictures, checkpoints: Checkpoints
    ) -> None:
        size = self.config.batch_size
        learner = self.kind.learner(model, self.config)
        with quiet_lightning():
            trainer = make_trainer(self.folder, self.config, self.device, self.context, checkpoints)
            trainer.fit(learner, train.training_loader(size), val.loader(size))

    def _bundle(
        self, model: AnomalyModel, train: Pictures, val: Pictures, checkpoints: Checkpoints
    ) -> BundleCard:
        """Finish the best weights, calibrate them and write the bundle."""
        self.context.emit(
            Progress(job_id=self.context.job_id, done=1, total=1, note="setting the threshold")
        )
        load_network(model, checkpoints.best_path)
        model.to(self.device).eval()
        batches = train.training_loader(self.config.batch_size)
        count = -(-_FINISHING_IMAGES // self.config.batch_size)
        model.finish(images.to(self.device) for images in islice(batches, count))
        weights = weights_bytes(model)
        card = self._card(model, val, checkpoints, hashlib.sha256(weights).hexdigest())
        write_bundle(self.folder / BUNDLE_FOLDER, card, weights)
        return card

    def _card(
        self, model: AnomalyModel, val: Pictures, checkpoints: Checkpoints, weights_sha256: str
    ) -> BundleCard:
        good = calibrate(
            Scorer(model, self.device),
            val,
            overkill=self.config.overkill,
            batch_size=self.config.batch_size,
        )
        return BundleCard(
            kind=self.kind.card.kind,
            task=self.kind.card.task,
            title=self.kind.card.title,
            config=self.config.model_dump(),
            input_size_px=self.config.image_size_px,
            threshold=good.threshold,
            good_scores=good.scores,
            pixel_threshold=good.pixel_threshold,
            pixel_median=good.pixel_median,
            weights_sha256=weights_sha256,
            dataset_sha256=sha256_of(self.folder / DATASET_FILE),
            code_version=__version__,
            trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
            epochs=checkpoints.epochs_done,
            best_epoch=checkpoints.best_epoch,
        )

    def _evaluate(self, model: AnomalyModel, card: BundleCard) -> dict[str, float]:
        items = self.roles.test
        return evaluate(
            Scorer(model, self.device),
            items,
            size_px=self.config.image_size_px,
            scale=heatmap_scale(card),
            on_scored=lambda done: report(self.context, done, len(items), "scoring test images"),
        )


def _figures(card: BundleCard, checkpoints: Checkpoints, skipped: int) -> dict[str, float]:
    return {
        "epochs": float(card.epochs),
        "best_epoch": float(card.best_epoch),
        "val_loss": checkpoints.best_val_loss,
        "threshold": card.threshold.value,
        "skipped_images": float(skipped),
    }
