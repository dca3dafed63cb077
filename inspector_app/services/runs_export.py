"""The table of training runs as a file: CSV for spreadsheets, HTML for people."""

import csv
import datetime
import io
from collections.abc import Sequence
from pathlib import Path

from inspector_app import __version__, paths
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import write_atomically, write_text_atomically
from inspector_app.services.results_csv import as_text
from inspector_app.services.run_comparison import FIGURES, ComparedRun

COLUMNS = ("id", "model", "state", "started", "tags", "note", *FIGURES, "never_learned", "settings")

_TEMPLATE = "runs.html.j2"


def write_runs(target: Path, runs: Sequence[ComparedRun], *, project_name: str) -> None:
    """Write one row for each run, as the file's suffix says.

    Raises:
        KnownError: if the suffix is neither ``.csv`` nor ``.html``, or it cannot be written; an
            older file is left as it was.
    """
    match target.suffix.lower():
        case ".csv":
            write_runs_csv(target, runs)
        case ".html" | ".htm":
            _write_html(target, runs, project_name)
        case suffix:
            raise BadDataError(
                f"{target}: a table cannot be written as {suffix or 'a file without suffix'}",
                "choose a name that ends in .csv or .html",
            )


def write_runs_csv(target: Path, runs: Sequence[ComparedRun]) -> None:
    """Write one row for each run, figures in full.

    Raises:
        KnownError: if it cannot be written; an older file is left as it was.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for run in runs:
        writer.writerow([as_text(value) for value in _cells(run, exact=True)])
    # With a byte-order mark: Excel takes a CSV without one for the system's code page.
    write_atomically(target, buffer.getvalue().encode("utf-8-sig", "replace"))


def _write_html(target: Path, runs: Sequence[ComparedRun], project_name: str) -> None:
    # A tenth of a second, which the page with the runs should not wait for.
    import jinja2  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.resources_folder() / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    page = environment.get_template(_TEMPLATE).render(
        name=project_name,
        when=datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        version=__version__,
        columns=[name.replace("_", " ") for name in COLUMNS],
        rows=[_cells(run, exact=False) for run in runs],
    )
    write_text_atomically(target, page)


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
