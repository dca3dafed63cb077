"""Scores as text: as many decimals as tell two neighbouring parts apart."""

import math
from collections.abc import Iterable


def decimals_for(span: float) -> int:
    """Return how many decimals resolve a thousandth of a range of scores."""
    if not math.isfinite(span) or span <= 0:
        return 3
    return max(0, min(8, 3 - math.floor(math.log10(span))))


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
