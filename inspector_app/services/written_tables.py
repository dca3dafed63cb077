"""What leaves the program as a table: CSV for spreadsheets, pages for people."""

import csv
import datetime
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from inspector_app import __version__, paths
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import write_atomically, write_text_atomically
from inspector_app.services.results_csv import as_text


def write_as_named(
    target: Path, *, as_csv: Callable[[Path], None], as_page: Callable[[Path], None]
) -> None:
    """Write a table as the file's suffix says.

    Raises:
        KnownError: if that is neither ``.csv`` nor ``.html``, or it cannot be written; an older
            file is left as it was.
    """
    match target.suffix.lower():
        case ".csv":
            as_csv(target)
        case ".html" | ".htm":
            as_page(target)
        case suffix:
            raise BadDataError(
                f"{target}: a table cannot be written as {suffix or 'a file without suffix'}",
                "choose a name that ends in .csv or .html",
            )


def write_rows(target: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows that no spreadsheet takes for formulas, the first of them the headings.

    Raises:
        KnownError: if it cannot be written; an older file is left as it was.
    """
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([as_text(cell) for cell in row] for row in rows)
    # With a byte-order mark: Excel takes a CSV without one for the system's code page.
    write_atomically(target, buffer.getvalue().encode("utf-8-sig", "replace"))


def write_page(
    target: Path,
    template: str,
    content: Mapping[str, Any],
    filters: Mapping[str, Callable[..., str]] | None = None,
) -> None:
    """Write a page of one of the program's templates; ``when`` and ``version`` are added.

    Raises:
        KnownError: if it cannot be written; an older file is left as it was.
    """
    # A tenth of a second, which the window should not wait for.
    import jinja2  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.resources_folder() / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters or {}
    when = datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    page = environment.get_template(template).render(content, when=when, version=__version__)
    write_text_atomically(target, page)
