"""How well scores and heatmaps tell defective from good, where the truth is known."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional.classification import binary_auroc

from training.inference.heatmaps import LEVELS


def image_auroc(scores: Sequence[float], is_defective: Sequence[bool | None]) -> float | None:
    """Return the share of (defective, good) pairs in the right order, ties counted half.

    None unless both sides are known.
    """
    known = [
        (score, truth)
        for score, truth in zip(scores, is_defective, strict=True)
        if truth is not None
    ]
    truths = torch.tensor([truth for _, truth in known], dtype=torch.long)
    if not 0 < int(truths.sum()) < len(truths):
        return None
    # Ranks, not scores: torchmetrics squeezes values above 1 through a sigmoid, and large ones tie.
    _, ranks = np.unique([score for score, _ in known], return_inverse=True)
    return float(binary_auroc(torch.from_numpy(ranks / len(known)), truths))


class PixelAuroc:
    """Area under the pixels' ROC curve, exact on 16-bit heatmaps, in constant memory."""

    def __init__(self) -> None:
        self._good = np.zeros(LEVELS, np.int64)
        self._defective = np.zeros(LEVELS, np.int64)

    def add(self, levels: NDArray[np.uint16], truth: NDArray[np.bool_]) -> None:
        """Count one heatmap's pixels; both (H, W)."""
        self._defective += np.bincount(levels[truth], minlength=LEVELS)
        self._good += np.bincount(levels[~truth], minlength=LEVELS)

    def value(self) -> float | None:
        """Return the share of (defective, good) pixel pairs in the right order, ties half.

        None if one side is empty.
        """
        pairs = float(self._good.sum()) * float(self._defective.sum())
        if not pairs:
            return None
        below = np.cumsum(self._good) - self._good
        wins = (self._defective * (below + 0.5 * self._good)).sum()
        return float(wins / pairs)
