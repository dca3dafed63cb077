"""The table of training runs as a file: CSV for spreadsheets, HTML for people."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from inspector_app.services.run_comparison import FIGURES, ComparedRun
from inspector_app.services.written_tables import write_as_named, write_page, write_rows

COLUMNS = ("id", "model", "state", "started", "tags", "note", *FIGURES, "never_learned", "settings")


def write_runs(target: Path, runs: Sequence[ComparedRun], *, project_name: str) -> None:
    """Write one row for each run, as the file's suffix says; see `write_as_named`."""
    write_as_named(
        target,
        as_csv=partial(write_runs_csv, runs=runs),
        as_page=partial(_write_page, runs=runs, project_name=project_name),
    )


def write_runs_csv(target: Path, runs: Sequence[ComparedRun]) -> None:
    """Write one row for each run, figures in full; see `write_rows`."""
    write_rows(target, [COLUMNS, *(_cells(run, exact=True) for run in runs)])


def _write_page(target: Path, runs: Sequence[ComparedRun], project_name: str) -> None:
    content = {
        "name": project_name,
        "columns": [name.replace("_", " ") for name in COLUMNS],
        "rows": [_cells(run, exact=False) for run in runs],
    }
    write_page(target, "runs.html.j2", content)


def _cells(run: ComparedRun, *, exact: bool) -> list[str]:
    record = run.record
    figures = run.figures
    never = run.recognition.never_learned if run.recognition is not None else ()
    return [
        record.id,
        record.model_kind,
        record.state.value,
        record.created_at,
        ", ".join(record.tags),
        record.note,
        *(_number(figures.get(name), exact=exact) for name in FIGURES),
        ", ".join(never),
        ", ".join(f"{name}={value}" for name, value in record.config.items()),
    ]


def _number(value: float | None, *, exact: bool) -> str:
    if value is None:
        return ""
    return repr(value) if exact else f"{value:.4g}"
