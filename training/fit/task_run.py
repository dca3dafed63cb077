"""What every training is, whatever its task: read, fit, bundle, evaluate."""

import hashlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch
from lightning.pytorch import seed_everything

from inspector_app import __version__
from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import BUNDLE_FOLDER, DATASET_FILE, BundleCard, TrainingTeam
from inspector_app.protocol.messages import Remark
from training.context import Cancelled, JobContext
from training.files import sha256_of
from training.fit.calibration import Calibrated
from training.fit.callbacks import Checkpoints
from training.fit.resuming import newest_checkpoint
from training.fit.steps import load_network, report
from training.fit.team import helpers, rank
from training.fit.trainer import make_trainer, quiet_lightning
from training.inference.bundle import weights_bytes, write_bundle
from training.models.anomaly import ScoringModel
from training.models.base import ModelKind
from training.models.settings import TrainingConfig

_log = logging.getLogger(__name__)


class HasImage(Protocol):
    """One line of what a role has."""

    @property
    def image_path(self) -> str: ...


class Images(Protocol):
    """Images of one role, once they are read."""

    @property
    def skipped(self) -> Sequence[Any]: ...
    def read(self, on_done: Callable[[int], None]) -> None: ...
    def __len__(self) -> int: ...


Item = TypeVar("Item", bound=HasImage)
Item_co = TypeVar("Item_co", bound=HasImage, covariant=True)
Read = TypeVar("Read", bound=Images)
Config = TypeVar("Config", bound=TrainingConfig)
Model = TypeVar("Model", bound=ScoringModel)


class Roles(Protocol[Item_co]):
    """Which images are used for what."""

    @property
    def train(self) -> tuple[Item_co, ...]: ...
    @property
    def val(self) -> tuple[Item_co, ...]: ...
    @property
    def test(self) -> tuple[Item_co, ...]: ...


@dataclass(frozen=True)
class Given(Generic[Config, Model]):
    """What a run is given, whatever its task."""

    folder: Path
    context: JobContext
    kind: ModelKind[Config, Model]
    config: Config
    device: torch.device
    team: TrainingTeam = field(default_factory=TrainingTeam)
    """The processes that learn together; this may be any of them."""

    def report(self, done: int, total: int, note: str) -> None:
        report(self.context, done, total, note)

    def remark(self, text: str) -> None:
        """Tell the operator, and the log, what a run has come upon."""
        _log.warning("%s", text)
        self.context.emit(Remark(job_id=self.context.job_id, text=text))


class TaskRun(ABC, Generic[Config, Model, Item, Read]):
    """One training from its run folder to its bundle and its figures."""

    def __init__(self, given: Given[Config, Model], roles: Roles[Item]) -> None:
        self.given = given
        self.config = given.config
        self.device = given.device
        self.roles = roles

    @cached_property
    def before(self) -> tuple[Path | None, str]:
        """The checkpoint that the run goes on from, and a remark; see `newest_checkpoint`."""
        return newest_checkpoint(self.given.folder)

    def execute(self) -> dict[str, float]:
        """Read, fit, bundle, evaluate.

        Returns:
            ``epochs``, ``best_epoch``, ``val_loss``, ``threshold``, ``skipped_images`` and what
            the task measures on the test images.

        Raises:
            Cancelled: with the figures so far, after a bundle was written if an epoch was
                finished.
        """
        # The one place where seeds are set: weights, order and variations follow from it.
        seed_everything(self.config.seed + rank(), verbose=False)
        train, val = self.read(self.roles.train), self.read(self.roles.val)
        model = self.build(train)
        self.keep_beginning()
        checkpoints = Checkpoints(self.given.folder, self.given.context, images=len(train))
        reached: dict[str, float] = {}
        try:
            with helpers(self.given.folder, self.given.team, self.given.context):
                self._fit(model, train, val, checkpoints)
            if rank():
                return reached
            card = self._bundle(model, train, val, checkpoints)
            reached = self._figures(card, checkpoints, train, val)
            return reached | self.evaluate(model, card, train)
        except Cancelled:
            if checkpoints.epochs_done and not reached and not rank():
                card = self._bundle(model, train, val, checkpoints)
                reached = self._figures(card, checkpoints, train, val)
            raise Cancelled(reached) from None

    def read(self, items: Sequence[Item]) -> Read:
        """Read a role's images.

        Raises:
            BadDataError: if there is not one that can be read.
        """
        read = self.images_of(items)
        read.read(lambda done: self.given.report(done, len(items), "reading images"))
        if not len(read):
            folder = Path(items[0].image_path).parent
            raise BadDataError(
                f"{folder}: none of {len(items)} images can be read",
                "the log names what is wrong with each of them",
            )
        return read

    @abstractmethod
    def images_of(self, items: Sequence[Item]) -> Read:
        """Return the images, not yet read."""

    @abstractmethod
    def build(self, train: Read) -> Model:
        """Return the network that training starts with."""

    def keep_beginning(self) -> None:
        """Write down what the run is to be gone on with and the checkpoint does not hold."""

    @abstractmethod
    def loaders(self, train: Read, val: Read) -> tuple[Iterable[Any], Iterable[Any]]:
        """Return what training and validation go through in every epoch."""

    def finish(self, model: Model, train: Read) -> None:
        """Learn what descent does not, with the best weights."""

    @abstractmethod
    def calibrate(self, model: Model, val: Read) -> Calibrated:
        """Return the thresholds of the finished model."""

    @abstractmethod
    def evaluate(self, model: Model, card: BundleCard, train: Read) -> dict[str, float]:
        """Return what the task measures on the test images."""

    def origin(self) -> dict[str, Any]:
        """Return what the bundle says of where the model comes from and what it answers."""
        return {}

    def extra_figures(self) -> dict[str, float]:
        return {}

    def _fit(self, model: Model, train: Read, val: Read, checkpoints: Checkpoints) -> None:
        given = self.given
        before, remark = self.before
        if remark:
            given.remark(remark)
        if before is not None:
            checkpoints.take_up(before)
        if checkpoints.is_over:
            return
        learner = given.kind.learner(model, self.config)
        learner.tell = given.remark
        with quiet_lightning():
            trainer = make_trainer(
                given.folder, self.config, self.device, given.context, checkpoints, team=given.team
            )
            trainer.fit(learner, *self.loaders(train, val), ckpt_path=before, weights_only=True)

    def _bundle(self, model: Model, train: Read, val: Read, checkpoints: Checkpoints) -> BundleCard:
        """Finish the best weights, calibrate them and write the bundle."""
        load_network(model, checkpoints.best_path)
        model.to(self.device).eval()
        self.finish(model, train)
        return write_model(
            self.given,
            model,
            self.calibrate(model, val),
            epochs=checkpoints.epochs_done,
            best_epoch=checkpoints.best_epoch,
            **self.origin(),
        )

    def _figures(
        self, card: BundleCard, checkpoints: Checkpoints, train: Read, val: Read
    ) -> dict[str, float]:
        return {
            "epochs": float(card.epochs),
            "best_epoch": float(card.best_epoch),
            "val_loss": checkpoints.best_val_loss,
            "threshold": card.threshold.value,
            "skipped_images": float(len(train.skipped) + len(val.skipped)),
        } | self.extra_figures()


def write_model(
    given: Given[Config, Model],
    model: Model,
    good: Calibrated,
    *,
    epochs: int = 0,
    best_epoch: int = 0,
    **origin: Any,
) -> BundleCard:
    """Write the bundle of a run into its folder.

    Args:
        origin: what the bundle says of where the model comes from and what it answers.
    """
    weights = weights_bytes(model)
    card = BundleCard(
        kind=given.kind.card.kind,
        task=given.kind.card.task,
        title=given.kind.card.title,
        config=given.config.model_dump(),
        input_size_px=given.config.image_size_px,
        threshold=good.threshold,
        good_scores=good.scores,
        pixel_threshold=good.pixel_threshold,
        pixel_median=good.pixel_median,
        weights_sha256=hashlib.sha256(weights).hexdigest(),
        dataset_sha256=sha256_of(given.folder / DATASET_FILE),
        code_version=__version__,
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
        epochs=epochs,
        best_epoch=best_epoch,
        **origin,
    )
    write_bundle(given.folder / BUNDLE_FOLDER, card, weights)
    return card
