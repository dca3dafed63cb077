"""What a study says, as rows: for the command line, for files and for the window. No Qt."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from inspector_app.domain.standing import Standing
from inspector_app.domain.study import Estimate, StudyOutcome, VariantOutcome
from inspector_app.services.written_tables import write_as_named, write_page, write_rows

_USUAL = "as usual"


def write_study(target: Path, outcome: StudyOutcome, *, project_name: str) -> None:
    """Write a study as the file's suffix says; see `write_as_named`."""
    write_as_named(
        target,
        as_csv=partial(write_study_csv, outcome=outcome),
        as_page=partial(write_study_page, outcome=outcome, project_name=project_name),
    )


def write_study_csv(target: Path, outcome: StudyOutcome) -> None:
    """Write one row for each variant, figures in full with their intervals; see `write_rows`."""
    ends = [(name, f"{name} low", f"{name} high") for name in outcome.figures]
    heads = ["variant", "model", "trainings", *(head for each in ends for head in each)]
    rows = [[*heads, "never learned", "settings"]]
    for each in outcome.outcomes:
        cells = [_ends(each.figures.get(name)) for name in outcome.figures]
        settings = ", ".join(f"{name}={value}" for name, value in each.variant.settings.items())
        row = [each.variant.name, each.variant.kind, str(len(each.results))]
        row += [cell for triple in cells for cell in triple]
        rows.append([*row, ", ".join(each.never_learned), settings])
    write_rows(target, rows)


def write_study_page(target: Path, outcome: StudyOutcome, project_name: str) -> None:
    """Write one page with what may be concluded, the table and the settings.

    Raises:
        KnownError: if it cannot be written; an older file is left as it was.
    """
    best = {(each.figure, each.best) for each in outcome.standings}
    content = {
        "project": project_name,
        "plan": outcome.plan,
        "conclusions": [
            conclusion(each, outcome, _title(each.figure)) for each in outcome.standings
        ],
        "columns": [_title(name) for name in outcome.figures],
        "rows": [
            {
                "variant": each.variant,
                "trainings": len(each.results),
                "cells": [
                    (estimate_text(each.figures.get(name)), (name, place) in best)
                    for name in outcome.figures
                ],
                "never_learned": ", ".join(each.never_learned),
            }
            for place, each in enumerate(outcome.outcomes)
        ],
        "settings": differing_settings(outcome.outcomes),
        "shared": shared_settings(outcome.outcomes),
    }
    write_page(target, "study.html.j2", content)


def _title(figure: str) -> str:
    return figure.replace("_", " ")


def differing_settings(outcomes: Sequence[VariantOutcome]) -> list[tuple[str, list[str]]]:
    """Return the settings in which variants differ, each with its value in every one."""
    names = dict.fromkeys(name for each in outcomes for name in each.variant.settings)
    rows = [("model", [each.variant.kind for each in outcomes])]
    rows += [(n, [str(each.variant.settings.get(n, _USUAL)) for each in outcomes]) for n in names]
    return [(name, values) for name, values in rows if len(set(values)) > 1]


def shared_settings(outcomes: Sequence[VariantOutcome]) -> list[tuple[str, str]]:
    """Return what was set, other than usual, in the same way for all variants."""
    differ = {name for name, _ in differing_settings(outcomes)}
    first = outcomes[0].variant.settings if outcomes else {}
    return [(name, str(value)) for name, value in first.items() if name not in differ]


def estimate_text(estimate: Estimate | None) -> str:
    """Return a figure with its interval, if it has one; a dash for none."""
    if estimate is None:
        return "–"
    text = f"{estimate.value:.3g}"
    if estimate.interval is None:
        return text
    return f"{text} ({estimate.interval.low:.2f}–{estimate.interval.high:.2f})"


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
