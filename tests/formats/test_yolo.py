"""YOLO detect and segment: written, read back, and read from strangers."""

import math
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_images import (
    CLASSES,
    HEIGHT,
    NAMES,
    RING,
    WIDTH,
    drawn,
    files_in,
    labelled,
    region,
    regions_in,
    sizes_of,
)
from strategies import regions

from inspector_app.domain.annotation import DefectClass, ImageVerdict, Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.region_operations import without_holes
from inspector_app.formats.base import ImportedRegion, ImportPlan
from inspector_app.formats.yolo import export_yolo_detect, export_yolo_segment, import_yolo

ONE = sizes_of("images/train/a.png")


def filled(some: Region) -> Mask:
    return without_holes(some.mask or Mask.from_box(some.box, width=WIDTH, height=HEIGHT))


def read(
    folder: Path, *lines: str, names: str = "names: [scratch]", place: str = "labels/a.txt"
) -> ImportPlan:
    """Read a folder with one label file of an image of 12×9 px."""
    (folder / "data.yaml").write_text(names)
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text("\n".join(lines))
    return import_yolo(folder, lambda _name: (WIDTH, HEIGHT))


# ---------------------------------------------------------------- export


@settings(max_examples=40)
@given(st.lists(regions("r"), min_size=1, max_size=5))
def test_that_every_box_comes_back(some: list[Region]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export_yolo_detect([labelled(folder / "in", "a.png", *some)], CLASSES, folder / "out")
        plan = import_yolo(folder / "out", ONE)
    assert regions_in(plan) == [ImportedRegion(NAMES[r.class_id], r.box, None) for r in some]


@settings(max_examples=40)
@given(st.lists(regions("r"), min_size=1, max_size=5))
def test_that_every_pixel_but_holes_comes_back(some: list[Region]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export_yolo_segment([labelled(folder / "in", "a.png", *some)], CLASSES, folder / "out")
        plan = import_yolo(folder / "out", ONE)
    assert regions_in(plan) == [ImportedRegion(NAMES[r.class_id], r.box, filled(r)) for r in some]


@given(st.data(), st.integers(2, 100_000), st.integers(2, 100_000))
def test_that_boxes_keep_their_pixels_on_the_largest_images(
    data: st.DataObject, width: int, height: int
) -> None:
    left, right = sorted(data.draw(st.sets(st.integers(0, width), min_size=2, max_size=2)))
    top, bottom = sorted(data.draw(st.sets(st.integers(0, height), min_size=2, max_size=2)))
    box = Box(left, top, right, bottom)
    written = [float(f"{fraction:.8f}") for fraction in box.to_yolo(width, height)]
    assert Box.from_yolo(written, width, height) == box


def test_that_a_hole_is_filled_and_named(tmp_path: Path) -> None:
    image = labelled(tmp_path / "in", "a.png", region(drawn(*RING)))
    report = export_yolo_segment([image], CLASSES, tmp_path / "out")
    assert (
        "a.png: region 1 (scratch) has a hole that YOLO cannot hold; it is filled" in report.remarks
    )


def test_that_a_bare_box_becomes_a_rectangle_and_is_named(tmp_path: Path) -> None:
    image = labelled(tmp_path / "in", "a.png", region(Box(3, 0, 6, 9)))
    report = export_yolo_segment([image], CLASSES, tmp_path / "out")
    row = (tmp_path / "out/labels/train/a.txt").read_text()
    assert sorted(zip(*[iter(row.split()[1:])] * 2, strict=True)) == [
        ("0.25", "0"),
        ("0.25", "1"),
        ("0.5", "0"),
        ("0.5", "1"),
    ]
    assert "a.png: region 1 (scratch) has only a box" in report.remarks[-1]


def test_that_classes_are_counted_from_0_in_the_order_of_their_ids(tmp_path: Path) -> None:
    classes = [DefectClass(9, "dent", "#000000"), DefectClass(3, "on", "#FFFFFF")]
    image = labelled(tmp_path / "in", "a.png", region(Box(0, 0, 1, 1), class_id=9))
    export_yolo_detect([image], classes, tmp_path / "out")
    data = yaml.safe_load((tmp_path / "out/data.yaml").read_text())
    assert data["names"] == {0: "on", 1: "dent"}
    assert (tmp_path / "out/labels/train/a.txt").read_text().startswith("1 ")


def test_that_images_are_copied_byte_for_byte_under_flat_names(tmp_path: Path) -> None:
    image = labelled(tmp_path / "in", "images/Teil 1/ü.png", split=Split.VALIDATION)
    export_yolo_detect([image], CLASSES, tmp_path / "out")
    copied = tmp_path / "out/images/val/images__Teil 1__ü.png"
    assert copied.read_bytes() == image.image_path.read_bytes()


def test_that_images_of_one_stem_have_label_files_of_their_own(tmp_path: Path) -> None:
    images = [
        labelled(tmp_path / "in", name, region(drawn("##"))) for name in ("a.png", "a.jpg", "A.bmp")
    ]
    export_yolo_detect(images, CLASSES, tmp_path / "out")
    labels = [name for name in files_in(tmp_path / "out") if name.startswith("labels/")]
    assert len({name.casefold() for name in labels}) == 3


def test_that_an_image_without_a_region_has_no_label_file(tmp_path: Path) -> None:
    image = labelled(tmp_path / "in", "a.png", verdict=ImageVerdict.OK)
    report = export_yolo_detect([image], CLASSES, tmp_path / "out")
    assert list(files_in(tmp_path / "out")) == ["data.yaml", "images/train/a.png"]
    assert (report.image_count, report.region_count) == (1, 0)


@pytest.mark.parametrize(
    ("splits", "places"),
    [
        ([Split.TRAIN, Split.VALIDATION, Split.TEST], ("train", "val", "test")),
        ([Split.NONE], ("train", "train", None)),
        ([Split.TRAIN, Split.TEST], ("train", "test", "test")),
        ([Split.TEST], ("test", "test", "test")),
        ([Split.VALIDATION], ("val", "val", None)),
        ([], ("train", "train", None)),
    ],
)
def test_that_train_and_val_always_name_a_folder_that_exists(
    tmp_path: Path, splits: list[Split], places: tuple[str | None, ...]
) -> None:
    images = [
        labelled(tmp_path / "in", f"{number}.png", split=split)
        for number, split in enumerate(splits)
    ]
    export_yolo_detect(images, CLASSES, tmp_path / "out")
    data = yaml.safe_load((tmp_path / "out/data.yaml").read_text())
    found = tuple(data.get(split) for split in ("train", "val", "test"))
    assert found == tuple(place and f"images/{place}" for place in places)
    assert all((tmp_path / "out" / place).is_dir() for place in found if place)


def test_that_a_missing_val_is_said(tmp_path: Path) -> None:
    image = labelled(tmp_path / "in", "a.png", region(drawn("#")), split=Split.TRAIN)
    report = export_yolo_detect([image], CLASSES, tmp_path / "out")
    assert report.remarks == ("no image is in val; data.yaml names train instead",)


def test_that_a_data_set_without_a_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="without a class"):
        export_yolo_detect([labelled(tmp_path / "in")], [], tmp_path / "out")


# ---------------------------------------------------------------- import


def test_that_rows_of_boxes_and_outlines_are_told_apart(tmp_path: Path) -> None:
    plan = read(tmp_path, "0 .5 .5 .5 .5", "", "0 0 0 .25 0 .25 1 0 1", "0 .5 .5 .5 .5 .93")
    stripe = Mask.from_box(Box(0, 0, 3, 9), width=WIDTH, height=HEIGHT)
    half = ImportedRegion("scratch", Box(3, 2, 9, 7), None)
    assert regions_in(plan) == [half, ImportedRegion("scratch", Box(0, 0, 3, 9), stripe), half]
    assert plan.problems == ()


@pytest.mark.parametrize(
    ("names", "class_names"),
    [
        ("names: [scratch, dent]", ("scratch", "dent")),
        ("names: {0: scratch, 5: dent}", ("scratch", "dent")),
        ("names: [scratch, 7]", ("scratch", "7")),
        ("nc: 2\nnames: [scratch, scratch]", ("scratch",)),
    ],
)
def test_that_names_are_lists_or_numbered(
    tmp_path: Path, names: str, class_names: tuple[str, ...]
) -> None:
    assert read(tmp_path, names=names).class_names == class_names


@pytest.mark.parametrize("place", ["classes.txt", "labels/classes.txt", "obj.names"])
def test_that_names_may_come_from_a_text_file(tmp_path: Path, place: str) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.txt").write_text("1 .5 .5 1 1")
    (tmp_path / place).write_text("scratch\ndent\n\n")
    plan = import_yolo(tmp_path, lambda _name: (WIDTH, HEIGHT))
    assert regions_in(plan) == [ImportedRegion("dent", Box(0, 0, WIDTH, HEIGHT), None)]


@pytest.mark.parametrize(
    ("place", "image", "name"),
    [
        ("labels/train/a.txt", "images/train/a.JPG", "images/train/a.JPG"),
        ("train/labels/a.txt", "train/images/a.png", "train/images/a.png"),
        ("labels/a.txt", "elsewhere/a.png", "images/a"),
        ("a.txt", "a.png", "a.png"),
        ("sub/a.txt", "a.png", "sub/a"),
    ],
)
def test_that_labels_find_their_image(tmp_path: Path, place: str, image: str, name: str) -> None:
    (tmp_path / image).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / image).touch()
    plan = read(tmp_path, "0 .5 .5 1 1", place=place)
    assert [found.image_name for found in plan.images] == [name]


def test_that_other_text_files_are_no_labels(tmp_path: Path) -> None:
    for name in ("README.dataset.txt", "train.txt", "classes.txt"):
        (tmp_path / name).write_text("not a label")
    plan = read(tmp_path, "0 .5 .5 1 1", place="a.txt")
    assert (len(plan.images), plan.problems) == (1, ())


@pytest.mark.parametrize("name", ["other.yaml", "other.yml", "data.yaml"])
def test_that_the_yaml_file_may_be_chosen_itself(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("names: [dent]")
    (tmp_path / "a.txt").write_text("0 .5 .5 1 1")
    plan = import_yolo(tmp_path / name, lambda _name: (WIDTH, HEIGHT))
    assert (plan.class_names, plan.source) == (("dent",), name)


def test_that_a_lone_yaml_file_of_another_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "parts.yml").write_text("names: [dent]")
    (tmp_path / "a.txt").write_text("0 .5 .5 1 1")
    assert import_yolo(tmp_path, lambda _name: (WIDTH, HEIGHT)).class_names == ("dent",)


def test_that_paths_in_the_yaml_file_are_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/b.txt").write_text("0 .5 .5 1 1")
    (tmp_path / "in").mkdir()
    names = "path: ../secret\ntrain: C:\\secret\nval: /etc\nnames: [scratch]"
    plan = read(tmp_path / "in", "0 .5 .5 1 1", names=names)
    assert len(regions_in(plan)) == 1


def test_that_an_image_that_is_not_in_the_project_is_a_problem(tmp_path: Path) -> None:
    read(tmp_path, "0 .5 .5 1 1")
    plan = import_yolo(tmp_path, sizes_of())
    assert plan.problems == ("labels/a.txt: no single image of the project has this name",)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("9 .5 .5 1 1", "unknown class 9"),
        ("nan .5 .5 1 1", "unknown class nan"),
        ("x .5 .5 1 1", "'x' is no number"),
        ("0 .5 .5 1 x", "'x' is no number"),
        ("0 .5 .5", "2 numbers are neither"),
        ("0", "0 numbers are neither"),
        ("0 .1 .1 .2 .2 .3 .3 .4", "7 numbers are neither"),
        ("0 .5 .5 nan 1", "no fraction"),
        ("0 .5 .5 inf 1", "no fraction"),
        ("0 5 5 10 10", "no fraction"),
        ("0 .5 .5 0 0", "the box has no area"),
        ("0 .5 .5 -.005 .2", "the box has no area"),
        ("0 .1 .1 .1 .1 .1 .1", "covers no pixel"),
        ("0 .1 .1 .2 1e400 .3 .3", "no fraction"),
    ],
)
def test_that_a_bad_row_is_a_problem_of_its_own(tmp_path: Path, row: str, problem: str) -> None:
    plan = read(tmp_path, "0 .5 .5 1 1", row)
    assert len(regions_in(plan)) == 1
    assert len(plan.problems) == 1
    assert plan.problems[0].startswith("labels/a.txt line 2: ")
    assert problem in plan.problems[0]


def test_that_a_label_file_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    read(tmp_path, "0 .5 .5 1 1")
    (tmp_path / "labels/b.txt").write_bytes(b"\xff\xfe\x00")
    plan = import_yolo(tmp_path, lambda _name: (WIDTH, HEIGHT))
    assert len(regions_in(plan)) == 1
    assert plan.problems[0].endswith("b.txt: not a text file in UTF-8")


def test_that_a_blank_name_is_a_problem(tmp_path: Path) -> None:
    assert read(tmp_path, names="names: [scratch, ' ']").problems == (
        "names[1]: a class without a name",
    )


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nnames: [*c]"


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ("names: [", "not a YAML file"),
        ("[" * 100_000, "not a YOLO data file"),
        ("- " * 10_000, "not a YAML file"),
        ("names: 2024-99-99", "not a YAML file"),
        ("!!python/object/apply:os.system [ls]", "not a YAML file"),
        ("just text", "not a YOLO data file"),
        ("nc: 3", "no class names"),
        ("names: []", "no class names"),
        ("names: {a: b}", "no class names"),
        (BOMB, "no class names"),
        ("names: [person]\nkpt_shape: [17, 3]", "key points"),
    ],
)
def test_that_a_data_file_without_usable_names_is_refused(
    tmp_path: Path, names: str, problem: str
) -> None:
    with pytest.raises(BadDataError, match=problem):
        read(tmp_path, names=names)


def test_that_labels_without_any_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0 .5 .5 1 1")
    with pytest.raises(BadDataError, match=r"neither data\.yaml nor classes\.txt"):
        import_yolo(tmp_path, sizes_of())


def test_that_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="no label files"):
        import_yolo(tmp_path, sizes_of())


def test_that_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="no YOLO data set"):
        import_yolo(tmp_path / "gone.zip", sizes_of())


@given(st.lists(st.floats() | st.floats(-0.1, 1.1) | st.integers(0, 1), max_size=12))
def test_that_no_row_can_stop_an_import(numbers: list[float]) -> None:
    with tempfile.TemporaryDirectory() as name:
        plan = read(Path(name), " ".join(["0", *map(str, numbers)]))
    assert len(regions_in(plan)) + len(plan.problems) == 1


def test_that_eight_decimals_are_enough_for_half_a_pixel() -> None:
    assert math.isclose(1e-8 * 100_000, 0.001)
