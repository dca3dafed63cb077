"""Exports of Roboflow: COCO with renamed images and a row for the group, YOLO from Windows."""

import json
from pathlib import Path
from typing import Any

import pytest
from labelled_images import HEIGHT, WIDTH, regions_in, sizes_of, write_photo

from inspector_app.domain.geometry import Box
from inspector_app.formats.base import ImportedRegion, ImportPlan
from inspector_app.formats.coco import import_coco
from inspector_app.formats.yolo import import_yolo

GROUP = {"id": 0, "name": "defects", "supercategory": "none"}
SCRATCH = {"id": 1, "name": "scratch", "supercategory": "defects"}


def renamed(number: int, extra: Any) -> dict[str, Any]:
    name = f"a_png.rf.{number:032x}.jpg"
    return {"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT, "extra": extra}


def box_on(image_id: int, category_id: int = 1) -> dict[str, Any]:
    return {"image_id": image_id, "category_id": category_id, "bbox": [1, 1, 3, 3]}


def write(path: Path, images: list[Any], annotations: list[Any], *categories: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = {"images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(parts))


def read(folder: Path, images: list[Any], annotations: list[Any], *categories: Any) -> ImportPlan:
    write(folder / "_annotations.coco.json", images, annotations, *(categories or (SCRATCH,)))
    return import_coco(folder, sizes_of("a.png"))


def test_that_the_row_that_groups_the_classes_is_no_class(tmp_path: Path) -> None:
    plan = read(tmp_path, [renamed(1, {"name": "a.png"})], [box_on(1)], GROUP, SCRATCH)
    assert plan.class_names == ("scratch",)


@pytest.mark.parametrize(
    "group",
    [
        {**GROUP, "supercategory": "defects"},
        {**GROUP, "name": "dent"},
    ],
)
def test_that_other_unused_classes_stay(tmp_path: Path, group: Any) -> None:
    plan = read(tmp_path, [], [], group, SCRATCH)
    assert plan.class_names == (group["name"], "scratch")


def test_that_a_group_with_annotations_is_a_class(tmp_path: Path) -> None:
    plan = read(tmp_path, [renamed(1, {"name": "a.png"})], [box_on(1, 0)], GROUP, SCRATCH)
    assert plan.class_names == ("defects", "scratch")


def test_that_an_image_is_found_by_the_name_it_had_first(tmp_path: Path) -> None:
    plan = read(tmp_path, [renamed(1, {"name": "a.png"})], [box_on(1)])
    assert [image.image_name for image in plan.images] == ["a.png"]
    assert "images found by the names they had before Roboflow: 1" in plan.problems[0]


@pytest.mark.parametrize("extra", [None, [], {}, {"name": 7}, {"name": "b.png"}])
def test_that_without_a_known_first_name_the_new_one_is_told(tmp_path: Path, extra: Any) -> None:
    plan = read(tmp_path, [renamed(1, extra)], [box_on(1)])
    assert plan.images == ()
    assert "project is 'a_png.rf." in plan.problems[0]


def test_that_augmented_copies_are_left_out(tmp_path: Path) -> None:
    images = [renamed(number, {"name": "a.png"}) for number in (1, 2, 3)]
    plan = read(tmp_path, images, [box_on(1), box_on(2)])
    assert plan.images == ()
    assert plan.problems == (
        "_annotations.coco.json: 3 images are copies of 'a.png'; their labels are left out",
    )


def test_that_an_image_listed_twice_under_its_own_name_is_one(tmp_path: Path) -> None:
    images = [{**renamed(number, {"name": "a.png"}), "file_name": "a.png"} for number in (1, 2)]
    plan = read(tmp_path, images, [box_on(1), {**box_on(2), "bbox": [0, 0, 2, 2]}])
    assert [len(image.regions) for image in plan.images] == [2]


def test_that_the_files_of_all_splits_are_read(tmp_path: Path) -> None:
    image = {"id": 1, "file_name": "a.png"}
    write(tmp_path / "train/_annotations.coco.json", [image], [box_on(1)], SCRATCH)
    dent = {**SCRATCH, "name": "dent"}
    write(tmp_path / "valid/_annotations.coco.json", [image], [box_on(1), box_on(9)], dent)
    plan = import_coco(tmp_path, sizes_of("train/a.png", "valid/a.png"))
    assert [image.image_name for image in plan.images] == ["train/a.png", "valid/a.png"]
    assert plan.class_names == ("scratch", "dent")
    assert len(plan.problems) == 1
    assert plan.source == tmp_path.name


def test_that_paths_of_a_windows_computer_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text(
        "train: D:\\Garment faults\\train\\images\nval: D:\\Garment faults\\valid\\images\n"
        "nc: 2\nnames: ['hole', 'button']\nroboflow:\n  workspace: garments\n  version: 1\n"
    )
    write_photo(tmp_path / "train/images/a.png")
    (tmp_path / "train/labels").mkdir()
    (tmp_path / "train/labels/a.txt").write_text("1 0.5 0.5 1 1\n")
    plan = import_yolo(tmp_path, sizes_of("train/images/a.png"))
    assert regions_in(plan) == [ImportedRegion("button", Box(0, 0, WIDTH, HEIGHT), None)]
    assert plan.problems == ()
