"""What YOLO-World takes for the words of its classes: vectors, one of each."""

import torch
from torch import Tensor

TEXT_CHANNELS = 512
"""Of CLIP ViT-B/32, which the published weights were trained with."""
_SEED = 20240131


def orthonormal_texts(count: int) -> Tensor:
    """Return vectors of length 1 that are always the same, (count, 512).

    At right angles as long as there is room for it, and random beyond: two random ones of so
    many channels are nearly so.
    """
    generator = torch.Generator().manual_seed(_SEED)
    square = torch.randn(TEXT_CHANNELS, TEXT_CHANNELS, generator=generator, dtype=torch.float64)
    basis, _ = torch.linalg.qr(square)
    rest = torch.randn(max(0, count - TEXT_CHANNELS), TEXT_CHANNELS, generator=generator)
    rest = torch.nn.functional.normalize(rest)
    return torch.cat((basis.float()[:count], rest))
