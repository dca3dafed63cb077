"""Lightning's trainer, set up to stay inside the run folder and silent."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import EarlyStopping

from training.context import JobContext
from training.fit.callbacks import Announcer, AtomicCheckpoints, Checkpoints, FiniteLoss
from training.fit.resuming import Position, RandomStates
from training.models.settings import TrainingConfig

_ADVICE = (
    ".*does not have many workers.*",  # Pictures come from memory or from threads.
    ".*smaller than the logging interval.*",  # Sixty images are a normal data set here.
    ".*LeafSpec.*",  # Lightning's own use of torch.
    ".*your dataloader is not resumable.*",  # It is: see `Position`.
)


def make_trainer(
    folder: Path,
    config: TrainingConfig,
    device: torch.device,
    context: JobContext,
    checkpoints: Checkpoints,
) -> Trainer:
    """Return a trainer that writes nothing but `checkpoints` and says nothing but events."""
    return Trainer(
        default_root_dir=folder,
        accelerator="gpu" if device.type == "cuda" else "cpu",
        devices=1,
        precision=_precision(device),
        max_epochs=config.epochs,
        callbacks=[
            # First of all: nothing that is no number reaches a checkpoint or an event.
            FiniteLoss(),
            RandomStates(),
            Position(),
            Announcer(context),
            # By default it counts after everything else, when the state is saved already.
            EarlyStopping("val_loss", patience=config.patience, check_on_train_epoch_end=False),
            checkpoints,
        ],
        # Named, or a run started from a cluster's shell would wait for other nodes.
        plugins=[AtomicCheckpoints(), LightningEnvironment()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )


def _precision(device: torch.device) -> Literal["32-true", "bf16-mixed", "16-mixed"]:
    if device.type == "cpu":
        return "32-true"
    return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Keep Lightning's tips and hardware banner out of the operator's log; errors stay."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        for pattern in _ADVICE:
            warnings.filterwarnings("ignore", pattern)
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
