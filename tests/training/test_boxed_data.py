"""Boxes of drawn defects, as a detector learns them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector_app.domain.dataset import GOOD
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.mask import Mask
from inspector_app.protocol.files import DatasetItem, DrawnBox
from tests.training.parts import write_photo
from training.data.boxes import BoxedPictures, drawn_boxes

CLASSES = (GOOD, "dent", "Kratzer/fein ä")
TWO_PATCHES = np.zeros((20, 40), np.uint8)
TWO_PATCHES[2:6, 10:20] = 1
TWO_PATCHES[10:20, 30:40] = 1
DENT = DrawnBox(class_name="dent", left=0, top=0, right=10, bottom=10)
SCRATCH = DrawnBox(class_name=CLASSES[2], left=20, top=10, right=40, bottom=20)


def defective(path: str = "/p/1.png", **content: Any) -> DatasetItem:
    mask = {"mask_size": (20, 40), "mask_counts": Mask.from_array(TWO_PATCHES).counts}
    known: dict[str, Any] = {"image_path": path, "split": "train", "is_defective": True}
    return DatasetItem(**(known | mask | {"defect_type": "dent"} | content))


def read(tmp_path: Path, **content: Any) -> BoxedPictures:
    write_photo(tmp_path / "1.png", seed=1)
    item = defective(str(tmp_path / "1.png"), **content)
    boxed = BoxedPictures([item], CLASSES, 64, "types")
    boxed.read(lambda _done: None)
    return boxed


def test_that_every_connected_patch_gets_a_box_where_only_pixels_are_known() -> None:
    boxes = drawn_boxes(defective(), "types")
    edges = sorted((box.left, box.top, box.right, box.bottom) for box in boxes)
    assert edges == [(10, 2, 20, 6), (30, 10, 40, 20)]


def test_that_drawn_boxes_come_before_patches_of_pixels() -> None:
    assert drawn_boxes(defective(boxes=(DENT, SCRATCH)), "types") == [DENT, SCRATCH]


def test_that_boxes_are_all_defects_where_types_do_not_matter() -> None:
    boxes = drawn_boxes(defective(boxes=(DENT, SCRATCH)), "defect")
    assert {box.class_name for box in boxes} == {"defective"}


def test_that_a_box_without_area_is_refused_by_its_image() -> None:
    flat = DENT.model_copy(update={"right": 0})
    with pytest.raises(BadDataError, match=r"/p/1\.png"):
        drawn_boxes(defective(boxes=(flat,)), "types")


def test_that_boxes_are_fractions_of_the_image(tmp_path: Path) -> None:
    boxes = read(tmp_path, boxes=(DENT, SCRATCH)).boxes(0)
    np.testing.assert_allclose(
        boxes.fractions, [(0.125, 0.25, 0.25, 0.5), (0.75, 0.75, 0.5, 0.5)], rtol=1e-6
    )
    assert boxes.places.tolist() == [0.0, 1.0]


def test_that_an_image_whose_mask_is_damaged_is_left_out(tmp_path: Path) -> None:
    boxed = read(tmp_path, mask_counts="\x00 nonsense")
    assert (len(boxed), boxed.skipped) == (0, [str(tmp_path / "1.png")])


def test_that_a_batch_tells_which_image_a_box_is_of(tmp_path: Path) -> None:
    write_photo(tmp_path / "0.png", seed=0)
    good = DatasetItem(image_path=str(tmp_path / "0.png"), split="train", is_defective=False)
    write_photo(tmp_path / "1.png", seed=1)
    item = defective(str(tmp_path / "1.png"), boxes=(DENT, SCRATCH))
    boxed = BoxedPictures([good, item], CLASSES, 64, "types")
    boxed.read(lambda _done: None)
    [batch] = boxed.loader(2)
    assert batch["batch_idx"].tolist() == [1, 1]
    assert (batch["cls"].shape, batch["bboxes"].shape) == ((2, 1), (2, 4))
