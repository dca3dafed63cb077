"""A project's images and labels, counted and compared. No Qt: the command line uses it."""

import hashlib
import io
import os
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inspector_app.domain import picture
from inspector_app.domain.annotation import ReviewState
from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.huge import refuse_huge
from inspector_app.domain.pages import files_of_several_pages, page_remarks
from inspector_app.domain.perceptual_hash import find_alikes, small_picture
from inspector_app.formats.base import ProgressCallback, no_progress
from inspector_app.formats.reading import read_bytes
from inspector_app.store import annotations
from inspector_app.store.project import Project

_LARGEST_FILE_MB = 4096
_BITS = {"1": 1, "I;16": 16, "I;16B": 16, "I;16L": 16, "I": 32, "F": 32}


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One file, as it is."""

    width: int
    height: int
    mode: str
    """Pillow's name: ``RGB``, ``L``, ``P``, ``I;16``…"""
    bits: int
    """Of one channel."""
    sha256: str
    small: NDArray[np.uint8]
    """32 × 32 grey values."""


@dataclass(frozen=True, slots=True)
class LikePair:
    """Two images that look the same."""

    first: ImageRecord
    second: ImageRecord
    is_exact: bool
    """Byte for byte."""

    @property
    def crosses_splits(self) -> bool:
        """One is learned from, the other is to judge what was learned."""
        return self.first.split is not self.second.split


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """The regions of one class."""

    name: str
    region_count: int
    image_count: int
    median_area_share: float
    """Of an image's pixels; boxes count as filled. NaN where no image could be read."""


@dataclass(frozen=True, slots=True)
class DatasetSurvey:
    """All that the report shows."""

    image_folder: Path
    images: tuple[ImageRecord, ...]
    facts: dict[int, ImageFacts]
    """By image id; unreadable images are missing."""
    unreadable: tuple[str, ...]
    classes: tuple[ClassFacts, ...]
    without_regions: tuple[str, ...]
    """Images known to be defective on which nothing is marked."""
    mismatched: tuple[str, ...]
    """Images with masks made for another size."""
    pairs: tuple[LikePair, ...]
    remarks: tuple[str, ...]

    @property
    def types(self) -> dict[str, Counter[Split]]:
        """Images by defect type and split, the most frequent type first."""
        found: defaultdict[str, Counter[Split]] = defaultdict(Counter)
        for record in self.images:
            found[record.defect_type][record.split] += 1
        return dict(sorted(found.items(), key=lambda item: -item[1].total()))

    @property
    def sizes(self) -> Counter[tuple[int, int]]:
        return Counter((facts.width, facts.height) for facts in self.facts.values())

    @property
    def modes(self) -> Counter[tuple[str, int]]:
        return Counter((facts.mode, facts.bits) for facts in self.facts.values())

    @property
    def reviews(self) -> Counter[ReviewState]:
        return Counter(record.review for record in self.images)


def survey_dataset(
    project: Project, remarks: Iterable[str] = (), *, progress: ProgressCallback = no_progress
) -> DatasetSurvey:
    """Read every image once, in threads, and count; `progress` may raise to stop."""
    records = project.images()
    facts: dict[int, ImageFacts] = {}
    unreadable: list[str] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = [pool.submit(_facts_of, project.image_path(record)) for record in records]
        try:
            for done, (record, future) in enumerate(zip(records, waiting, strict=True), 1):
                try:
                    facts[record.id] = future.result()
                except BadDataError as error:
                    unreadable.append(error.message)
                progress(done, len(records))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    classes, mismatched = _classes(project, facts)
    names = [record.relative_path for record in records if not record.page]
    paged = page_remarks(files_of_several_pages(project.image_folder, names))
    return DatasetSurvey(
        image_folder=project.image_folder,
        images=tuple(records),
        facts=facts,
        unreadable=tuple(unreadable),
        classes=classes,
        without_regions=tuple(
            record.relative_path
            for record in records
            if record.is_defective and not record.region_count
        ),
        mismatched=mismatched,
        pairs=tuple(_pairs([record for record in records if record.id in facts], facts)),
        remarks=(*remarks, *paged),
    )


def _facts_of(path: Path) -> ImageFacts:
    refuse_huge(path)
    data = read_bytes(path, limit_mb=_LARGEST_FILE_MB)
    pixels = picture.decode_rgb(data, name=str(path))
    with Image.open(io.BytesIO(data)) as image:
        mode = image.mode
    return ImageFacts(
        width=pixels.shape[1],
        height=pixels.shape[0],
        mode=mode,
        bits=_BITS.get(mode, 8),
        sha256=hashlib.sha256(data).hexdigest(),
        small=small_picture(pixels),
    )


def _classes(
    project: Project, facts: dict[int, ImageFacts]
) -> tuple[tuple[ClassFacts, ...], tuple[str, ...]]:
    shares: defaultdict[int, list[float]] = defaultdict(list)
    images: defaultdict[int, set[int]] = defaultdict(set)
    counts: Counter[int] = Counter()
    mismatched: list[str] = []
    for image_id in sorted(annotations.images_with_regions(project)):
        size = facts.get(image_id)
        for region in annotations.load_document(project, image_id).regions:
            counts[region.class_id] += 1
            images[region.class_id].add(image_id)
            if size is None:
                continue
            mask = region.mask
            if mask is not None and (mask.width, mask.height) != (size.width, size.height):
                mismatched.append(project.image(image_id).relative_path)
            area = mask.area if mask is not None else region.box.area
            shares[region.class_id].append(area / (size.width * size.height))
    found = tuple(
        ClassFacts(
            one.name,
            counts[one.id],
            len(images[one.id]),
            statistics.median(shares[one.id]) if shares[one.id] else float("nan"),
        )
        for one in project.classes()
    )
    return found, tuple(dict.fromkeys(mismatched))


def _pairs(records: Sequence[ImageRecord], facts: dict[int, ImageFacts]) -> Iterable[LikePair]:
    pictures = [facts[record.id].small for record in records]
    for found in find_alikes(pictures, range(len(records))):
        one = records[found.index]
        for other in (records[index] for index in found.others):
            yield LikePair(one, other, facts[one.id].sha256 == facts[other.id].sha256)
