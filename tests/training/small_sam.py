"""SAM's layout with a single narrow block: what clicks can be tested on in a moment."""

from pathlib import Path

import numpy as np
import torch
from segment_anything.build_sam import _build_sam
from segment_anything.modeling import Sam

from inspector_app.domain.opencv import cv2


def small_sam() -> Sam:
    """Return a network that encodes in a moment."""
    torch.manual_seed(0)
    return _build_sam(
        encoder_embed_dim=32,
        encoder_depth=1,
        encoder_num_heads=2,
        encoder_global_attn_indexes=[],
    )


def write_photo(path: Path, *, seed: int, height: int = 60, width: int = 80) -> Path:
    image = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    cv2.imwrite(str(path), image)
    return path


class Counter:
    """Counts how often a network encodes an image."""

    def __init__(self, network: Sam) -> None:
        self.count = 0
        self.handle = network.image_encoder.register_forward_hook(self._add)

    def _add(self, *_: object) -> None:
        self.count += 1
