"""What may be concluded from figures with intervals: who is best, who is level, who is behind."""

from collections.abc import Sequence
from dataclasses import dataclass

from inspector_app.domain.recognition import Interval


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be said of a figure; what was compared is given by its places."""

    figure: str
    best: int
    level: tuple[int, ...]
    """Their intervals overlap that of the best: no significant difference."""
    behind: tuple[int, ...]


def standing(
    figure: str, values: Sequence[float | None], intervals: Sequence[Interval | None]
) -> Standing | None:
    """Compare those that have an interval with the best of them; None if there are not two."""
    known = [
        (place, value, interval)
        for place, (value, interval) in enumerate(zip(values, intervals, strict=True))
        if value is not None and interval is not None
    ]
    if len(known) < 2:
        return None
    best, _, sure = max(known, key=lambda entry: entry[1])
    others = [(place, interval) for place, _, interval in known if place != best]
    return Standing(
        figure,
        best,
        tuple(place for place, interval in others if interval.overlaps(sure)),
        tuple(place for place, interval in others if not interval.overlaps(sure)),
    )
