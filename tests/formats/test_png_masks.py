"""PNG masks: our class images, MVTec's ground truth, and masks named like their image."""

import json
import tempfile
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
    drawn,
    files_in,
    labelled,
    region,
    regions_in,
    sizes_of,
    write_photo,
)
from numpy.typing import NDArray
from PIL import Image
from strategies import regions

from inspector_app.domain.annotation import DefectClass, Region
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.formats.base import ImportedRegion, ImportPlan
from inspector_app.formats.png_masks import export_masks, import_masks

RING_MASK = drawn(*RING)


def write_mask(path: Path, mask: Mask = RING_MASK, *, high: int = 255) -> Path:
    return write_array(path, mask.to_array().astype(np.uint8) * high)


def write_array(path: Path, array: NDArray[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)
    return path


def as_pixels(some: Region) -> ImportedRegion:
    mask = some.mask or Mask.from_box(some.box, width=WIDTH, height=HEIGHT)
    return ImportedRegion(NAMES[some.class_id], some.box, mask)


def exported(folder: Path, *some: Region, classes: tuple[DefectClass, ...] = CLASSES) -> Path:
    """Export one image called a.png with these regions and return the folder."""
    export_masks([labelled(folder / "in", "a.png", *some)], classes, folder / "out")
    return folder / "out"


def change(folder: Path, **changes: Any) -> Path:
    """Change the entry of the first image in ``classes.json``."""
    content = json.loads((folder / "classes.json").read_text())
    content["images"][0].update(changes)
    (folder / "classes.json").write_text(json.dumps(content))
    return folder


# ---------------------------------------------------------------- export


@settings(max_examples=40)
@given(st.lists(regions("r"), max_size=5))
def test_that_every_pixel_of_every_region_comes_back(some: list[Region]) -> None:
    with tempfile.TemporaryDirectory() as name:
        plan = import_masks(exported(Path(name), *some), sizes_of("a.png"))
    key = repr
    assert sorted(regions_in(plan), key=key) == sorted(map(as_pixels, some), key=key)


def test_that_a_mask_holds_the_class_ids_in_the_class_colours(tmp_path: Path) -> None:
    out = exported(tmp_path, region(drawn("##")), region(drawn("", "#"), class_id=2))
    with Image.open(out / "masks/a.png") as image:
        assert np.unique(np.asarray(image)).tolist() == [0, 1, 2]
        assert image.convert("RGB").getpixel((0, 0)) == (0xE6, 0x9F, 0x00)


def test_that_regions_a_class_image_tells_apart_have_no_files(tmp_path: Path) -> None:
    out = exported(tmp_path, region(drawn("##")), region(drawn("", "#"), class_id=2))
    assert list(files_in(out)) == ["classes.json", "masks/a.png"]


@pytest.mark.parametrize("second", [region(drawn("", "##")), region(drawn(".#"), class_id=2)])
def test_that_regions_a_class_image_would_merge_have_files(tmp_path: Path, second: Region) -> None:
    out = exported(tmp_path, region(drawn("##")), second)
    assert [name for name in files_in(out) if name.startswith("regions/")] == [
        "regions/a__01.png",
        "regions/a__02.png",
    ]


def test_that_an_image_without_a_region_has_an_empty_mask(tmp_path: Path) -> None:
    with Image.open(exported(tmp_path) / "masks/a.png") as image:
        assert image.getextrema() == (0, 0)


def test_that_class_ids_over_255_are_kept(tmp_path: Path) -> None:
    out = exported(
        tmp_path, region(drawn("##"), class_id=300), classes=(DefectClass(300, "far", "#000000"),)
    )
    with Image.open(out / "masks/a.png") as image:
        assert np.asarray(image).max() == 300


def test_that_a_bare_box_becomes_a_rectangle_and_is_named(tmp_path: Path) -> None:
    image = labelled(tmp_path / "in", "a.png", region(Box(0, 0, 2, 1)))
    report = export_masks([image], CLASSES, tmp_path / "out")
    assert "a.png: region 1 has only a box; it is written as a rectangle" in report.remarks
    with Image.open(tmp_path / "out/masks/a.png") as mask:
        assert np.count_nonzero(np.asarray(mask)) == 2


# ---------------------------------------------------------------- import of an export


def test_that_classes_json_may_be_chosen_itself(tmp_path: Path) -> None:
    out = exported(tmp_path, region(RING_MASK))
    plan = import_masks(out / "classes.json", sizes_of("a.png"))
    assert regions_in(plan) == [as_pixels(region(RING_MASK))]


def test_that_an_exported_image_that_is_not_in_the_project_is_a_problem(tmp_path: Path) -> None:
    plan = import_masks(exported(tmp_path, region(RING_MASK)), sizes_of())
    assert plan.problems == ("images[0]: no single image of the project is 'a.png'",)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"mask": "masks/gone.png"}, "no such file"),
        ({"mask": "../../../etc/passwd"}, "no such file"),
        ({"mask": "masks/\0.png"}, "no such file"),
        ({"mask": "x" * 5000}, "cannot be read"),
        ({"mask": "classes.json"}, "not an image"),
        ({"mask": "colour.png"}, "not an image of class numbers"),
        ({"mask": "unknown.png"}, "unknown class 77"),
        ({"regions": [{"class_id": 9, "file": "masks/a.png"}]}, "unknown class 9"),
        ({"regions": [{"class_id": 1, "file": "empty.png"}]}, "the mask is empty"),
    ],
)
def test_that_a_bad_entry_of_an_export_is_a_problem(
    tmp_path: Path, changes: dict[str, Any], problem: str
) -> None:
    out = change(exported(tmp_path, region(RING_MASK)), **changes)
    write_photo(out / "colour.png")
    write_array(out / "unknown.png", np.full((HEIGHT, WIDTH), 77, np.uint8))
    write_array(out / "empty.png", np.zeros((HEIGHT, WIDTH), np.uint8))
    plan = import_masks(out, sizes_of("a.png"))
    assert regions_in(plan) == []
    assert plan.problems[0].startswith("images[0] 'a.png': ")
    assert problem in plan.problems[0]


def test_that_a_mask_of_another_size_is_a_problem(tmp_path: Path) -> None:
    plan = import_masks(exported(tmp_path, region(RING_MASK)), sizes_of("a.png", size=(1000, 1000)))
    assert "the mask is 12×9 px but the image 1000×1000 px" in plan.problems[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": "other", "version": 1, "classes": [], "images": []}',
        '{"format": "inspector-masks", "version": 2, "classes": [], "images": []}',
        '{"classes": [{"id": 1, "name": " "}], "images": []}',
    ],
)
def test_that_a_classes_json_of_another_program_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "classes.json").write_text(text)
    with pytest.raises(BadDataError, match=r"classes\.json"):
        import_masks(tmp_path, sizes_of())


# ---------------------------------------------------------------- import of binary masks


def read(path: Path, *images: str) -> ImportPlan:
    return import_masks(path, lambda name: (WIDTH, HEIGHT) if name in images else None)


@pytest.mark.parametrize("chosen", ["bottle", "bottle/ground_truth", "bottle/ground_truth/cut"])
def test_that_mvtecs_masks_take_their_class_from_their_folder(tmp_path: Path, chosen: str) -> None:
    write_mask(tmp_path / "bottle/ground_truth/cut/000_mask.png")
    write_photo(tmp_path / "bottle/test/cut/000.png")
    plan = read(tmp_path / chosen, "ground_truth/cut/000", "cut/000")
    assert regions_in(plan) == [ImportedRegion("cut", Box(1, 1, 10, 6), RING_MASK)]


@pytest.mark.parametrize(
    ("place", "class_name"),
    [("MT_Fray/Imgs/a.png", "MT_Fray"), ("a.png", "defect"), ("masks/a.png", "defect")],
)
def test_that_masks_may_be_called_like_their_image(
    tmp_path: Path, place: str, class_name: str
) -> None:
    write_mask(tmp_path / "labels" / place)
    plan = read(tmp_path / "labels", f"labels/{place.removesuffix('.png')}")
    assert plan.class_names == (class_name,)


def test_that_beside_masks_called_so_others_are_no_masks(tmp_path: Path) -> None:
    write_mask(tmp_path / "all/a_mask.png")
    write_mask(tmp_path / "all/a.png")
    plan = read(tmp_path / "all", "all/a")
    assert len(regions_in(plan)) == 1


def test_that_a_single_mask_may_be_chosen(tmp_path: Path) -> None:
    path = write_mask(tmp_path / "masks/a.png")
    assert len(regions_in(read(path, "masks/a"))) == 1


@pytest.mark.parametrize("high", [1, 200, 255])
def test_that_a_mask_may_be_0_and_1_or_grey(tmp_path: Path, high: int) -> None:
    write_mask(tmp_path / "masks/a.png", high=high)
    assert regions_in(read(tmp_path / "masks", "masks/a"))[0].mask == RING_MASK


def test_that_a_grey_mask_in_a_colour_file_is_a_mask(tmp_path: Path) -> None:
    grey = RING_MASK.to_array().astype(np.uint8) * 255
    write_array(tmp_path / "masks/a.png", np.stack([grey] * 3, axis=-1))
    assert regions_in(read(tmp_path / "masks", "masks/a"))[0].mask == RING_MASK


def test_that_a_photo_is_no_mask(tmp_path: Path) -> None:
    write_photo(tmp_path / "masks/a.png")
    plan = read(tmp_path / "masks", "masks/a")
    assert plan.problems == ("a.png: a colour picture, not a mask",)


def test_that_an_empty_mask_is_a_problem(tmp_path: Path) -> None:
    write_mask(tmp_path / "masks/a.png", drawn())
    assert read(tmp_path / "masks", "masks/a").problems == ("a.png: the mask is empty",)


def test_that_the_empty_mask_of_a_good_part_is_none(tmp_path: Path) -> None:
    write_mask(tmp_path / "ground_truth/good/a_mask.png", drawn())
    plan = read(tmp_path, "ground_truth/good/a")
    assert (plan.images, plan.problems) == ((), ())


def test_that_a_good_part_with_a_defect_is_a_problem(tmp_path: Path) -> None:
    write_mask(tmp_path / "ground_truth/good/a_mask.png")
    plan = read(tmp_path, "ground_truth/good/a")
    assert plan.problems == ("good/a_mask.png: the mask is not empty, but its folder says good",)


def test_that_a_mask_without_an_image_is_a_problem(tmp_path: Path) -> None:
    write_mask(tmp_path / "masks/b.png")
    assert read(tmp_path / "masks", "masks/a").problems == (
        "b.png: no single image of the project has this name",
    )


def test_that_a_truncated_mask_is_a_problem(tmp_path: Path) -> None:
    path = write_mask(tmp_path / "masks/a.png")
    path.write_bytes(path.read_bytes()[:-30])
    plan = read(tmp_path / "masks", "masks/a")
    assert regions_in(plan) == []
    assert plan.problems[0].startswith("a.png: ")


def test_that_a_folder_without_masks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="no PNG files"):
        import_masks(tmp_path, sizes_of())
