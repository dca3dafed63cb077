"""What one training step of the U-Net is."""

from typing import Any

import torch
from torch import Tensor

from training.data.tiles import LabelledBatch
from training.fit.learner import Learner
from training.models.statistics import keep_batch_statistics
from training.models.unet.card import UNetConfig
from training.models.unet.losses import LOSSES
from training.models.unet.model import UNet
from training.models.unet.variations import vary

_PIXELS_OF_AN_IMAGE = 1 << 15
"""Of each held-out image, evenly spread: a thousand images then fit into memory."""


class UNetLearner(Learner[UNet, UNetConfig, LabelledBatch]):
    """Learns pixels' classes; `val_dice` is of all held-out pixels, defective or not."""

    def __init__(self, model: UNet, config: UNetConfig) -> None:
        super().__init__(model, config)
        self.loss = LOSSES[config.loss]
        self._held_out: list[tuple[Tensor, Tensor]] = []

    def on_train_start(self) -> None:
        if self.model.is_pretrained:
            keep_batch_statistics(self.model.get_submodule("network.encoder"))

    def loss_of(self, batch: LabelledBatch) -> Tensor:
        images, labels = vary(self.config, *batch)
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


def _dice(found: Tensor, true: Tensor) -> float:
    marked = int(found.sum() + true.sum())
    # Nothing to find and nothing found is all right.
    return 2 * int((found & true).sum()) / marked if marked else 1.0
