"""The results of an inspection as a table for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from inspector_app.domain.decision import decide
from inspector_app.domain.files import write_atomically
from inspector_app.domain.jobs import ResultRecord

COLUMNS = (
    "file",
    "verdict",
    "score",
    "threshold",
    "truth",
    "defect_type",
    "error",
    "taken_for",
    "probability",
    "regions",
)
"""New ones come last: spreadsheets refer to columns by their place."""

_TRUTH = {True: "ng", False: "ok", None: ""}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_results_csv(target: Path, results: Sequence[ResultRecord], *, threshold: float) -> None:
    """Write one row for each image; the verdict is the one the program shows.

    Raises:
        KnownError: if it cannot be written; an older file is left as it was.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for result in results:
        writer.writerow(
            (
                as_text(result.image_path),
                decide(result.score, threshold).value,
                repr(result.score) if result.is_judged else "",
                repr(threshold),
                _TRUTH[result.is_defective],
                as_text(result.defect_type),
                as_text(result.error),
                as_text(result.called),
                "" if result.share_01 is None else repr(result.share_01),
                as_text(_regions_text(result)),
            )
        )
    # With a byte-order mark: Excel takes a CSV without one for the system's code page.
    # File names that are no Unicode come through as question marks.
    write_atomically(target, buffer.getvalue().encode("utf-8-sig", "replace"))


def _regions_text(result: ResultRecord) -> str:
    """Return class, probability and box (left top right bottom) of what the model sees."""
    return "; ".join(
        f"{seen.class_name or 'defect'} {seen.score_01:.2f} "
        f"({seen.box.left} {seen.box.top} {seen.box.right} {seen.box.bottom})"
        for seen in result.proposals
    )


def as_text(value: str) -> str:
    """Return the value so that no spreadsheet runs it as a formula.

    Folder names are other people's; the quote is what spreadsheets themselves use (OWASP).
    """
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
