"""One classifier's training from its run folder to its bundle and its figures."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import torch
from lightning.pytorch import seed_everything

from inspector_app import __version__
from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.domain.files import write_text_atomically
from inspector_app.protocol.files import (
    BUNDLE_FOLDER,
    DATASET_FILE,
    PREDICTIONS_FILE,
    BundleCard,
    DatasetItem,
    Prediction,
    TrainingJob,
)
from training.context import Cancelled, JobContext
from training.data.examples import Examples
from training.data.items import read_lines
from training.data.types import Example, Sharing, TypedRoles, assign_typed_roles
from training.devices import pick_device
from training.files import sha256_of
from training.fit.callbacks import Checkpoints
from training.fit.steps import load_network, report
from training.fit.trainer import make_trainer, quiet_lightning
from training.fit.typed_threshold import calibrate_types
from training.inference.bundle import weights_bytes, write_bundle
from training.inference.recognition import predict, recognition_figures
from training.memory import is_out_of_memory
from training.models.base import ModelKind
from training.models.classifier.card import ClassifierConfig
from training.models.classifier.model import Classifier
from training.models.classifier.start import Start, choose_start
from training.weights import WeightsShelf

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClassifierRun:
    """A job with everything its steps need."""

    folder: Path
    context: JobContext
    kind: ModelKind[ClassifierConfig, Classifier]
    config: ClassifierConfig
    device: torch.device
    roles: TypedRoles
    shelf: WeightsShelf

    @classmethod
    def of(
        cls,
        folder: Path,
        context: JobContext,
        kind: ModelKind[ClassifierConfig, Classifier],
        job: TrainingJob,
    ) -> "ClassifierRun":
        """Return the job of a run folder.

        Raises:
            BadDataError: if the settings or the data set cannot be used.
        """
        config = kind.config(job.config)
        dataset = folder / DATASET_FILE
        roles = assign_typed_roles(
            read_lines(dataset, DatasetItem),
            answers=config.answers,
            sharing=Sharing(config.split, config.split_seed, config.folds, config.fold),
            source=dataset,
        )
        shelf = WeightsShelf.of_this_machine()
        return cls(folder, context, kind, config, pick_device(job.device), roles, shelf)

    def execute(self) -> dict[str, float]:
        """Read, fit, bundle, evaluate.

        Returns:
            ``epochs``, ``best_epoch``, ``val_loss``, ``threshold``, ``skipped_images``,
            ``pretrained`` (1 or 0) and what `recognition_figures` says of the test images, or,
            without any, of the validation images.
        """
        # The one place where seeds are set: weights and variations follow from it.
        seed_everything(self.config.seed, verbose=False)
        train, val = self._read(self.roles.train), self._read(self.roles.val)
        start = choose_start(self.config, self.shelf)
        # Said before the first epoch: who expected published weights can cancel at once.
        report(self.context, 0, 1, f"starting: {start.description}")
        model = self._build(start)
        model.class_counts.copy_(self._counts(train))
        checkpoints = Checkpoints(self.folder, self.context)
        reached: dict[str, float] = {}
        try:
            self._fit(model, train, val, checkpoints)
            reached = self._bundle(model, train, val, checkpoints, start)
            return reached | self._evaluate(model, train)
        except Cancelled:
            if checkpoints.epochs_done and not reached:
                reached = self._bundle(model, train, val, checkpoints, start)
            raise Cancelled(reached) from None

    def _read(self, examples: Sequence[Example]) -> Examples:
        read = Examples(examples, self.config.image_size_px)
        read.read(lambda done: report(self.context, done, len(examples), "reading images"))
        if not len(read):
            raise BadDataError(
                f"{Path(examples[0].path).parent}: none of {len(examples)} images can be read",
                "the log names what is wrong with each of them",
            )
        return read

    def _build(self, start: Start) -> Classifier:
        try:
            return Classifier(self.config, self.roles.classes, start.state)
        except (RuntimeError, KeyError, ValueError) as error:
            if start.state is None or is_out_of_memory(error):
                raise
            _log.warning("%s", error)
            raise MissingWeightsError(
                f"{start.description}: these are no weights of {self.config.network}",
                "choose the network that the weights were saved from; the log has the details",
            ) from error

    def _counts(self, train: Examples) -> torch.Tensor:
        counts = train.counts(len(self.roles.classes))
        if missing := [n for n, c in zip(self.roles.classes, counts, strict=True) if not c]:
            raise BadDataError(
                f"none of the training images of {', '.join(missing)} can be read",
                "the log names what is wrong with each of them",
            )
        return counts

    def _fit(
        self, model: Classifier, train: Examples, val: Examples, checkpoints: Checkpoints
    ) -> None:
        config = self.config
        learner = self.kind.learner(model, config)
        batches = train.training_loader(config.batch_size, config.sampling, seed=config.seed)
        with quiet_lightning():
            trainer = make_trainer(self.folder, config, self.device, self.context, checkpoints)
            trainer.fit(learner, batches, val.loader(config.batch_size))

    def _bundle(
        self,
        model: Classifier,
        train: Examples,
        val: Examples,
        checkpoints: Checkpoints,
        start: Start,
    ) -> dict[str, float]:
        """Give the best weights their memory and threshold, and write the bundle."""
        load_network(model, checkpoints.best_path)
        model.to(self.device).eval()
        self._remember(model, train)
        weights = weights_bytes(model)
        card = self._card(model, val, checkpoints, start, hashlib.sha256(weights).hexdigest())
        write_bundle(self.folder / BUNDLE_FOLDER, card, weights)
        return {
            "epochs": float(card.epochs),
            "best_epoch": float(card.best_epoch),
            "val_loss": checkpoints.best_val_loss,
            "threshold": card.threshold.value,
            "skipped_images": float(len(train.skipped) + len(val.skipped)),
            "pretrained": float(start.state is not None),
        }

    @torch.inference_mode()
    def _remember(self, model: Classifier, train: Examples) -> None:
        if model.retrieval is None:
            return
        batches = train.loader(self.config.batch_size)
        features = [model.features(images.to(self.device)) for images, _ in batches]
        places = torch.tensor(train.places, device=self.device)
        model.retrieval.remember(torch.cat(features).float(), places)

    def _card(
        self,
        model: Classifier,
        val: Examples,
        checkpoints: Checkpoints,
        start: Start,
        weights_sha256: str,
    ) -> BundleCard:
        good = calibrate_types(model, self.device, val, self.config)
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
            classes=self.roles.classes,
            started_from=start.description,
        )

    def _evaluate(self, model: Classifier, train: Examples) -> dict[str, float]:
        """Write what every held-out image is taken for, and count."""
        predictions = [
            *self._predict(model, "val", self.roles.val),
            *self._predict(model, "test", self.roles.test),
        ]
        lines = "".join(f"{prediction.model_dump_json()}\n" for prediction in predictions)
        write_text_atomically(self.folder / PREDICTIONS_FILE, lines)
        counts = train.counts(len(self.roles.classes)).tolist()
        return recognition_figures(predictions, self.roles.classes, counts)

    def _predict(
        self, model: Classifier, split: Literal["val", "test"], examples: Sequence[Example]
    ) -> list[Prediction]:
        def on_done(done: int) -> None:
            report(self.context, done, len(examples), f"naming {split} images")

        return predict(model, self.device, examples, split=split, on_done=on_done)
