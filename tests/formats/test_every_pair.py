"""From any format through any other one, and nothing is lost that both can hold."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_images import CLASSES, HEIGHT, NAMES, WIDTH, labelled
from strategies import regions

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.mask import Mask
from inspector_app.domain.region_operations import without_holes
from inspector_app.formats.base import ImportedRegion, ImportPlan, LabelledImage
from inspector_app.formats.naming import ImageMatcher
from inspector_app.formats.reading import canonical
from inspector_app.formats.registry import EXPORTERS, IGNORING, IMPORTERS

IDS = {name: number for number, name in NAMES.items()}
Fit = Callable[[Region], Region]
Content = dict[str, Counter[ImportedRegion]]


def as_it_is(region: Region) -> Region:
    return region


def as_box(region: Region) -> Region:
    return replace(region, mask=None)


def as_mask(region: Region) -> Region:
    mask = region.mask or Mask.from_box(region.box, width=WIDTH, height=HEIGHT)
    return replace(region, mask=mask)


def as_solid_mask(region: Region) -> Region:
    mask = as_mask(region).mask
    assert mask is not None
    return replace(region, mask=without_holes(mask))


@dataclass(frozen=True)
class Format:
    name: str
    importer: str
    fit: Fit
    """Makes a region one that the format can hold."""


FORMATS = (
    Format("coco", "coco", as_it_is),
    Format("labelme", "labelme", as_it_is),
    Format("cvat", "cvat", as_it_is),
    Format("voc", "voc", as_box),
    Format("yolo-detect", "yolo", as_box),
    Format("masks", "masks", as_mask),
    Format("yolo-segment", "yolo", as_solid_mask),
)


def share_a_kind(first: Format, second: Format) -> bool:
    """Tell whether not one of them holds boxes only, and the other masks only."""
    fits = {first.fit, second.fit}
    return as_box not in fits or fits <= {as_box, as_it_is}


PAIRS = [pair for pair in product(FORMATS, repeat=2) if share_a_kind(*pair)]


@pytest.fixture(scope="module")
def photos() -> Iterator[tuple[LabelledImage, ...]]:
    """Images that share a file name, one of them without a split, and one without regions."""
    with tempfile.TemporaryDirectory() as folder:
        yield (
            labelled(Path(folder), "a b/ü.png", split=Split.TRAIN),
            labelled(Path(folder), "c&d/ü.png"),
            labelled(Path(folder), "e.png", split=Split.TEST),
        )


def fitting(region: Region, first: Format, second: Format) -> Region:
    is_ignored = region.is_ignored and {first.name, second.name} <= IGNORING
    return first.fit(second.fit(replace(region, is_ignored=is_ignored)))


def content_of(images: Sequence[LabelledImage]) -> Content:
    return {
        image.relative_path: Counter(
            ImportedRegion(NAMES[r.class_id], r.box, r.mask and canonical(r.mask), r.is_ignored)
            for r in image.regions
        )
        for image in images
    }


def through(one: Format, images: Sequence[LabelledImage], folder: Path) -> list[LabelledImage]:
    """Return the images as they are after an export and its import."""
    EXPORTERS[one.name](images, CLASSES, folder)
    matcher = ImageMatcher(image.relative_path for image in images)
    plan = IMPORTERS[one.importer](
        folder, lambda name: (WIDTH, HEIGHT) if matcher.match(name) else None
    )
    assert plan.problems == ()
    found = regions_by_path(plan, matcher)
    return [replace(image, regions=found.get(image.relative_path, ())) for image in images]


def regions_by_path(plan: ImportPlan, matcher: ImageMatcher) -> dict[str, tuple[Region, ...]]:
    found: dict[str, tuple[Region, ...]] = {}
    for image in plan.images:
        path = matcher.match(image.image_name)
        assert path is not None
        added = tuple(
            Region("r", IDS[r.class_name], r.box, r.mask, Author.IMPORTED, is_ignored=r.is_ignored)
            for r in image.regions
        )
        found[path] = (*found.get(path, ()), *added)
    return found


@pytest.mark.parametrize(
    ("first", "second"), PAIRS, ids=[f"{first.name}-{second.name}" for first, second in PAIRS]
)
@settings(max_examples=4)
@given(
    some=st.lists(regions("r"), min_size=1, max_size=4), others=st.lists(regions("r"), max_size=2)
)
def test_that_nothing_is_lost_from_one_format_to_another(
    photos: tuple[LabelledImage, ...],
    first: Format,
    second: Format,
    some: list[Region],
    others: list[Region],
) -> None:
    drawn = [tuple(fitting(region, first, second) for region in each) for each in (some, others)]
    images = [
        replace(photo, regions=regions) for photo, regions in zip(photos, (*drawn, ()), strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        between = through(first, images, Path(folder, "first"))
        after = through(second, between, Path(folder, "second"))
    assert content_of(after) == content_of(images)
