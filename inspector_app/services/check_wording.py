"""What a look at a training has found, in words. No Qt: the command line uses it too."""

from collections.abc import Mapping

_MINUTE_S = 60.0


def measured_text(metrics: Mapping[str, float]) -> str:
    """Return time and memory of the run that was looked at; empty if nothing was measured."""
    if "run_seconds" not in metrics:
        return ""
    return (
        f"about {duration_text(metrics['run_seconds'])} for all epochs "
        f"({duration_text(metrics['epoch_seconds'])} each), "
        f"{metrics['memory_mb'] / 1024:.1f} GB of memory"
    )


def duration_text(seconds: float) -> str:
    """Return a time in the unit that suits it: “40 s”, “12 min”, “3.5 h”."""
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes = seconds / _MINUTE_S
    return f"{minutes:.0f} min" if minutes < 2 * _MINUTE_S else f"{minutes / _MINUTE_S:.1f} h"
