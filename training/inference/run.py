"""One batch inspection from its folder to its results."""

import logging
import math
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from inspector_app.domain.decision import count_verdicts
from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import (
    HEATMAP_FOLDER,
    INSPECTION_FILE,
    MANIFEST_FILE,
    RESULTS_FILE,
    InspectionItem,
    InspectionJob,
)
from inspector_app.protocol.messages import ImageScored, Progress
from training.context import Cancelled, JobContext
from training.data.items import read_job, read_lines
from training.data.pictures import truth_mask
from training.devices import pick_device
from training.faults import known_faults
from training.inference.bundle import Bundle, load_bundle
from training.inference.figures import PixelAuroc, image_auroc
from training.inference.heatmaps import heatmap_scale, read_heatmap, to_levels, write_heatmap
from training.inference.results import ResultLog
from training.inference.scorer import Scorer
from training.inference.seen import called, seen_regions
from training.inference.stream import Scored, Unreadable, score_files
from training.stopwatch import Stopwatch

_log = logging.getLogger(__name__)


def run_inspection(inspection_folder: Path, context: JobContext) -> dict[str, float]:
    """Score every image of the manifest that has no line in ``results.jsonl`` yet.

    An image that cannot be read becomes an `ImageScored` with an error; the batch goes on.

    Returns:
        ``images``, ``failed``, ``seconds``, ``seconds_per_image``; where truth is known on both
        sides ``image_auroc``, ``pixel_auroc`` (at heatmap resolution), ``escapes``, ``overkills``.

    Raises:
        Cancelled: what was scored stays.
        KnownError: the bundle is damaged, or the disk is full.
    """
    hint = "close other programs, or train with a smaller image size"
    with known_faults("inspection", memory_hint=hint):
        return Inspection.read(inspection_folder, context).execute()


@dataclass(frozen=True)
class Inspection:
    """A batch with everything its steps need."""

    folder: Path
    context: JobContext
    bundle: Bundle
    scorer: Scorer
    items: tuple[InspectionItem, ...]

    @classmethod
    def read(cls, folder: Path, context: JobContext) -> "Inspection":
        """Return the batch of an inspection folder, its model loaded.

        Raises:
            BadDataError, MissingWeightsError: if job, manifest or bundle cannot be used.
        """
        job = read_job(folder / INSPECTION_FILE, InspectionJob)
        items = read_lines(folder / MANIFEST_FILE, InspectionItem)
        device = pick_device(job.device)
        bundle = load_bundle(Path(job.bundle_folder), device)
        return cls(folder, context, bundle, Scorer(bundle.model, device), tuple(items))

    def execute(self) -> dict[str, float]:
        """Score what is missing and sum up; see `run_inspection`."""
        started = time.monotonic()
        (self.folder / HEATMAP_FOLDER).mkdir(exist_ok=True)
        with ResultLog.open(self.folder / RESULTS_FILE) as log:
            missing = self._missing(log)
            self._score(missing, log)
            seconds = time.monotonic() - started
            results = [log.by_path[path] for path in self._numbers]
        figures = {
            "images": float(len(results)),
            "failed": float(sum(result.score is None for result in results)),
            "seconds": seconds,
            "seconds_per_image": seconds / len(missing) if missing else 0.0,
        }
        return figures | self._against_truth([r for r in results if r.score is not None])

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """Place of every image in the manifest; names its heatmap."""
        return {item.image_path: number for number, item in enumerate(self.items)}

    def _missing(self, log: ResultLog) -> list[str]:
        return [path for path in self._numbers if path not in log.by_path]

    def _score(self, paths: list[str], log: ResultLog) -> None:
        clock = Stopwatch(len(paths))
        size_px = self.bundle.card.input_size_px
        for outcome in score_files(self.scorer, paths, size_px=size_px):
            result = self._result(outcome)
            log.append(result)
            self.context.emit(result)
            self.context.emit(
                Progress(
                    job_id=self.context.job_id,
                    done=len(log.by_path),
                    total=len(self._numbers),
                    seconds_left=clock.step(),
                )
            )
            if self.context.is_cancelled:
                raise Cancelled

    def _result(self, outcome: Scored | Unreadable) -> ImageScored:
        job_id = self.context.job_id
        if isinstance(outcome, Unreadable):
            return ImageScored(job_id=job_id, image_path=outcome.path, error=outcome.error)
        if not math.isfinite(outcome.score):
            error = "the model gives no number for this image"
            return ImageScored(job_id=job_id, image_path=outcome.path, error=error)
        scale = heatmap_scale(self.bundle.card)
        file_name = f"{HEATMAP_FOLDER}/{self._numbers[outcome.path]:06d}.png"
        write_heatmap(self.folder / file_name, to_levels(outcome.heatmap, scale))
        classes, (width, height) = self.bundle.card.classes, outcome.size
        what = called(outcome.look, classes)
        return ImageScored(
            job_id=job_id,
            image_path=outcome.path,
            score=outcome.score,
            called=what.name,
            share_01=what.share_01,
            regions=seen_regions(outcome.look, classes, width=width, height=height),
            heatmap_file=file_name,
            heatmap_scale=scale,
            seconds=outcome.seconds,
        )

    def _against_truth(self, results: list[ImageScored]) -> dict[str, float]:
        """Return what can be said where good and defective parts are known, else nothing."""
        by_path = {item.image_path: item for item in self.items}
        scores = [float(result.score or 0.0) for result in results]
        truths = [by_path[result.image_path].is_defective for result in results]
        auroc = image_auroc(scores, truths)
        if auroc is None:
            return {}
        counts = count_verdicts(scores, truths, self.bundle.card.threshold.value)
        figures = {
            "image_auroc": auroc,
            "escapes": float(counts.escapes),
            "overkills": float(counts.overkills),
        }
        pixel = self._pixel_auroc(results, by_path)
        return figures if pixel is None else figures | {"pixel_auroc": pixel}

    def _pixel_auroc(
        self, results: list[ImageScored], by_path: dict[str, InspectionItem]
    ) -> float | None:
        pixels = PixelAuroc()
        for result in results:
            truth = truth_mask(by_path[result.image_path], self.bundle.card.input_size_px)
            if truth is None:
                continue
            try:
                levels = read_heatmap(self.folder / result.heatmap_file, size_px=len(truth))
            except BadDataError as error:
                _log.warning("not counted: %s", error)
            else:
                pixels.add(levels, truth)
        return pixels.value()
