"""Lightning's trainer, set up to stay inside the run folder and silent."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import EarlyStopping

from inspector_app.protocol.files import TrainingTeam
from training.context import JobContext
from training.fit.averaging import AveragedWeights
from training.fit.callbacks import Announcer, AtomicCheckpoints, Checkpoints, FiniteLoss
from training.fit.resuming import Position, RandomStates
from training.models.settings import PrecisionName, TrainingConfig

_ADVICE = (
    ".*does not have many workers.*",  # Pictures come from memory or from threads.
    ".*smaller than the logging interval.*",  # Sixty images are a normal data set here.
    ".*LeafSpec.*",  # Lightning's own use of torch.
    ".*sync_dist=True.*",  # Every process goes through all held-out images.
    ".*your dataloader is not resumable.*",  # It is: see `Position`.
)


def make_trainer(
    folder: Path,
    config: TrainingConfig,
    device: torch.device,
    context: JobContext,
    checkpoints: Checkpoints,
    *,
    team: TrainingTeam,
) -> Trainer:
    """Return a trainer that writes nothing but `checkpoints` and says nothing but events."""
    return _configured_trainer(
        folder,
        config,
        device,
        max_epochs=config.epochs,
        devices=team.devices,
        num_nodes=team.nodes,
        strategy="ddp" if team.size > 1 else "auto",
        use_distributed_sampler=False,
        callbacks=[
            # First of all: nothing that is no number reaches a checkpoint or an event.
            FiniteLoss(),
            RandomStates(),
            Position(),
            Announcer(context),
            *_averaging(config, checkpoints),
            # By default it counts after everything else, when the state is saved already.
            EarlyStopping("val_loss", patience=config.patience, check_on_train_epoch_end=False),
            checkpoints,
        ],
    )


def plain_trainer(
    folder: Path,
    config: TrainingConfig,
    device: torch.device,
    callbacks: list[Callback],
    **limits: int,
) -> Trainer:
    """Return one that leaves nothing behind, with Lightning's own limits."""
    return _configured_trainer(
        folder, config, device, callbacks=[FiniteLoss(), *callbacks], **limits
    )


def _configured_trainer(
    folder: Path, config: TrainingConfig, device: torch.device, **more: Any
) -> Trainer:
    return silent_trainer(
        folder,
        device,
        precision=_precision(device, config.precision),
        deterministic="warn" if config.deterministic else None,
        **more,
    )


def silent_trainer(folder: Path, device: torch.device, **more: Any) -> Trainer:
    """Return one that writes into the folder and says nothing, with more of Lightning's settings.

    It learns in one process unless told otherwise.
    """
    return Trainer(
        default_root_dir=folder,
        accelerator="gpu" if device.type == "cuda" else "cpu",
        # Named, or a run started from a cluster's shell would wait for other nodes.
        plugins=[AtomicCheckpoints(), LightningEnvironment()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        **({"devices": 1} | more),
    )


def _averaging(config: TrainingConfig, checkpoints: Checkpoints) -> list[Callback]:
    if not config.ema_decay:
        return []
    averaged = AveragedWeights(config.ema_decay)
    checkpoints.other_weights = averaged.in_place
    return [averaged]


def _precision(
    device: torch.device, asked_for: PrecisionName
) -> Literal["32-true", "bf16-mixed", "16-mixed"]:
    has_bf16 = device.type == "cpu" or torch.cuda.is_bf16_supported()
    match asked_for:
        case "auto" if device.type == "cuda":
            return "bf16-mixed" if has_bf16 else "16-mixed"
        case "bf16" if has_bf16:
            return "bf16-mixed"
        # CPUs have no half precision to compute with.
        case "fp16" | "bf16" if device.type == "cuda":
            return "16-mixed"
        case _:
            return "32-true"


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
