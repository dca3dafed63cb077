"""Going on with an interrupted run exactly where it was."""

import logging
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from training.data.loading import PassSampler

LAST_CHECKPOINT = "last.ckpt"
PREVIOUS_CHECKPOINT = "previous.ckpt"

_log = logging.getLogger(__name__)


def newest_checkpoint(folder: Path) -> tuple[Path | None, str]:
    """Return the newest whole checkpoint of a run folder, and a remark on damaged ones.

    Returns:
        None if the run has to start from the beginning.
    """
    damaged: list[str] = []
    for name in (LAST_CHECKPOINT, PREVIOUS_CHECKPOINT):
        path = folder / name
        if not path.exists():
            continue
        if _is_whole(path):
            return path, _remark(damaged, "training goes on from the one before")
        damaged.append(name)
    return None, _remark(damaged, "training starts from the beginning")


def _remark(damaged: list[str], then: str) -> str:
    return f"checkpoint damaged ({' and '.join(damaged)}): {then}" if damaged else ""


def _is_whole(path: Path) -> bool:
    try:
        return "loops" in torch.load(path, map_location="cpu", weights_only=True)
    except Exception:
        # What a power cut leaves may make torch, zipfile and pickle raise anything.
        _log.warning("%s cannot be read", path, exc_info=True)
        return False


class RandomStates(Callback):
    """Keeps all generators' states, so that what comes next is drawn as if nothing had happened."""

    def __init__(self) -> None:
        self._to_restore: dict[str, Any] | None = None

    def state_dict(self) -> dict[str, Any]:
        kind, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)
        return {
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            "numpy": (kind, np.asarray(keys).tolist(), position, has_gauss, gauss),
            "python": random.getstate(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._to_restore = state_dict

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._restore(trainer)

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        # An epoch that is gone on with has no start. Not earlier: whatever the way to here has
        # drawn, the uninterrupted run has not.
        self._restore(trainer)

    def _restore(self, trainer: Trainer) -> None:
        state, self._to_restore = self._to_restore, None
        if state is None:
            return
        torch.set_rng_state(state["torch"])
        if len(state["cuda"]) == torch.cuda.device_count():
            torch.cuda.set_rng_state_all(state["cuda"])
        np.random.set_state(state["numpy"])
        random.setstate(state["python"])
        if trainer.global_rank:
            # The state is the first process's; others must not vary their images as it does.
            torch.manual_seed(torch.initial_seed() + trainer.global_step)


class Position(Callback):
    """Has an interrupted epoch gone on with at the batch where it was left."""

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        if not trainer.validating:
            return
        # Means over held-out images are of all of them: validation starts again. Lightning
        # does that if one step has begun and none has ended.
        progress = checkpoint["loops"]["fit_loop"]["epoch_loop.val_loop.batch_progress"]
        begun = {"ready": 1, "started": 1, "processed": 0, "completed": 0}
        progress["total"] = begun
        progress["current"] = dict.fromkeys(begun, 0)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        loader, seen = trainer.train_dataloader, trainer.fit_loop.epoch_loop.batch_progress
        # Where all batches were seen the next one is of the next epoch.
        if loader is None or not trainer.fit_loop.restarting or seen.is_last_batch:
            return
        batches = loader.batch_sampler
        if isinstance(batches.sampler, PassSampler):
            batches.sampler.start_at(seen.current.ready * batches.batch_size)
