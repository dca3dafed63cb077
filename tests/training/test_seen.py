"""From what a model says of its small picture to regions in the image's pixels."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from training.inference.seen import Called, called, seen_regions
from training.models.looking import FoundBox, Look, Marks

CLASSES = ("good", "scratch", "hole")
SIDE_PX = 16


def look_with(*places: tuple[slice, slice, int, float]) -> Look:
    """Return what a model sees: rows, columns, type and share of each place, nothing elsewhere."""
    heatmap, types = torch.zeros(SIDE_PX, SIDE_PX), torch.ones(SIDE_PX, SIDE_PX, dtype=torch.int64)
    shares = torch.zeros(SIDE_PX, SIDE_PX)
    for rows, columns, place, share in places:
        heatmap[rows, columns], types[rows, columns] = 2.0, place
        shares[rows, columns] = share
    return Look(torch.tensor(2.0), heatmap, marks=Marks(types, shares, level=1.0))


SCRATCH = (slice(2, 6), slice(2, 6), 1, 0.75)
HOLE = (slice(9, 14), slice(8, 14), 2, 0.875)


def test_that_a_model_without_classes_calls_an_image_nothing() -> None:
    assert called(Look(torch.tensor(1.0), torch.zeros(2, 2)), ()) == Called("", None)


def test_that_an_image_is_called_by_its_likeliest_class() -> None:
    look = Look(torch.tensor(1.0), torch.zeros(2, 2), shares=torch.tensor([0.25, 0.5, 0.25]))
    assert called(look, CLASSES) == Called("scratch", 0.5)


def test_that_regions_come_surest_first_with_their_types() -> None:
    regions = seen_regions(look_with(SCRATCH, HOLE), CLASSES, width=16, height=16)
    seen = [(one.class_name, one.score_01) for one in regions]
    assert seen == [("hole", 0.875), ("scratch", 0.75)]


def test_that_a_region_lies_in_the_pixels_of_a_larger_file() -> None:
    [region] = seen_regions(look_with(HOLE), CLASSES, width=160, height=80)
    box = Box(*region.box)
    assert box.iou(Box(80, 45, 140, 70)) > 0.8


def test_that_a_region_has_the_box_of_its_mask() -> None:
    [region] = seen_regions(look_with(HOLE), CLASSES, width=40, height=24)
    assert region.mask is not None
    mask = Mask.from_rle({"size": region.mask.size, "counts": region.mask.counts})
    assert mask.box == Box(*region.box)


def test_that_no_type_is_named_where_the_model_tells_none_apart() -> None:
    [region] = seen_regions(look_with(SCRATCH), ("good", "defective"), width=16, height=16)
    assert region.class_name == ""


def test_that_specks_are_no_defects() -> None:
    speck = (slice(2, 4), slice(2, 4), 1, 0.9)
    assert seen_regions(look_with(speck), CLASSES, width=16, height=16) == ()


@given(st.integers(4, 90), st.integers(4, 90))
def test_that_every_file_size_gets_its_regions_with_a_share(width: int, height: int) -> None:
    for region in seen_regions(look_with(SCRATCH, HOLE), CLASSES, width=width, height=height):
        assert 0.5 < region.score_01 <= 1.0


def test_that_a_detectors_boxes_are_regions_without_pixels() -> None:
    found = FoundBox(2, 0.9, (0.5, 0.5, 0.5, 0.25))
    look = Look(torch.tensor(0.9), torch.zeros(4, 4), boxes=(found,))
    [region] = seen_regions(look, CLASSES, width=80, height=40)
    assert (region.class_name, region.box, region.mask) == ("hole", (20, 15, 60, 25), None)
