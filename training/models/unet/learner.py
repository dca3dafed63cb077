"""What one training step of the U-Net is."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from training.data.tiles import LabelledBatch
from training.data.variations import jitter
from training.fit.learner import Learner
from training.models.statistics import keep_batch_statistics
from training.models.unet.card import UNetConfig
from training.models.unet.losses import LOSSES
from training.models.unet.model import UNet

_PIXELS_OF_AN_IMAGE = 1 << 15
"""Of each held-out image, evenly spread: a thousand images then fit into memory."""
_MIRRORS: Sequence[tuple[int, ...]] = ((), (-1,), (-2,), (-2, -1))


class UNetLearner(Learner[UNet, UNetConfig, LabelledBatch]):
    """Learns pixels' classes; `val_dice` is of all held-out pixels, defective or not."""

    def __init__(self, model: UNet, config: UNetConfig) -> None:
        super().__init__(model, config)
        self.loss = LOSSES[config.loss]
        self._held_out: list[tuple[Tensor, Tensor]] = []

    def on_train_start(self) -> None:
        if self.model.is_pretrained:
            keep_batch_statistics(self.model.network.encoder)

    def loss_of(self, batch: LabelledBatch) -> Tensor:
        images, labels = self._vary(*batch)
        return self.loss(self.model(images).float(), labels)

    def on_validation_epoch_start(self) -> None:
        self._held_out = []

    def check(self, batch: LabelledBatch) -> None:
        images, labels = batch
        logits = torch.stack([self.model.logits_of(image) for image in images])
        every = -(-labels[0].numel() // _PIXELS_OF_AN_IMAGE)
        self._held_out.append((logits.flatten(2)[..., ::every], labels.flatten(1)[:, ::every]))

    def on_validation_epoch_end(self) -> None:
        """Log both figures of all held-out pixels taken together, as training's are of a batch.

        The overlap losses of an image without a defect are 1 at the slightest false alarm: their
        mean over images tells good from better networks by chance only.
        """
        logits = torch.cat([part for part, _ in self._held_out]).transpose(0, 1).flatten(1)
        labels = torch.cat([part for _, part in self._held_out]).flatten()
        self._held_out = []
        self.log("val_loss", self.loss(logits[None, :, None], labels[None, None]))
        self.log("val_dice", _dice(logits.argmax(0) > 0, labels > 0))

    def groups(self) -> list[dict[str, Any]]:
        return [{"params": self.model.parameters(), "lr": self.config.learning_rate}]

    def _vary(self, images: Tensor, labels: Tensor) -> LabelledBatch:
        """Mirror and turn images with their labels; draws from torch's global generator."""
        if self.config.flips:
            images, labels = _mirrored(images, labels)
        if self.config.turns:
            images, labels = _turned(images, labels)
        return (jitter(images) if self.config.colour_jitter else images), labels


def _dice(found: Tensor, true: Tensor) -> float:
    marked = int(found.sum() + true.sum())
    # Nothing to find and nothing found is all right.
    return 2 * int((found & true).sum()) / marked if marked else 1.0


def _mirrored(images: Tensor, labels: Tensor) -> LabelledBatch:
    """Mirror each image in its own way, along either, both or none of its axes."""
    axes = [_MIRRORS[choice] for choice in torch.randint(0, 4, (len(images),)).tolist()]
    return _each(images, Tensor.flip, axes), _each(labels, Tensor.flip, axes)


def _turned(images: Tensor, labels: Tensor) -> LabelledBatch:
    """Turn each image by quarters of its own; nothing is interpolated."""
    quarters = torch.randint(0, 4, (len(images),)).tolist()
    turn = partial(torch.rot90, dims=(-2, -1))
    return _each(images, turn, quarters), _each(labels, turn, quarters)


def _each(batch: Tensor, change: Callable[..., Tensor], ways: Sequence[Any]) -> Tensor:
    return torch.stack([change(one, way) for one, way in zip(batch, ways, strict=True)])
