"""Which trainings of a study are not worth finishing."""

import statistics
from collections.abc import Sequence

EARLIEST_EPOCH = 5
"""Before it every training is still finding its feet."""
FEWEST_OTHERS = 3
"""Fewer have no median worth the name."""


def lags_behind(losses: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
    """Tell whether a training's best loss so far is above the median of what others had.

    The median stopping rule of Golovin et al. (2017, Vizier, KDD, section 3.2.2), with losses:
    of each other training its mean up to the same epoch.

    Args:
        losses: of validation, epoch by epoch so far.
        others: those of trainings that went at least as far; shorter ones have no say.
    """
    done = len(losses)
    rivals = [statistics.fmean(each[:done]) for each in others if len(each) >= done > 0]
    if done < EARLIEST_EPOCH or len(rivals) < FEWEST_OTHERS:
        return False
    return min(losses) > statistics.median(rivals)
