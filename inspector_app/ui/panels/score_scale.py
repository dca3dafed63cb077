"""Where a score stands between the ends of an axis that shows good and far-off parts at once."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from inspector_app.ui.panels.score_format import score_range


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """An axis from `low` to `high`: even up to about `unit` above `low`, logarithmic beyond.

    Anomaly scores of defective parts reach hundreds of times the threshold; on an even axis
    everything worth deciding would lie within the first few pixels.
    """

    low: float
    high: float
    unit: float

    @staticmethod
    def of(scores: Sequence[float], threshold: float) -> "ScoreScale":
        """Return the scale of some scores and the threshold they are judged by."""
        low, high = score_range([*scores, threshold])
        unit = threshold - low if math.isfinite(threshold) else high - low
        # Where only rounding parts the scores, a share of their range would be rounded to nothing.
        return ScoreScale(low, high, max(unit, (high - low) * 1e-4, sys.float_info.min))

    def share(self, score: float) -> float:
        """Return the place of a score, in [0, 1]; beyond an end it is that end's."""
        inside = min(self.high, max(self.low, score))
        return self._bent(inside) / self._bent(self.high)

    def score(self, share: float) -> float:
        """Return the score at a place, which is taken into [0, 1]."""
        place = min(1.0, max(0.0, share))
        above = self.unit * math.expm1(place * self._bent(self.high))
        return min(self.high, self.low + above)

    def _bent(self, score: float) -> float:
        return math.log1p((score - self.low) / self.unit)
