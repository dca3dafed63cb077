"""The result table as CSV."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from inspector_app.services.report.content import ReportContent
from inspector_app.store.files import write_atomically

COLUMNS = (
    "file",
    "verdict",
    "score",
    "threshold",
    "known",
    "defect_type",
    "seconds",
    "error",
    "heatmap",
    "overlay",
)
_KNOWN = {True: "defective", False: "good", None: ""}


def write_table(target: Path, content: ReportContent, overlays: Mapping[str, str] = {}) -> None:
    """Write one row for each image, highest score first.

    Args:
        overlays: image path to the overlay's file name, where there are overlays.

    Raises:
        KnownError: if it cannot be written.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for result in content.ranked():
        writer.writerow(
            (
                result.image_path,
                content.verdict(result).value,
                repr(result.score) if result.is_judged else "",
                repr(content.threshold),
                _KNOWN[result.is_defective],
                result.defect_type,
                f"{result.seconds:.4f}",
                result.error,
                result.heatmap_file,
                overlays.get(result.image_path, ""),
            )
        )
    # With a byte-order mark: Excel takes a CSV without one for the system's code page.
    write_atomically(target, buffer.getvalue().encode("utf-8-sig"))
