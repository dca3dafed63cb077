"""Label Studio: regions of every kind, several annotators, names of uploaded files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from brush_packing import packed
from labelled_images import HEIGHT, RING, WIDTH, drawn, regions_in, sizes_of

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.formats.base import ImportedRegion, ImportPlan
from inspector_app.formats.label_studio import import_label_studio

PLACE = {"x": 25, "y": 0, "width": 50, "height": 100}
BOX = Box(3, 0, 9, 9)
SQUARE = [[0, 0], [50, 0], [50, 100], [0, 100]]


def result(
    kind: str = "rectanglelabels", *, labels: Any = ("scratch",), **value: Any
) -> dict[str, Any]:
    return {
        "id": "a",
        "type": kind,
        "value": {**(value or PLACE), kind: list(labels)},
        "original_width": WIDTH,
        "original_height": HEIGHT,
        "image_rotation": 0,
    }


def brush(mask: Mask, **fields: Any) -> dict[str, Any]:
    rgba = np.repeat(mask.to_array().astype(np.uint8)[..., None] * 255, 4, axis=2)
    return result("brushlabels", format="rle", rle=list(packed(rgba.ravel())), **fields)


def annotation(*results: Any, **fields: Any) -> dict[str, Any]:
    return {"result": list(results), "was_cancelled": False, "completed_by": 1, **fields}


def task(*annotations: Any, image: Any = "a.png", **fields: Any) -> dict[str, Any]:
    return {"annotations": list(annotations), "data": {"image": image}, **fields}


def read(folder: Path, *tasks: Any, known: tuple[str, ...] = ("a.png",)) -> ImportPlan:
    (folder / "project.json").write_text(json.dumps(tasks))
    return import_label_studio(folder / "project.json", sizes_of(*known))


def read_results(folder: Path, *results: Any) -> ImportPlan:
    return read(folder, task(annotation(*results)))


def test_that_percents_become_pixels(tmp_path: Path) -> None:
    plan = read_results(tmp_path, result())
    assert regions_in(plan) == [ImportedRegion("scratch", BOX, None)]
    assert (plan.class_names, plan.problems, plan.source) == (("scratch",), (), "project.json")


def test_that_a_turned_rectangle_turns_around_its_first_corner(tmp_path: Path) -> None:
    place = {"x": 50, "y": 0, "width": 50, "height": 50, "rotation": 90}
    (found,) = regions_in(read_results(tmp_path, result(**place)))
    # 6×4.5 px to the right of x = 6 become 4.5×6 px to its left.
    assert found.mask is not None
    assert (found.box.right, found.box.top, found.box.bottom) == (6, 0, 6)


def test_that_a_polygon_becomes_its_pixels(tmp_path: Path) -> None:
    (found,) = regions_in(read_results(tmp_path, result("polygonlabels", points=SQUARE)))
    assert found.mask is not None
    assert (found.box, found.mask.area) == (Box(0, 0, 6, 9), 54)


def test_that_an_ellipse_lies_around_its_centre(tmp_path: Path) -> None:
    place = {"x": 50, "y": 50, "radiusX": 25, "radiusY": 33}
    (found,) = regions_in(read_results(tmp_path, result("ellipselabels", **place)))
    assert found.mask is not None
    assert found.mask.area == pytest.approx(np.pi * 9, abs=6)
    assert found.mask.to_array()[4, 5]


def test_that_a_brush_stroke_is_read_to_the_pixel(tmp_path: Path) -> None:
    (found,) = regions_in(read_results(tmp_path, brush(drawn(*RING))))
    assert found.mask == drawn(*RING)


def test_that_a_region_with_two_labels_is_two_regions(tmp_path: Path) -> None:
    plan = read_results(tmp_path, result(labels=["scratch", "dent"]))
    assert plan.class_names == ("scratch", "dent")
    assert len(regions_in(plan)) == 2


def test_that_a_label_can_stand_in_a_result_of_its_own(tmp_path: Path) -> None:
    bare = {**result("rectangle"), "value": PLACE}
    plan = read_results(tmp_path, bare, result("labels", labels=["dent"]))
    assert regions_in(plan) == [ImportedRegion("dent", BOX, None)]


def test_that_the_latest_annotation_is_taken_and_the_others_are_told(tmp_path: Path) -> None:
    first = annotation(result(labels=["old"]), created_at="2026-01-01T00:00:00Z")
    last = annotation(result(), created_at="2025-01-01", updated_at="2026-02-01T00:00:00Z")
    skipped = annotation(result(labels=["no"]), was_cancelled=True, updated_at="2027")
    plan = read(tmp_path, task(last, first, skipped))
    assert plan.class_names == ("scratch",)
    assert plan.problems == (
        "project.json: [0]: 2 annotations of one image; the latest is taken",
        "project.json: skipped annotations that are left out: 1",
    )


def test_that_what_has_no_area_and_predictions_are_counted(tmp_path: Path) -> None:
    points = [result("keypointlabels", x=1, y=1, width=1)] * 2
    choice = result("choices", choices=["bad"])
    plan = read(tmp_path, task(annotation(*points, choice, result()), predictions=[{}]))
    assert len(regions_in(plan)) == 1
    assert plan.problems == (
        "project.json: predictions that are left out: 1",
        "project.json: results of the type “choices” that are left out: 1",
        "project.json: results of the type “keypointlabels” that are left out: 2",
    )


@pytest.mark.parametrize("tasks", [task(), task(annotation()), task(annotation(), image=7)])
def test_that_a_task_without_regions_says_nothing_of_its_image(tmp_path: Path, tasks: Any) -> None:
    plan = read(tmp_path, tasks)
    assert plan.images == ()


@pytest.mark.parametrize(
    ("image", "known"),
    [
        ("/data/upload/1/48c220e9-a%20b.png", "a b.png"),
        ("/data/upload/1/48c220e9-a.png", "data/upload/1/a.png"),
        ("48c220e9-a.png", "48c220e9-a.png"),
        ("/data/local-files/?d=lot%201/a.png", "lot 1/a.png"),
        ("/data/local-files/?d=C%3A%5Clot\\a.png", "lot/a.png"),
        ("https://host/lot/a.png?signature=x", "lot/a.png"),
        ("s3://bucket/lot/a.png", "lot/a.png"),
        ("50%25 a.png", "50%25 a.png"),
        ("http://[a.png", "http:/[a.png"),
    ],
)
def test_that_an_image_is_found_by_its_address(tmp_path: Path, image: str, known: str) -> None:
    names = known if "upload" not in image else known.rpartition("/")[2]
    plan = import_from(tmp_path, task(annotation(result()), image=image), names)
    assert len(plan.images) == 1


def import_from(folder: Path, content: Any, name: str) -> ImportPlan:
    """Read one task into a project that finds an image by the last part of its name."""
    (folder / "project.json").write_text(json.dumps([content]))
    return import_label_studio(
        folder / "project.json",
        lambda asked: (WIDTH, HEIGHT) if asked == name or asked.endswith(f"/{name}") else None,
    )


def test_that_the_name_of_the_uploaded_file_comes_first(tmp_path: Path) -> None:
    entry = task(annotation(result()), image="b.png", file_upload="48c220e9-a.png")
    plan = read(tmp_path, entry, known=("a.png", "b.png"))
    assert [image.image_name for image in plan.images] == ["a.png"]


def test_that_the_image_can_stand_under_any_key(tmp_path: Path) -> None:
    entry = {"annotations": [annotation(result())], "data": {"note": "x.y", "photo": "a.png"}}
    assert [image.image_name for image in read(tmp_path, entry).images] == ["a.png"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (7, "valid dictionary"),
        ({"type": "rectanglelabels"}, "required"),
        (result(labels=[]), "without a label"),
        ({**result(), "value": {**PLACE, "rectanglelabels": "scratch"}}, "without a label"),
        (result(labels=[" "]), "without a name"),
        (result(x=1), "y is no number"),
        (result(**{**PLACE, "x": "1"}), "x is no number"),
        (result(**{**PLACE, "x": 10**400}), "x is no number"),
        (result(**{**PLACE, "x": float("nan")}), "not a number"),
        (result(**{**PLACE, "rotation": "x"}), "rotation is no number"),
        (result(**{**PLACE, "x": 150}), "outside"),
        (result(**{**PLACE, "x": 150}, rotation=5), "no pixel"),
        (result("polygonlabels", points=3), "no list of points"),
        (result("polygonlabels", points=[[1, 1], [2]]), "not two numbers"),
        (result("polygonlabels", points=[[1, 1], [2, "3"]]), "a corner is no number"),
        (result("polygonlabels", points=[[1, 1], [2, 3]]), "three x, y pairs"),
        (result("ellipselabels", x=1, y=1, radiusX=3), "radiusY is no number"),
        (result("brushlabels", rle="abc"), "no list of rle"),
        (result("brushlabels", rle=[1, 256]), "no bytes"),
        (result("brushlabels", rle=[1, "2"]), "no bytes"),
        (result("brushlabels", rle=[1, 2]), "cut off"),
        ({**result(), "item_index": 1}, "a further image"),
        ({**result(), "image_rotation": 90}, "turned in Label Studio"),
        ({**result(), "original_width": 99}, "99×9 px here but 12×9 px in the project"),
    ],
)
def test_that_a_bad_result_is_named_and_the_others_are_taken(
    tmp_path: Path, bad: Any, why: str
) -> None:
    plan = read_results(tmp_path, bad, result())
    assert len(regions_in(plan)) == 1
    assert len(plan.problems) == 1
    assert plan.problems[0].startswith("project.json: [0].result[0]: ")
    assert why in plan.problems[0]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (7, "[0]: entry: Input should be"),
        ({"data": {}}, "[0]: annotations: Field required"),
        (task(annotation(result()), image="../x.png"), "no single image of the project is 'x.png'"),
    ],
)
def test_that_a_bad_task_is_named_and_the_others_are_taken(
    tmp_path: Path, bad: Any, why: str
) -> None:
    plan = read(tmp_path, bad, task(annotation(result())))
    assert len(regions_in(plan)) == 1
    assert len(plan.problems) == 1
    assert why in plan.problems[0]


@pytest.mark.parametrize("text", ["", "[" * 100_000, "{}", '[{"image": "a.png", "label": []}]'])
def test_that_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BadDataError, match=r"a\.json"):
        import_label_studio(tmp_path / "a.json", sizes_of())


def test_that_a_folder_with_one_file_is_read_and_one_with_several_refused(tmp_path: Path) -> None:
    read_results(tmp_path, result())
    assert len(regions_in(import_label_studio(tmp_path, sizes_of("a.png")))) == 1
    (tmp_path / "b.json").write_text("[]")
    with pytest.raises(BadDataError, match="2 JSON files"):
        import_label_studio(tmp_path, sizes_of("a.png"))
