"""What a training run reports, saves and heeds while Lightning runs it."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.utilities.types import _PATH
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.plugins.io import TorchCheckpointIO
from torch import Tensor

from inspector_app.domain.errors import KnownError
from inspector_app.protocol.messages import CheckpointSaved, EpochEnded, Progress
from training.context import Cancelled, JobContext
from training.files import write_atomically

LAST_CHECKPOINT = "last.ckpt"
BEST_CHECKPOINT = "best.ckpt"


class AtomicCheckpoints(TorchCheckpointIO):
    """Checkpoints that are whole or absent, and are read without unpickling code."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: _PATH, storage_options: Any | None = None
    ) -> None:
        import io

        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        write_atomically(Path(path), buffer.getvalue())


class Figures(Callback):
    """Adds up the losses of an epoch and announces them."""

    def __init__(self, context: JobContext, *, epochs: int) -> None:
        self._context = context
        self._epochs = epochs
        self._losses: list[Tensor] = []
        self._started = 0.0
        self.epochs_done = 0
        self.val_loss = math.nan

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._losses = []
        self._started = time.monotonic()

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        self._losses.append(outputs["loss"].detach())

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.epochs_done = trainer.current_epoch + 1
        self.val_loss = float(trainer.callback_metrics["val_loss"])
        self._context.emit(
            EpochEnded(
                job_id=self._context.job_id,
                epoch=self.epochs_done,
                epochs=self._epochs,
                metrics={
                    "train_loss": float(torch.stack(self._losses).mean()),
                    "val_loss": self.val_loss,
                },
                seconds=time.monotonic() - self._started,
            )
        )
