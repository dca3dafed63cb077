"""A whole report folder: results.csv, heatmaps, overlays and index.html."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import ResultRecord
from inspector_app.formats.base import ProgressCallback, no_progress
from inspector_app.formats.writing import staged_folder
from inspector_app.protocol.files import HEATMAP_FOLDER
from inspector_app.services.heatmaps import HeatmapScale
from inspector_app.services.report.content import ReportContent, short_names
from inspector_app.services.report.overlay import write_overlay
from inspector_app.services.report.page import write_page
from inspector_app.services.results_csv import write_results_csv

TABLE_FILE = "results.csv"
PAGE_FILE = "index.html"
OVERLAY_FOLDER = "overlays"


def refuse_filled_folder(folder: Path) -> None:
    """Make sure that a report can be put there.

    Raises:
        BadDataError: if there is a file of that name, or a folder with something in it.
    """
    if folder.is_dir():
        if any(folder.iterdir()):
            raise BadDataError(f"{folder}: not empty", "choose a new folder, or empty this one")
    elif folder.exists():
        raise BadDataError(f"{folder}: is a file", "choose a folder")


def write_report(
    folder: Path, content: ReportContent, *, progress: ProgressCallback = no_progress
) -> list[str]:
    """Write the report and return a remark for each picture that could not be made.

    Raises:
        KnownError: if the folder is in use or cannot be written; nothing remains then.
    """
    with staged_folder(folder) as stage:
        source = content.inspection_folder / HEATMAP_FOLDER
        if source.is_dir():
            shutil.copytree(source, stage / HEATMAP_FOLDER)
        overlays, remarks = _write_overlays(stage, content, progress)
        write_results_csv(stage / TABLE_FILE, content.ranked(), threshold=content.threshold)
        write_page(stage / PAGE_FILE, content, overlays)
    return remarks


def _write_overlays(
    folder: Path, content: ReportContent, progress: ProgressCallback
) -> tuple[dict[str, str], list[str]]:
    card = content.card
    scale = HeatmapScale(card.pixel_median, card.pixel_threshold)
    results = [result for result in content.ranked() if result.heatmap_file]
    names = overlay_names(results)
    (folder / OVERLAY_FOLDER).mkdir()
    written: dict[str, str] = {}
    remarks: list[str] = []
    for done, result in enumerate(results, start=1):
        name = f"{OVERLAY_FOLDER}/{names[result.image_path]}"
        try:
            write_overlay(folder / name, result, content.inspection_folder, scale)
            written[result.image_path] = name
        except BadDataError as error:
            remarks.append(str(error))
        progress(done, len(results))
    return written, remarks


def overlay_names(ranked: Sequence[ResultRecord]) -> dict[str, str]:
    """Return a file name for each image: led by its rank, so unique and in order of the score."""
    short = short_names([result.image_path for result in ranked])
    digits = len(str(len(ranked)))
    return {
        path: f"{rank:0{digits}d}_{Path(name).with_suffix('').as_posix().replace('/', '-')}.jpg"
        for rank, (path, name) in enumerate(short.items(), start=1)
    }
