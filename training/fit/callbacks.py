"""What a training run reports, saves and heeds while Lightning runs it."""

import io
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.utilities.types import _PATH
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.plugins.io import TorchCheckpointIO

from inspector_app.domain.errors import BadDataError, KnownError
from inspector_app.domain.files import write_atomically
from inspector_app.protocol.messages import CheckpointSaved, EpochEnded, Progress
from training.context import Cancelled, JobContext
from training.fit.resuming import LAST_CHECKPOINT, PREVIOUS_CHECKPOINT
from training.stopwatch import Stopwatch

BEST_CHECKPOINT = "best.ckpt"
_NEXT_CHECKPOINT = "next.ckpt"


class AtomicCheckpoints(TorchCheckpointIO):
    """Writes checkpoints that are whole or absent."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: _PATH, storage_options: Any | None = None
    ) -> None:
        # Through memory: torch's file writer makes a nameless RuntimeError of a full disk.
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        write_atomically(Path(path), buffer.getvalue())


class Announcer(Callback):
    """Tells how far the run is, and the figures of every epoch."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._clock = Stopwatch(0)
        self._epoch_started = time.monotonic()
        self._loss_sum = 0.0
        self._image_count = 0

    def state_dict(self) -> dict[str, Any]:
        return {"loss_sum": self._loss_sum, "image_count": self._image_count}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._loss_sum = state_dict["loss_sum"]
        self._image_count = state_dict["image_count"]

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._clock = Stopwatch(_total_steps(trainer) - trainer.global_step)
        self._epoch_started = time.monotonic()

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._epoch_started = time.monotonic()
        self._loss_sum, self._image_count = 0.0, 0

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        # Not Lightning's mean: it forgets what came before an interruption.
        self._loss_sum += float(outputs["loss"]) * outputs["count"]
        self._image_count += outputs["count"]
        seconds_left = self._clock.step()
        self._context.emit(
            Progress(
                job_id=self._context.job_id,
                done=trainer.global_step,
                total=_total_steps(trainer),
                seconds_left=seconds_left,
                note=f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}",
            )
        )

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        self._context.emit(
            EpochEnded(
                job_id=self._context.job_id,
                epoch=trainer.current_epoch + 1,
                epochs=trainer.max_epochs or 1,
                metrics={"train_loss": self._loss_sum / self._image_count} | metrics,
                seconds=time.monotonic() - self._epoch_started,
            )
        )


def _total_steps(trainer: Trainer) -> int:
    return int(trainer.num_training_batches) * (trainer.max_epochs or 1)


class Checkpoints(Callback):
    """Keeps the last two states (complete) and the best one (weights only); ends a cancelled run.

    Last of all callbacks: what it saves is what the others have become.
    """

    def __init__(self, folder: Path, context: JobContext, *, images: int) -> None:
        """Of a run that learns from so many images."""
        self._folder = folder
        self._images = images
        self._context = context
        self.epochs_done = 0
        self.best_epoch = 0
        self.best_val_loss = math.inf
        self.other_weights: Callable[[], AbstractContextManager[None]] = nullcontext
        """Changes what learns for what is validated, or back, while the body runs."""
        self.is_over = False
        """No epoch is left to do."""

    def state_dict(self) -> dict[str, Any]:
        return {
            "epochs_done": self.epochs_done,
            "best_epoch": self.best_epoch,
            "best_val_loss": self.best_val_loss,
            "is_over": self.is_over,
            "images": self._images,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.epochs_done = state_dict["epochs_done"]
        self.best_epoch = state_dict["best_epoch"]
        self.best_val_loss = state_dict["best_val_loss"]
        self.is_over = state_dict["is_over"]

    def take_up(self, checkpoint: Path) -> None:
        """Go on from where a checkpoint was saved.

        Raises:
            BadDataError: if not all images are there any more.
        """
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        own = state["callbacks"][self.state_key]
        if own["images"] != self._images:
            raise BadDataError(
                f"{self._folder}: the training began with {own['images']} images, "
                f"{self._images} of them can be read now",
                "put the missing images back, or start a new training",
            )
        self.load_state_dict(own)

    @property
    def best_path(self) -> Path:
        return self._folder / BEST_CHECKPOINT

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.epochs_done = trainer.current_epoch + 1
        self.is_over = trainer.should_stop or self.epochs_done == trainer.max_epochs
        val_loss = float(trainer.callback_metrics["val_loss"])
        if val_loss < self.best_val_loss:
            self.best_epoch, self.best_val_loss = self.epochs_done, val_loss
            with self.other_weights():
                self._save(trainer, BEST_CHECKPOINT, weights_only=True)
            self._tell(trainer, BEST_CHECKPOINT)
        self._save_state(trainer)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        # After an epoch's last batch Lightning would take its validation for done.
        if not trainer.fit_loop.epoch_loop.batch_progress.is_last_batch:
            self._end_if_cancelled(trainer)

    def on_validation_batch_start(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        self._end_if_cancelled(trainer)

    def _end_if_cancelled(self, trainer: Trainer) -> None:
        # Of several processes all have to end together.
        if trainer.strategy.reduce_boolean_decision(self._context.is_cancelled, all=False):
            with self.other_weights() if trainer.validating else nullcontext():
                self._save_state(trainer)
            raise Cancelled

    def _save_state(self, trainer: Trainer) -> None:
        last = self._folder / LAST_CHECKPOINT
        # Written before the old ones are touched: a full disk leaves them as they are.
        self._save(trainer, _NEXT_CHECKPOINT, weights_only=False)
        if not trainer.is_global_zero:
            return
        if last.exists():
            last.replace(self._folder / PREVIOUS_CHECKPOINT)
        (self._folder / _NEXT_CHECKPOINT).replace(last)
        self._tell(trainer, LAST_CHECKPOINT)

    def _save(self, trainer: Trainer, name: str, *, weights_only: bool) -> None:
        trainer.save_checkpoint(self._folder / name, weights_only=weights_only)

    def _tell(self, trainer: Trainer, name: str) -> None:
        self._context.emit(
            CheckpointSaved(
                job_id=self._context.job_id, epoch=trainer.current_epoch + 1, file_name=name
            )
        )


class Heed(Callback):
    """Ends what is cancelled without keeping anything."""

    def __init__(self, context: JobContext) -> None:
        self._context = context

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if self._context.is_cancelled:
            raise Cancelled


class FiniteLoss(Callback):
    """Ends a run whose numbers have run away, before they reach a checkpoint."""

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if not math.isfinite(outputs["loss"]):
            raise _diverged(trainer)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not math.isfinite(trainer.callback_metrics["val_loss"]):
            raise _diverged(trainer)


def _diverged(trainer: Trainer) -> KnownError:
    return KnownError(
        f"training failed with invalid numbers in epoch {trainer.current_epoch + 1}",
        "lower the learning rate and start again",
    )
