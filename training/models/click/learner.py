"""What one training step of the click network is: scenes, clicked again and again."""

import multiprocessing
from collections.abc import Sequence, Sized
from multiprocessing.context import BaseContext
from typing import Any, cast

import numpy as np
import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, Dataset, Subset

from training.data.clicks import next_click
from training.data.scenes.dataset import SceneDataset
from training.models.click.config import ClickTraining
from training.models.click.losses import (
    dice_loss,
    intersection_over_union,
)
from training.models.click.network import ClickNetwork

Batch = Sequence[Tensor]

_LATE = 0.3
"""Share of batches that are clicked a few times before anything is learned from them."""
_LATE_ROUNDS = 2
_NO_CLICK_YET = 0.5
"""Share of the masks to start from that are improved before the first click."""
_VALIDATION_ROUNDS = 5
_VALIDATION_SEED = 1_000_003


class ClickLearner(LightningModule):
    """Learns from every click of the way to a mask, not from the last one alone."""

    def __init__(self, network: ClickNetwork, config: ClickTraining, workers: int) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.config = config
        self._workers = workers
        self._rng = np.random.default_rng(config.seed)
        self._common_rng = np.random.default_rng(config.seed)

    def on_train_epoch_start(self) -> None:
        # Anew for each epoch: a resumed run goes on exactly as it would have.
        seeds = self.config.seed, self.current_epoch
        self._rng = np.random.default_rng((*seeds, self.global_rank, 1))
        self._common_rng = np.random.default_rng(seeds)

    def training_step(self, batch: Batch, _index: int) -> Tensor:
        session = Clicking(batch)
        # Alike in all processes, which otherwise wait for the one that clicks more often.
        is_late = self._common_rng.random() < _LATE
        with torch.no_grad():
            for _ in range(_LATE_ROUNDS if is_late else 0):
                session.click(self._rng)
                session.show(self.network(*session.shown)[0])
        losses = []
        for number in range(self.config.rounds):
            if number or is_late or self._rng.random() < _NO_CLICK_YET:
                session.click(self._rng)
            else:
                session.click_unless_started(self._rng)
            logits, judged = self.network(*session.shown)
            losses.append(_loss(logits.float(), judged.float(), session.truth))
            session.show(logits)
        loss = torch.stack(losses).mean()
        self.log(
            "train_loss",
            loss,
            on_step=False,
            on_epoch=True,
            sync_dist=True,
            batch_size=len(session.truth),
        )
        return loss

    def validation_step(self, batch: Batch, _index: int) -> None:
        images, truth, start = batch
        session = Clicking((images, truth, torch.zeros_like(start)))
        for number in range(1, _VALIDATION_ROUNDS + 1):
            session.click(None)
            logits, _ = self.network(*session.shown)
            session.show(logits)
            iou = intersection_over_union(logits > 0, session.truth > 0.5).mean()
            self.log(f"iou_{number}", iou, sync_dist=True, batch_size=len(truth))
        self.log("val_loss", 1 - iou, sync_dist=True, batch_size=len(truth))

    def train_dataloader(self) -> DataLoader[Batch]:
        count = self.config.steps * self.config.batch_size
        side = self.config.side_of_epoch(self.current_epoch)
        return self._loader(SceneDataset(self.config.seed, self.current_epoch * count, count, side))

    def val_dataloader(self) -> DataLoader[Batch]:
        config = self.config
        return self._loader(
            SceneDataset(_VALIDATION_SEED, 0, config.validation_scenes, config.side_px)
        )

    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer = AdamW(self.parameters(), lr=self.config.learning_rate, weight_decay=0.01)
        schedule = OneCycleLR(
            optimizer,
            self.config.learning_rate,
            total_steps=self.config.epochs * self.config.steps,
            pct_start=0.08,
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def _loader(self, scenes: Dataset[Any]) -> DataLoader[Batch]:
        count = self.config.processes
        own = Subset(scenes, range(self.global_rank, len(cast("Sized", scenes)), count))
        return DataLoader(
            own,
            self.config.batch_size // count,
            num_workers=self._workers,
            multiprocessing_context=_context() if self._workers else None,
        )


def _context() -> BaseContext | None:
    """Return how processes that make scenes are started; None where only one way is known.

    Not forked from this one: its threads may hold locks then, and one of 300 such processes
    waited for them for ever.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return None
    context = multiprocessing.get_context("forkserver")
    # What takes seconds is imported once, for all of them.
    context.set_forkserver_preload(["__main__", __name__])
    return context


class Clicking:
    """A batch of scenes, the clicks given so far and the masks they led to."""

    def __init__(self, batch: Batch) -> None:
        images, truth, start = batch
        self._images = images.float() / 255  # (B, 3, H, W)
        self.truth = truth[:, None].float()  # (B, 1, H, W)
        self._earlier = start[:, None].float()
        self._clicks: list[list[tuple[int, int, int]]] = [[] for _ in range(len(truth))]
        # Both on the CPU for OpenCV, the masks anew after every round.
        self._wanted = truth.cpu().numpy()
        self._masks = start.cpu().numpy()
        self._is_started = self._masks.any((1, 2))

    @property
    def shown(self) -> tuple[Tensor, Tensor, Tensor]:
        """Images, clicks (B, K, 3) and earlier masks, as the network takes them."""
        most = max(1, *(len(clicks) for clicks in self._clicks))
        filled = [clicks + [(0, 0, -1)] * (most - len(clicks)) for clicks in self._clicks]
        clicks = torch.tensor(filled, dtype=torch.float32, device=self._images.device)
        return self._images, clicks, self._earlier

    def click(self, rng: np.random.Generator | None) -> None:
        """Add one click to every scene whose mask is not right yet."""
        self._click(range(len(self._masks)), rng)

    def click_unless_started(self, rng: np.random.Generator) -> None:
        """Add one click to every scene that nothing is shown of."""
        self._click(np.flatnonzero(~self._is_started).tolist(), rng)

    def show(self, logits: Tensor) -> None:
        """Take over the masks found."""
        self._earlier = logits.detach().float().sigmoid()
        self._masks = (self._earlier[:, 0] > 0.5).cpu().numpy()

    def _click(self, scenes: Sequence[int], rng: np.random.Generator | None) -> None:
        for scene in scenes:
            click = next_click(self._masks[scene], self._wanted[scene], rng)
            if click is not None:
                self._clicks[scene].append((int(click.x), int(click.y), click.label))


def _loss(logits: Tensor, judged: Tensor, truth: Tensor) -> Tensor:
    # No focal loss: after 240 steps the normalised one of RITM was at 0.52 IoU, three clicks in,
    # where plain cross-entropy was at 0.55, and left the probabilities undecided.
    pixels = functional.binary_cross_entropy_with_logits(logits, truth)
    iou = intersection_over_union(logits > 0, truth > 0.5)
    judgement = functional.binary_cross_entropy_with_logits(judged, iou)
    return pixels + dice_loss(logits, truth).mean() + 0.3 * judgement
