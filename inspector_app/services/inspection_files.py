"""An inspection folder made ready for the worker, or taken up again; for pool threads."""

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.jobs import InspectionRecord, ResultRecord
from inspector_app.domain.mask import Mask
from inspector_app.domain.pages import PagesFound, files_of_several_pages
from inspector_app.domain.proposals import Proposal
from inspector_app.domain.tiff_pages import is_tiff
from inspector_app.protocol.codec import ProtocolError, decode_event
from inspector_app.protocol.files import MANIFEST_FILE, RESULTS_FILE, InspectionItem
from inspector_app.protocol.messages import ImageScored, SeenRegion
from inspector_app.services.job_files import (
    inspection_items_from,
    inspection_items_of_folder,
    inspection_items_of_images,
    inspection_items_of_project,
    write_inspection_folder,
)
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of a part."""

    is_defective: bool | None = None
    defect_type: str = ""


@dataclass(frozen=True, slots=True)
class PreparedInspection:
    """What the worker is to be told, and what is known already."""

    folder: Path
    truths: dict[str, Truth]
    """By image path."""
    earlier_scores: dict[str, float] = field(default_factory=dict)
    """Of a batch that is taken up again; NaN where an image could not be judged."""
    recovered: list[ResultRecord] = field(default_factory=list)
    """Results that are in the database only now."""
    pages: PagesFound = ()
    """Images of several pages, of which the first is judged."""


@dataclass(frozen=True, slots=True)
class Source:
    """Which images are to be inspected; without a folder they are the project's."""

    folder: Path | None = None
    first: Path | None = None
    """Where given, all images of the project are taken, this one first; else its test images."""
    image_ids: tuple[int, ...] = ()
    """Where given, these images of the project are taken."""


def prepare(
    project: Project, record: InspectionRecord, source: Source, bundle_folder: Path
) -> PreparedInspection:
    """List the images and write the inspection folder.

    Raises:
        KnownError: if there is no image, or it cannot be written.
    """
    with project.second_connection() as other:
        items = _items(other, source)
        folder = write_inspection_folder(other, record, items, bundle_folder)
        pages = pages_of_items(items, source.folder or other.image_folder)
    return PreparedInspection(folder, _truths(items), pages=pages)


def pages_of_items(items: Iterable[InspectionItem], folder: Path) -> PagesFound:
    """Return the images of several pages, named from a folder."""
    names = [os.path.relpath(item.image_path, folder) for item in items if is_tiff(item.image_path)]
    return files_of_several_pages(folder, names)


def _items(project: Project, source: Source) -> list[InspectionItem]:
    if source.folder is not None:
        return inspection_items_of_folder(source.folder)
    if source.image_ids:
        return inspection_items_of_images(project, source.image_ids)
    if source.first is not None:
        return inspection_items_from(project, source.first)
    return inspection_items_of_project(project)


def prepare_again(project: Project, record: InspectionRecord) -> PreparedInspection:
    """Read what an earlier start has left; results that never reached the database are entered.

    Raises:
        BadDataError: if its folder is gone or damaged.
    """
    with project.second_connection() as other:
        folder = jobs.run_folder(other, record)
        truths = _truths(_read_manifest(folder / MANIFEST_FILE))
        scores = {r.image_path: r.score for r in inspection_results.results(other, record.id)}
        missing = [
            result_record(event, truths)
            for event in _read_results(folder / RESULTS_FILE)
            if event.image_path not in scores
        ]
        inspection_results.add_results(other, record.id, missing)
    scores.update((result.image_path, result.score) for result in missing)
    return PreparedInspection(folder, truths, scores, missing)


def result_record(event: ImageScored, truths: dict[str, Truth]) -> ResultRecord:
    """Return the row of an image that was scored, or could not be read."""
    truth = truths.get(event.image_path, Truth())
    return ResultRecord(
        image_path=event.image_path,
        is_defective=truth.is_defective,
        defect_type=truth.defect_type,
        score=math.nan if event.score is None else event.score,
        heatmap_file=event.heatmap_file,
        heatmap_scale=event.heatmap_scale,
        seconds=event.seconds,
        error=event.error,
        called=event.called,
        share_01=event.share_01,
        proposals=tuple(map(_proposal, event.regions)),
    )


def _proposal(seen: SeenRegion) -> Proposal:
    rle = seen.mask and {"size": seen.mask.size, "counts": seen.mask.counts}
    mask = Mask.from_rle(rle) if rle else None
    return Proposal(seen.class_name, seen.score_01, Box(*seen.box), mask)


def _truths(items: Iterable[InspectionItem]) -> dict[str, Truth]:
    return {item.image_path: Truth(item.is_defective, item.defect_type) for item in items}


def _read_manifest(path: Path) -> list[InspectionItem]:
    try:
        lines = path.read_bytes().splitlines()
        return [InspectionItem.model_validate_json(line) for line in lines if line.strip()]
    except (OSError, ValidationError) as error:
        raise BadDataError(
            f"{path}: the list of images is missing or damaged", "start a new inspection"
        ) from error


def _read_results(path: Path) -> list[ImageScored]:
    """Return what the worker has written; the last line may be half of one."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return []
    events: list[ImageScored] = []
    for line in lines:
        try:
            event = decode_event(line)
        except ProtocolError:
            continue
        if isinstance(event, ImageScored):
            events.append(event)
    return events
