"""Masks drafted by simulated clicks and stored as an operator's accepted clicks would be."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from inspector_app.cli.console import Console
from inspector_app.cli.simulated_clicks import (
    BoolImage,
    ClickTrace,
    largest_part,
    mean_iou_after,
    simulate_clicks,
)
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.edits import AddRegion, UndoStep
from inspector_app.domain.errors import BugError
from inspector_app.domain.mask import Mask
from inspector_app.domain.tiff_pages import file_and_page
from inspector_app.protocol.files import InspectionItem
from inspector_app.protocol.messages import ClickPoint, Segment, Segmented
from inspector_app.store.annotations import perform
from inspector_app.store.project import Project, utc_now

CLICK_COUNT = 5
REPORTED_CLICKS = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Drafted:
    """How well the click model drafted."""

    click_model: str
    image_count: int
    iou_after: dict[int, float]
    """Mean IoU by number of clicks."""
    seconds_per_click: float
    """Median."""


def draft_regions(
    project: Project, items: Sequence[InspectionItem], worker: WorkerClient, console: Console
) -> Drafted:
    """Draft the largest defect of each image and store it as a region of the image's defect type.

    Raises:
        KnownError: if an image cannot be read.
    """
    drafter = _Drafter(worker)
    traces: list[ClickTrace] = []
    with console.progress("drafting") as progress:
        for done, item in enumerate(items, start=1):
            trace = drafter.draft(item)
            traces.append(trace)
            if trace.mask.any():
                _store(project, item, trace.mask, drafter.click_model)
            progress(done, len(items), f"IoU {trace.ious[-1]:.2f}")
    return Drafted(
        drafter.click_model,
        len(traces),
        {clicks: mean_iou_after(traces, clicks) for clicks in REPORTED_CLICKS},
        float(np.median(drafter.seconds)),
    )


class _Drafter:
    """Asks the worker, click by click."""

    def __init__(self, worker: WorkerClient) -> None:
        self.click_model = worker.hello.click_model
        self.seconds: list[float] = []
        self._worker = worker

    def draft(self, item: InspectionItem) -> ClickTrace:
        if item.mask_size is None:
            raise BugError(f"{item.image_path}: no mask to draft")
        truth = Mask(*item.mask_size, item.mask_counts).to_array()
        target, _ = largest_part(truth)
        return simulate_clicks(
            target, partial(self._segment, item.image_path, target.shape), click_count=CLICK_COUNT
        )

    def _segment(
        self, image_path: str, shape: tuple[int, int], points: tuple[ClickPoint, ...]
    ) -> BoolImage:
        request = Segment(request_id=len(self.seconds) + 1, image_path=image_path, points=points)
        answer = self._worker.segment(request)
        self.seconds.append(answer.seconds)
        self.click_model = answer.click_model
        return _best(answer, shape)


def _best(answer: Segmented, shape: tuple[int, int]) -> BoolImage:
    """Return the candidate the model itself thinks best; nobody looks at the truth to choose."""
    if not answer.candidates:
        return np.zeros(shape, np.bool_)
    rle = answer.candidates[0].mask
    return Mask(*rle.size, rle.counts).to_array()


def _store(project: Project, item: InspectionItem, mask: BoolImage, click_model: str) -> None:
    file, _ = file_and_page(Path(item.image_path))
    relative_path = file.relative_to(project.image_folder).as_posix()
    record = project.image_by_path(relative_path)
    if record is None:
        raise BugError(f"{relative_path} is not in the project")
    with project.transaction():
        defect_class = project.add_class(item.defect_type)
    region = _region(defect_class.id, Mask.from_array(mask), click_model)
    perform(project, UndoStep(record.id, "Add region", (AddRegion(region, record.region_count),)))


def _region(class_id: int, mask: Mask, click_model: str) -> Region:
    if mask.box is None:
        raise BugError("an empty mask cannot be stored")
    return Region(
        id=uuid.uuid4().hex,
        class_id=class_id,
        box=mask.box,
        mask=mask,
        author=Author.CLICK_MODEL,
        author_detail=click_model,
        created_at=utc_now(),
    )
