"""labelme: every pixel there and back, and shapes from strangers' files."""

import base64
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_images import (
    CLASSES,
    HEIGHT,
    RING,
    WIDTH,
    as_imported,
    drawn,
    files_in,
    labelled,
    region,
    regions_in,
    sizes_of,
)
from strategies import regions

from inspector_app.domain.annotation import Region
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.formats.base import ImportedRegion, ImportPlan
from inspector_app.formats.labelme import export_labelme, import_labelme


def shape(kind: str = "polygon", **fields: Any) -> dict[str, Any]:
    points = [[1, 1], [5, 1], [5, 4], [1, 4]]
    return {"label": "scratch", "points": points, "shape_type": kind, **fields}


def read(folder: Path, *shapes: Any, **fields: Any) -> ImportPlan:
    parts = {
        "shapes": list(shapes),
        "imagePath": "a.png",
        "imageWidth": WIDTH,
        "imageHeight": HEIGHT,
        **fields,
    }
    (folder / "labels.json").write_text(json.dumps(parts))
    return import_labelme(folder / "labels.json", sizes_of("a.png"))


def encoded(mask: Mask) -> str:
    data = cv2.imencode(".png", mask.to_array().astype("uint8"))[1].tobytes()
    return base64.b64encode(data).decode()


@settings(max_examples=40)
@given(st.lists(regions("r"), min_size=1, max_size=5))
def test_that_every_pixel_and_box_comes_back(some: list[Region]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image = labelled(folder / "in", "ä b/a.png", *some)
        export_labelme([image], CLASSES, folder / "out")
        plan = import_labelme(folder / "out", sizes_of("ä b/a.png"))
    assert regions_in(plan) == as_imported(some)


def test_that_images_without_regions_get_no_file(tmp_path: Path) -> None:
    report = export_labelme([labelled(tmp_path / "in")], CLASSES, tmp_path / "out")
    assert (report.image_count, report.region_count) == (1, 0)
    assert list((tmp_path / "out").iterdir()) == []


def test_that_a_region_to_be_ignored_stays_one(tmp_path: Path) -> None:
    ignored = replace(region(drawn(*RING)), is_ignored=True)
    export_labelme([labelled(tmp_path / "in", "a.png", ignored)], CLASSES, tmp_path / "out")
    assert regions_in(import_labelme(tmp_path / "out", sizes_of("a.png")))[0].is_ignored


def test_that_a_polygon_becomes_its_pixels(tmp_path: Path) -> None:
    (found,) = regions_in(read(tmp_path, shape()))
    assert found == ImportedRegion("scratch", Box(1, 1, 5, 4), found.mask)
    assert found.mask is not None
    assert found.mask.area == 12


@pytest.mark.parametrize("points", [[[5, 4], [1, 1]], [[1, 1], [5, 1], [5, 4], [1, 4]]])
def test_that_a_rectangle_is_a_box_in_any_spelling(tmp_path: Path, points: Any) -> None:
    plan = read(tmp_path, shape("rectangle", points=points))
    assert regions_in(plan) == [ImportedRegion("scratch", Box(1, 1, 5, 4), None)]


def test_that_a_circle_is_round(tmp_path: Path) -> None:
    (found,) = regions_in(read(tmp_path, shape("circle", points=[[6, 4.5], [9, 4.5]])))
    assert found.mask is not None
    assert found.mask.area == pytest.approx(28, abs=4)


def test_that_outlines_of_one_group_and_class_are_one_region(tmp_path: Path) -> None:
    other = [[7, 5], [10, 5], [10, 8], [7, 8]]
    plan = read(
        tmp_path,
        shape(group_id=3),
        shape(group_id=4),
        shape(group_id=3, points=other),
        shape(group_id=3, label="dent"),
    )
    assert [found.mask and found.mask.area for found in regions_in(plan)] == [21, 12, 12]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (shape("line", points=[[1, 1], [5, 5]]), "'line' has no area"),
        (shape("circle", points=[[1, 1]]), "circle with 1"),
        (shape("rectangle", points=[[1, 1]]), "rectangle with 1"),
        (shape("rectangle", points=[[1, 1], [1, 5]]), "no area"),
        (shape(points=[[1, 1], [2, 2]]), "three x, y pairs"),
        (shape(points=[[1, 1], [float("nan"), 2], [3, 3]]), "not a number"),
        (shape(points=[[50, 50], [60, 50], [60, 60]]), "no pixel"),
        (shape(points="here"), "valid list"),
        (shape(label=" "), "without a name"),
        (7, "valid dictionary or instance"),
        (shape("mask"), "without pixels"),
        (shape("mask", points=[[1, 1], [3, 3]]), "without pixels"),
        (shape("mask", points=[[1, 1], [3, 3]], mask="§§"), "no base64"),
        (shape("mask", points=[[1, 1], [3, 3]], mask="aGVsbG8="), "not an image"),
        (shape("mask", points=[[1, 1], [3, float("inf")]], mask=""), "not a number"),
        (shape("mask", points=[[1, 1], [30, 3]], mask=""), "outside"),
        (shape("mask", points=[[1, 1], [3, 3]], mask=encoded(drawn("##"))), "do not fit"),
    ],
)
def test_that_a_bad_shape_is_named_and_the_others_are_taken(
    tmp_path: Path, bad: Any, why: str
) -> None:
    plan = read(tmp_path, bad, shape())
    assert len(regions_in(plan)) == 1
    assert len(plan.problems) == 1
    assert "labels.json: shapes[0]" in plan.problems[0]
    assert why in plan.problems[0]


def test_that_an_image_of_another_size_is_named(tmp_path: Path) -> None:
    plan = read(tmp_path, shape(), imageWidth=99)
    assert plan.images == ()
    assert "99×9 px here but 12×9 px in the project" in plan.problems[0]


def test_that_a_path_that_climbs_out_finds_no_image(tmp_path: Path) -> None:
    plan = read(tmp_path, shape(), imagePath="../../etc/passwd")
    assert plan.images == ()
    assert "no single image" in plan.problems[0]


def test_that_a_file_without_shapes_says_nothing_of_its_image(tmp_path: Path) -> None:
    plan = read(tmp_path, imageWidth=None, imageHeight=None)
    assert (plan.images, plan.problems) == ((), ())


def test_that_the_image_s_folder_is_that_of_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "lot 1"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps({"shapes": [shape()], "imagePath": "a.png"}))
    plan = import_labelme(tmp_path, sizes_of("lot 1/a.png", "lot 2/a.png"))
    assert [image.image_name for image in plan.images] == ["lot 1/a.png"]


def test_that_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text("[" * 100_000)
    (tmp_path / "c.json").write_text("[]")
    read(tmp_path, shape())
    plan = import_labelme(tmp_path, sizes_of("a.png"))
    assert len(regions_in(plan)) == 1
    assert [problem.split(":")[0] for problem in plan.problems] == ["b.json", "c.json"]


def test_that_nothing_to_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="no JSON files"):
        import_labelme(tmp_path, sizes_of())
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(BadDataError, match="not a labelme file"):
        import_labelme(tmp_path / "a.json", sizes_of())


def test_that_images_that_differ_in_their_suffix_only_keep_their_own_labels(tmp_path: Path) -> None:
    images = [
        labelled(tmp_path / "source", "a.png", region(drawn("##"))),
        labelled(tmp_path / "source", "A.jpg", region(drawn(".", "###"))),
        labelled(tmp_path / "source", "b.png", region(drawn("#"))),
    ]
    report = export_labelme(images, CLASSES, tmp_path / "out")
    assert sorted(files_in(tmp_path / "out")) == ["A.jpg.json", "a.png.json", "b.json"]
    assert "suffix only: 2" in report.remarks[0]
