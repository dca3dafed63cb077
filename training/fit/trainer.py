"""Lightning's trainer, set up to stay inside the run folder and silent."""

import logging
import warnings
from pathlib import Path

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import EarlyStopping

from training.context import JobContext
from training.fit.callbacks import Announcer, AtomicCheckpoints, Checkpoints, FiniteLoss
from training.models.base import TrainingConfig


def make_trainer(
    folder: Path,
    config: TrainingConfig,
    device: torch.device,
    context: JobContext,
    checkpoints: Checkpoints,
) -> Trainer:
    """Return a trainer that writes nothing but `checkpoints` and says nothing but events."""
    _silence_advice()
    return Trainer(
        default_root_dir=folder,
        accelerator="gpu" if device.type == "cuda" else "cpu",
        devices=1,
        precision=_precision(device),
        max_epochs=config.epochs,
        # A single wild batch must not undo a run.
        gradient_clip_val=1.0,
        # The first to fail: nothing that is no number reaches a checkpoint or an event.
        callbacks=[
            FiniteLoss(),
            Announcer(context),
            checkpoints,
            EarlyStopping("val_loss", patience=config.patience),
        ],
        plugins=[AtomicCheckpoints()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )


def _precision(device: torch.device) -> str:
    if device.type == "cpu":
        return "32-true"
    return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"


def _silence_advice() -> None:
    """Keep Lightning's tips and hardware banner out of the operator's log; errors stay."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # Pictures come from memory or from threads: more loader processes would gain nothing.
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    # Sixty images are a normal data set here.
    warnings.filterwarnings("ignore", ".*smaller than the logging interval.*")
