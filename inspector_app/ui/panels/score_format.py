"""Scores as text: as many decimals as tell two neighbouring parts apart."""

import math
from collections.abc import Iterable, Sequence


def decimals_for(span: float) -> int:
    """Return how many decimals resolve a thousandth of a range of scores."""
    if not math.isfinite(span) or span <= 0:
        return 3
    return max(0, min(8, 3 - math.floor(math.log10(span))))


def telling_range(values: Sequence[float], threshold: float) -> tuple[float, float]:
    """Return the range in which moving a threshold decides something worth seeing.

    A few parts far above all others would press everything else into a corner; the upper
    end stays where nine of ten parts, and the threshold with as much room above it, fit.
    """
    low, high = score_range([*values, threshold])
    finite = sorted(value for value in values if math.isfinite(value))
    if not finite or not math.isfinite(threshold):
        return low, high
    nine_of_ten = finite[math.ceil(0.9 * (len(finite) - 1))]
    wanted = low + 1.25 * max(nine_of_ten - low, 2.0 * (threshold - low))
    return low, min(high, wanted) if wanted > low else high


def score_range(values: Iterable[float]) -> tuple[float, float]:
    """Return the lowest and highest finite value, apart even where there is only one."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    if low == high:
        margin = abs(low) * 0.1 or 0.5
        return low - margin, high + margin
    return low, high
