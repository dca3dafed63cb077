"""COCO instances: written, loaded by pycocotools, read back, and read from strangers."""

import contextlib
import io
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_images import (
    CLASSES,
    HEIGHT,
    NAMES,
    RING,
    WIDTH,
    as_imported,
    drawn,
    labelled,
    region,
    regions_in,
    sizes_of,
)
from pycocotools.coco import COCO
from strategies import regions

from inspector_app.domain.annotation import Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.formats.base import ImportedRegion, ImportPlan
from inspector_app.formats.coco import export_coco, import_coco

SQUARE = [1, 1, 4, 1, 4, 4, 1, 4]


def load(path: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def content(**changes: Any) -> dict[str, Any]:
    """Return a sound file with one annotation, and what is changed in it."""
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 3, 3]}
    return {
        "images": [{"id": 1, "file_name": "a.png", "width": WIDTH, "height": HEIGHT}],
        "categories": [{"id": 1, "name": "scratch"}],
        "annotations": [annotation],
        **changes,
    }


def read(folder: Path, parts: Any) -> ImportPlan:
    (folder / "labels.json").write_text(json.dumps(parts))
    return import_coco(folder / "labels.json", sizes_of("a.png"))


def read_annotation(folder: Path, **fields: Any) -> ImportPlan:
    return read(folder, content(annotations=[{"image_id": 1, "category_id": 1, **fields}]))


# ---------------------------------------------------------------- export


@settings(max_examples=40)
@given(st.lists(regions("r"), max_size=5))
def test_that_every_pixel_and_box_comes_back(some: list[Region]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export_coco([labelled(folder / "in", "a.png", *some)], CLASSES, folder / "out")
        plan = import_coco(folder / "out", sizes_of("a.png"))
    assert regions_in(plan) == as_imported(some)


def test_that_pycocotools_decodes_the_same_pixels(tmp_path: Path) -> None:
    mask = drawn(*RING)
    export_coco([labelled(tmp_path, "a.png", region(mask))], CLASSES, tmp_path / "out")
    coco = load(tmp_path / "out" / "annotations.json")
    decoded = coco.annToMask(coco.loadAnns([1])[0])
    np.testing.assert_array_equal(decoded, mask.to_array())


def test_that_category_ids_are_the_class_ids(tmp_path: Path) -> None:
    export_coco([labelled(tmp_path)], CLASSES, tmp_path / "out")
    categories = load(tmp_path / "out" / "annotations.json").loadCats([1, 2])
    assert {entry["id"]: entry["name"] for entry in categories} == NAMES


def test_that_the_width_of_a_box_counts_its_pixels(tmp_path: Path) -> None:
    boxed = labelled(tmp_path, "a.png", region(Box(2, 3, 6, 5)))
    export_coco([boxed], CLASSES, tmp_path / "out")
    annotation = load(tmp_path / "out" / "annotations.json").loadAnns([1])[0]
    assert (annotation["bbox"], annotation["area"]) == ([2, 3, 4, 2], 8)


def test_that_an_image_without_a_region_is_listed(tmp_path: Path) -> None:
    report = export_coco(
        [labelled(tmp_path, "train/good/ü 1.png", split=Split.TRAIN, defect_type="good")],
        CLASSES,
        tmp_path / "out",
    )
    row = load(tmp_path / "out" / "annotations.json").loadImgs([1])[0]
    assert (row["file_name"], row["split"]) == ("train/good/ü 1.png", "train")
    assert (report.image_count, report.region_count, report.remarks) == (1, 0, ())


# ---------------------------------------------------------------- import


def test_that_a_bare_box_is_read(tmp_path: Path) -> None:
    plan = read(tmp_path, content())
    assert regions_in(plan) == [ImportedRegion("scratch", Box(1, 1, 4, 4), None)]


def test_that_polygons_of_one_annotation_are_one_region(tmp_path: Path) -> None:
    parts = [SQUARE, [6, 1, 8, 1, 8, 2, 6, 2]]
    plan = read_annotation(tmp_path, segmentation=parts, bbox=[0, 0, 1, 1])
    mask = drawn("", ".###..##", ".###", ".###")
    assert regions_in(plan) == [ImportedRegion("scratch", Box(1, 1, 8, 4), mask)]


@pytest.mark.parametrize("iscrowd", [0, 1])
def test_that_uncompressed_run_lengths_are_read(tmp_path: Path, iscrowd: int) -> None:
    runs = {"size": [HEIGHT, WIDTH], "counts": [HEIGHT + 1, 3, HEIGHT * WIDTH - HEIGHT - 4]}
    plan = read_annotation(tmp_path, segmentation=runs, iscrowd=iscrowd)
    mask = drawn("", ".#", ".#", ".#")
    assert regions_in(plan) == [ImportedRegion("scratch", Box(1, 1, 2, 4), mask)]


@pytest.mark.parametrize("segmentation", [None, [[1, 1, 8, 1, 8, 4, 1, 4]]])
def test_that_a_region_to_be_ignored_stays_one(tmp_path: Path, segmentation: object) -> None:
    plan = read_annotation(tmp_path, bbox=[1, 1, 7, 3], segmentation=segmentation, ignore=1)
    assert [found.is_ignored for found in regions_in(plan)] == [True]


def test_that_pycocotools_leaves_ignored_regions_out_of_its_figures(tmp_path: Path) -> None:
    ignored = replace(region(drawn(*RING)), is_ignored=True)
    export_coco([labelled(tmp_path, "a.png", ignored)], CLASSES, tmp_path / "out")
    assert load(tmp_path / "out" / "annotations.json").anns[1]["iscrowd"] == 1


def test_that_compressed_run_lengths_are_read(tmp_path: Path) -> None:
    mask = drawn(*RING)
    plan = read_annotation(tmp_path, segmentation=mask.rle)
    assert regions_in(plan)[0].mask == mask


def test_that_an_outline_without_a_pixel_leaves_its_box(tmp_path: Path) -> None:
    flat = [[1, 1, 4, 1, 2, 1]]
    plan = read_annotation(tmp_path, segmentation=flat, bbox=[1, 1, 3, 0.2])
    assert regions_in(plan) == [ImportedRegion("scratch", Box(1, 1, 4, 2), None)]
    assert plan.problems[0].endswith("only its box is taken")


@pytest.mark.parametrize(
    "place",
    ["annotations.json", "_annotations.coco.json", "other.json", "annotations/instances.json"],
)
def test_that_the_label_file_is_found_in_a_folder(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content()))
    assert len(regions_in(import_coco(tmp_path, sizes_of("a.png")))) == 1


@pytest.mark.parametrize("names", [[], ["a.json", "b.json"]])
def test_that_a_folder_without_one_label_file_is_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("{}")
    with pytest.raises(BadDataError, match=f"{len(names)} JSON files"):
        import_coco(tmp_path, sizes_of())


def test_that_classes_of_one_name_are_one_class(tmp_path: Path) -> None:
    categories = [{"id": 1, "name": "scratch"}, {"id": 2, "name": "scratch "}]
    assert read(tmp_path, content(categories=categories)).class_names == ("scratch",)


def test_that_the_plan_knows_its_file(tmp_path: Path) -> None:
    assert read(tmp_path, content()).source == "labels.json"


@pytest.mark.parametrize(
    "file_name", ["../../a.png", "/a.png", "C:\\a.png", "..\\..\\a.png", "./a.png"]
)
def test_that_a_path_that_climbs_out_is_only_a_name(tmp_path: Path, file_name: str) -> None:
    plan = read(tmp_path, content(images=[{"id": 1, "file_name": file_name}]))
    assert [image.image_name for image in plan.images] == ["a.png"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"image_id": 7}, "annotations[0]: unknown image 7"),
        ({"category_id": 9}, "annotations[0]: unknown category 9"),
        ({"category_id": "x"}, "annotations[0]: category_id: "),
        ({"bbox": [1, 1, -3, 3]}, "annotations[0]: the box has no area"),
        ({"bbox": [50, 50, 3, 3]}, "annotations[0]: the box lies outside"),
        ({"bbox": [1, 1, 3]}, "annotations[0]: bbox.3: "),
        ({"bbox": [1, 1, float("nan"), 3]}, "annotations[0]: bbox.2: "),
        ({"bbox": [float("inf"), 1, 1, 3]}, "annotations[0]: bbox.0: "),
        ({"bbox": [10**400, 1, 1, 3]}, "annotations[0]: bbox.0: "),
        ({"bbox": None}, "annotations[0]: neither a segmentation nor a box"),
        ({"bbox": None, "segmentation": [[1, 1, 4, 1, 2, 1]]}, "covers no pixel"),
        ({"segmentation": [[1, 1, 2, 2]]}, "annotations[0]: a polygon needs"),
        ({"segmentation": [[1, 1, 2, float("nan"), 3, 3]]}, "annotations[0]: segmentation."),
        ({"segmentation": "polygon"}, "annotations[0]: segmentation."),
        ({"segmentation": {"size": [10**9, 10**9], "counts": [10**18]}}, "a mask of 10000"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": [10**30]}}, "do not fill"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": [-1, 109]}}, "do not fill"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": "ü"}}, "run lengths contain"),
        ({"segmentation": {"size": [HEIGHT, WIDTH], "counts": "o" * 10**6}}, "run lengths"),
    ],
)
def test_that_a_bad_annotation_is_a_problem_of_its_own(
    tmp_path: Path, fields: dict[str, Any], problem: str
) -> None:
    sound = {"image_id": 1, "category_id": 1, "bbox": [1, 1, 3, 3]}
    plan = read(tmp_path, content(annotations=[{**sound, **fields}, sound]))
    assert len(regions_in(plan)) == 1
    assert len(plan.problems) == 1
    assert plan.problems[0].startswith("labels.json: annotations[0]: ")
    assert problem in plan.problems[0]


@pytest.mark.parametrize("entry", [None, 5, "x", [], {}])
@pytest.mark.parametrize("key", ["images", "categories", "annotations"])
def test_that_an_entry_that_is_none_is_a_problem(tmp_path: Path, key: str, entry: object) -> None:
    parts = content()
    parts[key].append(entry)
    plan = read(tmp_path, parts)
    assert len(regions_in(plan)) == 1
    assert plan.problems[0].startswith(f"labels.json: {key}[1]: ")


def test_that_an_image_of_another_size_is_left_out(tmp_path: Path) -> None:
    images = [{"id": 1, "file_name": "a.png", "width": 640, "height": 480}]
    plan = read(tmp_path, content(images=images))
    assert regions_in(plan) == []
    assert plan.problems == (
        "labels.json: images[0]: 'a.png' is 640×480 px here but 12×9 px in the project",
    )


def test_that_an_unknown_image_is_one_problem_not_one_for_each_region(tmp_path: Path) -> None:
    plan = read(tmp_path, content(images=[{"id": 1, "file_name": "b.png"}]))
    assert plan.problems == ("labels.json: images[0]: no single image of the project is 'b.png'",)


def test_that_a_blank_category_is_a_problem(tmp_path: Path) -> None:
    plan = read(tmp_path, content(categories=[{"id": 1, "name": " "}]))
    assert plan.problems[0] == "labels.json: categories[0]: a class without a name"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        '{"images": [], "annotations": []',
        "[]",
        "null",
        '{"images": [], "annotations": []}',
        '{"images": {}, "annotations": [], "categories": []}',
        "[" * 200_000,
        '{"images": ' + "9" * 5000 + "}",
    ],
)
def test_that_a_file_that_is_no_coco_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.json").write_text(text)
    with pytest.raises(BadDataError, match=r"labels\.json: .* — choose a COCO file"):
        import_coco(tmp_path / "labels.json", sizes_of())


def test_that_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_bytes(bytes(range(256)))
    with pytest.raises(BadDataError, match=r"labels\.json"):
        import_coco(tmp_path / "labels.json", sizes_of())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@settings(max_examples=50)
@given(
    st.fixed_dictionaries(
        {
            "image_id": st.just(1) | JSON,
            "category_id": st.just(1) | JSON,
            "bbox": st.lists(st.floats() | st.integers(-5, 20), min_size=4, max_size=4) | JSON,
            "segmentation": st.lists(st.lists(st.floats(-20, 40), max_size=10), max_size=3) | JSON,
        }
    )
)
def test_that_no_annotation_can_stop_an_import(annotation: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        plan = read(Path(name), content(annotations=[annotation]))
    assert len(regions_in(plan)) + len(plan.problems) >= 1
