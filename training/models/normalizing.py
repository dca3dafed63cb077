"""Colours as networks with published weights expect them."""

import torch
from torch import Tensor, nn

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)
"""Of torchvision's published weights; networks from scratch do as well with them."""


class Normalization(nn.Module):
    """Has nothing to learn and leaves nothing in a `state_dict`."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(_IMAGENET_MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_IMAGENET_STD).view(3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return images (B, 3, H, W) in [0, 1] with mean 0 and deviation 1, as photos have them."""
        return (images - self.mean) / self.std
