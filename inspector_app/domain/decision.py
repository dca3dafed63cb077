"""The one place where a score becomes a verdict, and a set of good scores a threshold.

Tuning, metrics, batch inspection, reports and exports all call `decide`, so a
sample that defines a threshold is judged the same everywhere.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the program says of a part."""

    OK = "ok"
    REVIEW = "review"
    NG = "ng"


def decide(score: float, threshold: float, *, review_from: float | None = None) -> Verdict:
    """Return NG from the threshold on (`>=`), else REVIEW from `review_from` on, else OK.

    A score that is not a number is NG: a part nobody could judge must not pass.
    """
    if math.isnan(score) or score >= threshold:
        return Verdict.NG
    if review_from is not None and score >= review_from:
        return Verdict.REVIEW
    return Verdict.OK


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold, how it was chosen, and what it can promise."""

    threshold: float
    method: str
    """``quantile`` or ``max_plus_margin`` (too few good images for the asked rate)."""
    good_count: int
    overkill_asked: float
    """The share of good parts that may be called NG, as asked for."""
    overkill_bound: float
    """Upper bound of the expected share on exchangeable parts."""


def calibrate_on_good(scores: Sequence[float], *, overkill: float) -> Calibration:
    """Choose a threshold from the scores of held-out good parts.

    Split-conformal quantile (Vovk et al. 2005; Lei et al. 2018): with n scores
    the ⌈(n+1)(1−α)⌉-th smallest one bounds the expected overkill by α. A verdict
    of NG needs `score >= threshold`, so the next larger float is returned: the
    part that defines the threshold is itself good. Where the rank exceeds n no
    finite threshold keeps the promise; the largest score plus a tenth of the
    scores' spread is returned and the honest bound is 1/(n+1).

    Raises:
        ValueError: if there are no scores, one is not finite, or α is not in (0, 1).
    """
    if not scores or not all(math.isfinite(score) for score in scores):
        raise ValueError("calibration needs at least one score, all finite")
    if not 0.0 < overkill < 1.0:
        raise ValueError(f"overkill must lie between 0 and 1, not {overkill}")
    ordered = sorted(scores)
    n = len(ordered)
    # The subtraction keeps (n+1)(1-α) from creeping past a whole number, e.g. 19.000000000000004.
    rank = max(1, math.ceil((n + 1) * (1.0 - overkill) - 1e-9))
    if rank <= n:
        threshold = math.nextafter(ordered[rank - 1], math.inf)
        return Calibration(threshold, "quantile", n, overkill, overkill)
    margin = 0.1 * (ordered[-1] - ordered[0]) or 0.1 * abs(ordered[-1])
    threshold = math.nextafter(ordered[-1] + margin, math.inf)
    return Calibration(threshold, "max_plus_margin", n, overkill, 1.0 / (n + 1))


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """How many parts a threshold calls OK and NG, and where it contradicts known labels."""

    ok: int
    ng: int
    escapes: int
    """Known defective, called OK."""
    overkills: int
    """Known good, called NG."""


def count_verdicts(
    scores: Sequence[float], is_defective: Sequence[bool | None], threshold: float
) -> VerdictCounts:
    """Count verdicts; None marks a part of unknown state."""
    ok = ng = escapes = overkills = 0
    for score, defective in zip(scores, is_defective, strict=True):
        if decide(score, threshold) is Verdict.NG:
            ng += 1
            overkills += defective is False
        else:
            ok += 1
            escapes += defective is True
    return VerdictCounts(ok, ng, escapes, overkills)
