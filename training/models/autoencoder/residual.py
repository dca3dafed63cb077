"""A U-shaped autoencoder of residual blocks, with a head that names types of defect."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from training.models.autoencoder.card import ResidualConfig
from training.models.autoencoder.redrawing import Redrawing
from training.models.classifier.resnet import ResidualBlock

_STAGES = 4


class ResidualAutoencoder(Redrawing):
    """Draws images again with connections across; trained to repair what is stained.

    Without stains to repair the connections would copy defects as well; with them they keep
    fine detail of good parts sharp (Collin & De Vleeschouwer 2020, arXiv 2008.12977). The head
    looks at what each stage of the encoder sees, on average and at its strongest.
    """

    def __init__(self, config: ResidualConfig, classes: Sequence[str] = ()) -> None:
        super().__init__(config)
        self.classes = tuple(classes)
        widths = [config.base_channels * 2**stage for stage in range(_STAGES)]
        stem = nn.Conv2d(3, widths[0], 3, padding=1)
        stages = [
            _down(c_in, c_out)
            for c_in, c_out in zip([widths[0], *widths[:-1]], widths, strict=True)
        ]
        self.stages = nn.ModuleList([nn.Sequential(stem, stages[0]), *stages[1:]])
        self.joints = nn.ModuleList(
            ResidualBlock(deep + skip, skip, stride=1) for deep, skip in pairwise(widths[::-1])
        )
        self.draw = nn.Sequential(
            ResidualBlock(widths[0], widths[0], stride=1), nn.Conv2d(widths[0], 3, 3, padding=1)
        )
        self.head = TypeHead(2 * sum(widths), len(classes)) if classes else None

    def forward(self, images: Tensor) -> Tensor:  # (B, 3, H, W) in [0, 1]
        *skips, x = self._encode(images)  # [(B, C_i, H/2^i, W/2^i)], i = 1 … 4
        for joint, skip in zip(self.joints, reversed(skips), strict=True):
            x = joint(torch.cat((_doubled(x), skip), 1))
        return torch.sigmoid(self.draw(_doubled(x)))  # (B, 3, H, W) in [0, 1]

    def features(self, images: Tensor) -> Tensor:
        """Return what the head looks at, (B, D)."""
        outputs = self._encode(images)
        pooled = [pool for x in outputs for pool in (x.mean((2, 3)), x.amax((2, 3)))]
        return torch.cat(pooled, 1).float()

    def probabilities(self, images: Tensor) -> Tensor:
        """Return the share of each class, (B, C), rows sum to 1.

        Raises:
            ValueError: if it has learned no types.
        """
        if self.head is None:
            raise ValueError("this model has learned no types of defect")
        logits: Tensor = self.head(self.features(images))
        return logits.softmax(1)

    def _encode(self, images: Tensor) -> list[Tensor]:
        # Not channels last, as elsewhere: torch 2.13's backward pass of this network then
        # writes beyond its memory on CPUs, and the process ends without a word.
        x, outputs = images, []
        for stage in self.stages:
            x = stage(x)
            outputs.append(x)
        return outputs


class TypeHead(nn.Module):
    """Logits of types from features that are brought to one scale first."""

    mean: Tensor
    std: Tensor

    def __init__(self, width: int, class_count: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, class_count)
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("std", torch.ones(width))

    def scale_by(self, features: Tensor) -> None:
        """Learn the scale from training images' features (N, D)."""
        self.mean.copy_(features.mean(0))
        # Channels that never light up would blow up the first one that does.
        self.std.copy_(features.std(0, correction=0).clamp_min(1e-3))

    def forward(self, features: Tensor) -> Tensor:  # (B, D)
        logits: Tensor = self.linear((features - self.mean) / self.std)  # (B, C)
        return logits


def _down(c_in: int, c_out: int) -> nn.Module:
    return nn.Sequential(
        ResidualBlock(c_in, c_out, stride=2), ResidualBlock(c_out, c_out, stride=1)
    )


def _doubled(x: Tensor) -> Tensor:
    return interpolate(x, scale_factor=2.0, mode="nearest")
