"""ISAT: outlines in layers, groups, holes of background."""

import json
from pathlib import Path
from typing import Any

import pytest
from labelled_images import HEIGHT, WIDTH, regions_in, sizes_of

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.formats.base import ImportPlan
from inspector_app.formats.isat import import_isat

SMALL = [[2, 2], [4, 2], [4, 4], [2, 4]]
OTHER = [[7, 5], [10, 5], [10, 8], [7, 8]]


def thing(category: str = "scratch", **fields: Any) -> dict[str, Any]:
    outline = [[1, 1], [6, 1], [6, 5], [1, 5]]
    return {"category": category, "segmentation": outline, "iscrowd": False, **fields}


def read(folder: Path, *objects: Any, **info: Any) -> ImportPlan:
    known = {"description": "ISAT", "name": "a.png", "width": WIDTH, "height": HEIGHT, **info}
    (folder / "label.json").write_text(json.dumps({"info": known, "objects": list(objects)}))
    return import_isat(folder / "label.json", sizes_of("a.png"))


def areas(plan: ImportPlan) -> list[int]:
    return [found.mask.area if found.mask else 0 for found in regions_in(plan)]


def test_that_an_outline_becomes_its_pixels(tmp_path: Path) -> None:
    plan = read(tmp_path, thing())
    (found,) = regions_in(plan)
    assert (found.class_name, found.box, areas(plan)) == ("scratch", Box(1, 1, 6, 5), [20])


def test_that_outlines_of_one_group_and_class_are_one_region(tmp_path: Path) -> None:
    plan = read(
        tmp_path,
        thing(group=1),
        thing(group=1, segmentation=OTHER),
        thing("dent", group=1),
        thing(group=2),
    )
    assert areas(plan) == [29, 20, 20]


@pytest.mark.parametrize("group", [None, ""])
def test_that_outlines_without_a_group_stand_for_themselves(tmp_path: Path, group: Any) -> None:
    assert areas(read(tmp_path, thing(group=group), thing(group=group))) == [20, 20]


def test_that_background_cuts_holes_into_what_lies_below_only(tmp_path: Path) -> None:
    above = thing("dent", layer=3.0)
    hole = thing("__background__", segmentation=SMALL, layer=2.0)
    below = thing(layer=1.0)
    plan = read(tmp_path, above, hole, below)
    assert [found.class_name for found in regions_in(plan)] == ["scratch", "dent"]
    assert areas(plan) == [16, 20]
    assert plan.class_names == ("scratch", "dent")


def test_that_a_part_above_the_background_closes_the_hole(tmp_path: Path) -> None:
    hole = thing("__background__", segmentation=SMALL, layer=2.0)
    patch = thing(segmentation=[[2, 2], [3, 2], [3, 4], [2, 4]], group=1, layer=3.0)
    assert areas(read(tmp_path, thing(group=1, layer=1.0), hole, patch)) == [18]


def test_that_other_outlines_leave_each_other_whole(tmp_path: Path) -> None:
    plan = read(tmp_path, thing(layer=1.0), thing("dent", segmentation=SMALL, layer=2.0))
    assert areas(plan) == [20, 4]


def test_that_a_region_wholly_under_background_is_named(tmp_path: Path) -> None:
    plan = read(tmp_path, thing("dent", segmentation=SMALL), thing("__background__"))
    assert plan.images == ()
    assert plan.problems == ("label.json: objects[0]: the background above it covers it wholly",)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (7, "valid dictionary"),
        (thing(" "), "without a name"),
        (thing(segmentation=[[1, 1], [2, 2]]), "three x, y pairs"),
        (thing(segmentation=[[1, 1], [float("nan"), 2], [3, 3]]), "not a number"),
        (thing(segmentation=[[50, 50], [60, 50], [60, 60]]), "no pixel"),
        (thing(segmentation="here"), "valid list"),
    ],
)
def test_that_a_bad_object_is_named_and_the_others_are_taken(
    tmp_path: Path, bad: Any, why: str
) -> None:
    plan = read(tmp_path, bad, thing())
    assert areas(plan) == [20]
    assert len(plan.problems) == 1
    assert "label.json: objects[0]" in plan.problems[0]
    assert why in plan.problems[0]


def test_that_an_image_of_another_size_is_named(tmp_path: Path) -> None:
    plan = read(tmp_path, thing(), width=99)
    assert plan.images == ()
    assert "99×9 px here but 12×9 px in the project" in plan.problems[0]


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", '{"shapes": [], "imagePath": "a.png"}'])
def test_that_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BadDataError, match="not an ISAT file"):
        import_isat(tmp_path / "a.json", sizes_of())
