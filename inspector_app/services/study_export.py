"""What a study says, as rows: for the command line, for files and for the window. No Qt."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inspector_app.domain.files import write_atomically
from inspector_app.domain.standing import Standing
from inspector_app.domain.study import Estimate, StudyOutcome
from inspector_app.services.results_csv import as_text


def write_study_csv(target: Path, outcome: StudyOutcome) -> None:
    """Write one row for each variant, figures in full with their intervals.

    Raises:
        KnownError: if it cannot be written; an older file is left as it was.
    """
    ends = [(name, f"{name} low", f"{name} high") for name in outcome.figures]
    heads = ["variant", "model", "trainings", *(head for each in ends for head in each)]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([*heads, "never learned", "settings"])
    for each in outcome.outcomes:
        cells = [_ends(each.figures.get(name)) for name in outcome.figures]
        settings = ", ".join(f"{name}={value}" for name, value in each.variant.settings.items())
        row = [each.variant.name, each.variant.kind, str(len(each.results))]
        row += [cell for triple in cells for cell in triple]
        writer.writerow([as_text(cell) for cell in [*row, ", ".join(each.never_learned), settings]])
    # With a byte-order mark: Excel takes a CSV without one for the system's code page.
    write_atomically(target, buffer.getvalue().encode("utf-8-sig", "replace"))


def _ends(estimate: Estimate | None) -> Sequence[str]:
    if estimate is None:
        return ("", "", "")
    if estimate.interval is None:
        return (repr(estimate.value), "", "")
    return (repr(estimate.value), repr(estimate.interval.low), repr(estimate.interval.high))


def conclusion(standing: Standing, outcome: StudyOutcome, title: str = "") -> str:
    """Return in a sentence what a standing allows to say of a figure, by its key or title."""
    names = [each.variant.name for each in outcome.outcomes]
    figure = title or standing.figure
    if not standing.behind:
        return f"{figure}: no significant difference (95 % intervals overlap)"
    behind = ", ".join(names[place] for place in standing.behind)
    text = f"{figure}: {names[standing.best]} is better than {behind} (95 % intervals apart)"
    match len(standing.level):
        case 0:
            return text
        case 1:
            return f"{text}; no significant difference from {names[standing.level[0]]}"
        case count:
            return f"{text}; no significant difference from the {count} others"


def study_document(outcome: StudyOutcome) -> dict[str, Any]:
    """Return the study as what JSON can hold."""
    return {
        "study": outcome.plan.name,
        "question": outcome.plan.question,
        "variants": [
            {
                "name": each.variant.name,
                "model": each.variant.kind,
                "settings": dict(each.variant.settings),
                "trainings": len(each.results),
                "never_learned": list(each.never_learned),
                "figures": {name: _estimate(value) for name, value in each.figures.items()},
            }
            for each in outcome.outcomes
        ],
        "conclusions": [conclusion(each, outcome) for each in outcome.standings],
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    if estimate.interval is None:
        return {"value": estimate.value}
    interval = [estimate.interval.low, estimate.interval.high]
    return {"value": estimate.value, "interval": interval}
