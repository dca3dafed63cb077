"""One U-Net's training from its run folder to its bundle and its figures."""

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
    TrainingJob,
)
from training.context import Cancelled, JobContext
from training.data.drawn import DrawnRoles, assign_drawn_roles
from training.data.items import read_lines
from training.data.tiles import DrawnPictures, Tiles
from training.data.types import Sharing
from training.devices import pick_device
from training.files import sha256_of
from training.fit.callbacks import Checkpoints
from training.fit.drawn_threshold import calibrate_drawn
from training.fit.steps import load_network, report
from training.fit.trainer import make_trainer, quiet_lightning
from training.inference.bundle import weights_bytes, write_bundle
from training.inference.segmentation import mark, segmentation_figures
from training.memory import is_out_of_memory
from training.models.base import ModelKind
from training.models.classifier.start import Start, choose_start
from training.models.unet.card import UNetConfig
from training.models.unet.model import UNet
from training.weights import WeightsShelf

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SegmentationRun:
    """A job with everything its steps need."""

    folder: Path
    context: JobContext
    kind: ModelKind[UNetConfig, UNet]
    config: UNetConfig
    device: torch.device
    roles: DrawnRoles
    shelf: WeightsShelf

    @classmethod
    def of(
        cls,
        folder: Path,
        context: JobContext,
        kind: ModelKind[UNetConfig, UNet],
        job: TrainingJob,
    ) -> "SegmentationRun":
        """Return the job of a run folder.

        Raises:
            BadDataError: if the settings or the data set cannot be used.
        """
        config = kind.config(job.config)
        dataset = folder / DATASET_FILE
        roles = assign_drawn_roles(
            read_lines(dataset, DatasetItem),
            answers=config.answers,
            sharing=Sharing(config.split, config.split_seed),
            source=dataset,
        )
        shelf = WeightsShelf.of_this_machine()
        return cls(folder, context, kind, config, pick_device(job.device), roles, shelf)

    def execute(self) -> dict[str, float]:
        """Read, fit, bundle, evaluate.

        Returns:
            ``epochs``, ``best_epoch``, ``val_loss``, ``threshold``, ``skipped_images``,
            ``pretrained`` (1 or 0) and what `segmentation_figures` says of the test images, or,
            without any, of the validation images.
        """
        # The one place where seeds are set: weights and variations follow from it.
        seed_everything(self.config.seed, verbose=False)
        train, val = self._read(self.roles.train), self._read(self.roles.val)
        start = choose_start(self.config, self.shelf)
        # Said before the first epoch: who expected published weights can cancel at once.
        report(self.context, 0, 1, f"starting: {start.description}")
        model = self._build(start)
        checkpoints = Checkpoints(self.folder, self.context)
        reached: dict[str, float] = {}
        try:
            self._fit(model, train, val, checkpoints)
            reached = self._bundle(model, train, val, checkpoints, start)
            return reached | self._evaluate(model)
        except Cancelled:
            if checkpoints.epochs_done and not reached:
                reached = self._bundle(model, train, val, checkpoints, start)
            raise Cancelled(reached) from None

    def _read(self, items: Sequence[DatasetItem]) -> DrawnPictures:
        config = self.config
        read = DrawnPictures(items, self.roles.classes, config.image_size_px, config.answers)
        read.read(lambda done: report(self.context, done, len(items), "reading images"))
        if not len(read):
            raise BadDataError(
                f"{Path(items[0].image_path).parent}: none of {len(items)} images can be read",
                "the log names what is wrong with each of them",
            )
        return read

    def _build(self, start: Start) -> UNet:
        try:
            return UNet(self.config, self.roles.classes, start.state)
        except (RuntimeError, KeyError, ValueError) as error:
            if start.state is None or is_out_of_memory(error):
                raise
            _log.warning("%s", error)
            raise MissingWeightsError(
                f"{start.description}: these are no weights of {self.config.network}",
                "choose the network that the weights were saved from; the log has the details",
            ) from error

    def _fit(
        self, model: UNet, train: DrawnPictures, val: DrawnPictures, checkpoints: Checkpoints
    ) -> None:
        config = self.config
        tiles = Tiles(
            train,
            tile_px=config.tile_size_px,
            per_image=config.tiles_per_image,
            background=config.background,
            seed=config.seed,
        )
        learner = self.kind.learner(model, config)
        with quiet_lightning():
            trainer = make_trainer(self.folder, config, self.device, self.context, checkpoints)
            # Held-out images whole and one by one, as they are judged later.
            trainer.fit(learner, tiles.training_loader(config.batch_size), val.loader(1))

    def _bundle(
        self,
        model: UNet,
        train: DrawnPictures,
        val: DrawnPictures,
        checkpoints: Checkpoints,
        start: Start,
    ) -> dict[str, float]:
        """Give the best weights their threshold and write the bundle."""
        load_network(model, checkpoints.best_path)
        model.to(self.device).eval()
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

    def _card(
        self,
        model: UNet,
        val: DrawnPictures,
        checkpoints: Checkpoints,
        start: Start,
        weights_sha256: str,
    ) -> BundleCard:
        good = calibrate_drawn(model, self.device, val, self.config)
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

    def _evaluate(self, model: UNet) -> dict[str, float]:
        """Write what every held-out image is taken for, and count."""
        split: Literal["val", "test"] = "test" if self.roles.test else "val"
        held_out = self._read(self.roles.test or self.roles.val)
        marked = mark(
            model,
            self.device,
            held_out,
            split=split,
            on_done=lambda done: report(
                self.context, done, len(held_out), f"marking {split} images"
            ),
        )
        lines = "".join(f"{each.prediction.model_dump_json()}\n" for each in marked)
        write_text_atomically(self.folder / PREDICTIONS_FILE, lines)
        return {"test_images": float(len(self.roles.test))} | segmentation_figures(marked)
