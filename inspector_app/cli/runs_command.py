"""`inspector runs`: the trainings of a project, listed or put side by side."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from inspector_app.cli.application import JsonOption, ProjectArgument, application
from inspector_app.cli.console import Console
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import RunRecord
from inspector_app.domain.recognition import Interval
from inspector_app.domain.standing import Standing
from inspector_app.services.run_comparison import (
    ComparedRun,
    Comparison,
    compare,
    load_compared_run,
)
from inspector_app.services.runs_export import write_runs_csv
from inspector_app.store import jobs
from inspector_app.store.project import Project

_SHOWN = ("epochs", "val_loss", "accuracy", "macro_f1", "dice", "map50", "image_auroc")
_PREFIXES = {"setting": "set ", "figure": "", "type": "recall of "}


@application.command("runs")
def list_runs(
    project: ProjectArgument,
    chosen: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", metavar="RUN RUN", help="Two runs, by id or how it ends."),
    ] = None,
    table: Annotated[Path | None, typer.Option("--csv", help="Write the table here, too.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the trainings with their figures, newest first, or compare two of them."""
    console = Console(as_json=as_json)
    with Project.open(project) as opened:
        records = jobs.runs(opened)
        if chosen is not None:
            records = [_find(records, name) for name in chosen]
        runs = [load_compared_run(opened.folder, record) for record in records]
    if table is not None:
        write_runs_csv(table, runs)
    if chosen is None:
        _tell_runs(runs, console)
    else:
        _tell_comparison(compare(runs), console)


def _find(records: Sequence[RunRecord], name: str) -> RunRecord:
    """Return the run with this id, or the only one whose id ends like that.

    Raises:
        BadDataError: if there is none, or there are several.
    """
    exact = [record for record in records if record.id == name]
    found = exact or [record for record in records if record.id.endswith(name)]
    if len(found) == 1:
        return found[0]
    ids = ", ".join(record.id for record in found or records)
    problem = "several runs" if found else "no such run"
    raise BadDataError(f"--compare {name}: {problem}", f"choose from: {ids or 'none'}")


def _tell_runs(runs: Sequence[ComparedRun], console: Console) -> None:
    for run in runs:
        figures = "  ".join(f"{k} {v:.4g}" for k, v in run.figures.items() if k in _SHOWN)
        tags = f"  [{', '.join(run.record.tags)}]" if run.record.tags else ""
        console.say(f"{run.record.id}  {run.record.state.value}  {figures}{tags}")
        console.remark(_remarks(run))
    if not runs:
        console.say("no trainings yet")
    console.result({"runs": [_document(run) for run in runs]})


def _remarks(run: ComparedRun) -> list[str]:
    names = run.recognition.never_learned if run.recognition is not None else ()
    never = f"never learned: {', '.join(names)}" if names else ""
    return [remark for remark in (never, run.fault) if remark]


def _tell_comparison(comparison: Comparison, console: Console) -> None:
    width = max(len(run.record.id) for run in comparison.runs)
    heads = "  ".join(f"{run.record.id:<{width}}" for run in comparison.runs)
    lines = [
        (
            f"{_PREFIXES[row.group]}{row.name}",
            "  ".join(
                f"{_text(value, interval):<{width}}"
                for value, interval in zip(row.values, row.intervals, strict=True)
            ).rstrip(),
        )
        for row in comparison.rows
    ]
    console.show_table([("", heads), *lines])
    for standing in comparison.standings:
        console.say(_verdict(standing, comparison))
    faults = [run.fault for run in comparison.runs if run.fault]
    others = [] if comparison.is_same_images else ["they were tested on different images"]
    console.remark([*others, *faults])
    console.result(
        {
            "runs": [_document(run) for run in comparison.runs],
            "settings_that_differ": {
                row.name: list(row.values) for row in comparison.rows if row.group == "setting"
            },
            "significant": {s.figure: bool(s.behind) for s in comparison.standings},
            "same_test_images": comparison.is_same_images,
        }
    )


def _verdict(standing: Standing, comparison: Comparison) -> str:
    best = comparison.runs[standing.best].record.id
    if standing.behind:
        return f"{standing.figure}: {best} is better (95 % intervals apart)"
    return f"{standing.figure}: no significant difference (95 % intervals overlap)"


def _text(value: Any, interval: Interval | None) -> str:
    if value is None:
        return "–"
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return f"{text} ({interval.low:.2f}–{interval.high:.2f})" if interval else text


def _document(run: ComparedRun) -> dict[str, Any]:
    record = run.record
    document: dict[str, Any] = {
        "id": record.id,
        "model": record.model_kind,
        "state": record.state.value,
        "started": record.created_at,
        "tags": list(record.tags),
        "note": record.note,
        "settings": dict(record.config),
        "figures": dict(run.figures),
    }
    if run.fault:
        document["fault"] = run.fault
    if run.recognition is not None:
        document["never_learned"] = list(run.recognition.never_learned)
        document["types"] = {
            figures.name: {
                "images": figures.count,
                "recall": figures.recall,
                "interval": [figures.recall_interval.low, figures.recall_interval.high],
            }
            for figures in run.recognition.types
        }
    return document
