"""Shares and how sure one may be of them, as text."""

from inspector_app.domain.recognition import Interval


def share_text(share: float | None) -> str:
    """Return a share in per cent; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.0f} %"


def interval_text(interval: Interval) -> str:
    return f"{100 * interval.low:.0f}–{100 * interval.high:.0f} %"


def share_with_interval(share: float | None, interval: Interval) -> str:
    if share is None:
        return share_text(share)
    return f"{share_text(share)} ({interval_text(interval)})"
