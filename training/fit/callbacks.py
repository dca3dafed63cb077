"""What a training run reports, saves and heeds while Lightning runs it."""

import io
import math
import time
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.utilities.types import _PATH
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.plugins.io import TorchCheckpointIO

from inspector_app.domain.errors import KnownError
from inspector_app.domain.files import write_atomically
from inspector_app.protocol.messages import CheckpointSaved, EpochEnded, Progress
from training.context import Cancelled, JobContext
from training.stopwatch import Stopwatch

LAST_CHECKPOINT = "last.ckpt"
BEST_CHECKPOINT = "best.ckpt"


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
        self._epoch_started = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._clock = Stopwatch(_total_steps(trainer))

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._epoch_started = time.monotonic()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        seconds_left = self._clock.step()
        self._context.emit(
            Progress(
                job_id=self._context.job_id,
                done=self._clock.done,
                total=_total_steps(trainer),
                seconds_left=seconds_left,
                note=f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}",
            )
        )

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._context.emit(
            EpochEnded(
                job_id=self._context.job_id,
                epoch=trainer.current_epoch + 1,
                epochs=trainer.max_epochs or 1,
                metrics={name: float(value) for name, value in trainer.callback_metrics.items()},
                seconds=time.monotonic() - self._epoch_started,
            )
        )


def _total_steps(trainer: Trainer) -> int:
    return int(trainer.num_training_batches) * (trainer.max_epochs or 1)


class Checkpoints(Callback):
    """Keeps the last state (complete) and the best one (weights only), and ends a cancelled run."""

    def __init__(self, folder: Path, context: JobContext) -> None:
        self._folder = folder
        self._context = context
        self.epochs_done = 0
        self.best_epoch = 0
        self.best_val_loss = math.inf

    @property
    def best_path(self) -> Path:
        return self._folder / BEST_CHECKPOINT

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.epochs_done = trainer.current_epoch + 1
        val_loss = float(trainer.callback_metrics["val_loss"])
        if val_loss < self.best_val_loss:
            self.best_epoch, self.best_val_loss = self.epochs_done, val_loss
            self._save(trainer, BEST_CHECKPOINT, weights_only=True)
        self._save(trainer, LAST_CHECKPOINT, weights_only=False)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._end_if_cancelled(trainer)

    def on_validation_batch_end(  # noqa: PLR0917  (Lightning's signature)
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        self._end_if_cancelled(trainer)

    def _end_if_cancelled(self, trainer: Trainer) -> None:
        if self._context.is_cancelled:
            self._save(trainer, LAST_CHECKPOINT, weights_only=False)
            raise Cancelled

    def _save(self, trainer: Trainer, name: str, *, weights_only: bool) -> None:
        trainer.save_checkpoint(self._folder / name, weights_only=weights_only)
        self._context.emit(
            CheckpointSaved(
                job_id=self._context.job_id, epoch=trainer.current_epoch + 1, file_name=name
            )
        )


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
