"""Images with drawn defects: their roles, their labels and the tiles that are made of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.mask import Mask
from inspector_app.protocol.files import DatasetItem
from tests.training.parts import write_photo
from training.data.drawn import assign_drawn_roles, label_map
from training.data.tiles import DrawnPictures, TileNumbers, Tiles
from training.data.types import Sharing

CLASSES = ("good", "dent", "scratch")


def rle(*spans: tuple[int, int, int, int], size: int = 48) -> str:
    mask = np.zeros((size, size), np.uint8)
    for top, bottom, left, right in spans:
        mask[top:bottom, left:right] = 1
    return Mask.from_array(mask).counts


DENT, SCRATCH = rle((4, 12, 4, 12)), rle((30, 34, 20, 44))
BOTH = rle((4, 12, 4, 12), (30, 34, 20, 44))


def defective(path: str, **fields: Any) -> DatasetItem:
    usual: dict[str, Any] = {"split": "train", "is_defective": True, "defect_type": "dent"}
    drawn: dict[str, Any] = {"mask_size": (48, 48), "mask_counts": DENT}
    return DatasetItem(image_path=path, **usual | drawn | fields)


def good(path: str) -> DatasetItem:
    return DatasetItem(image_path=path, split="train", is_defective=False)


def items_of(count: int) -> list[DatasetItem]:
    goods = [good(f"/p/good/{n}.png") for n in range(count)]
    return goods + [defective(f"/p/dent/{n}.png") for n in range(count)]


def roles_of(items: list[DatasetItem], answers: Any = "types", sharing: Any = None) -> Any:
    sharing = sharing or Sharing()
    return assign_drawn_roles(items, answers=answers, sharing=sharing, source=Path("data.jsonl"))


def test_that_good_and_drawn_images_are_shared_out_by_type() -> None:
    roles = roles_of(items_of(10))
    counted = [
        (len(r), sum(i.is_defective for i in r)) for r in (roles.train, roles.val, roles.test)
    ]
    assert counted == [(12, 6), (4, 2), (4, 2)]


def test_that_the_classes_are_those_of_drawn_pixels() -> None:
    two = defective("/p/dent/x.png", class_masks={"dent": DENT, "scratch": SCRATCH})
    assert roles_of([*items_of(4), two]).classes == CLASSES
    assert roles_of([*items_of(4), two], "defect").classes == ("good", "defective")


def test_that_defective_images_without_a_mask_are_left_out() -> None:
    roles = roles_of([*items_of(4), defective("/p/dent/x.png", mask_size=None, mask_counts="")])
    paths = {i.image_path for r in (roles.train, roles.val, roles.test) for i in r}
    assert "/p/dent/x.png" not in paths


def test_that_no_good_images_are_needed() -> None:
    assert roles_of([defective(f"/p/{n}.png") for n in range(4)]).classes == ("good", "dent")


@pytest.mark.parametrize(
    ("items", "sharing", "words"),
    [
        ([good(f"/p/{n}.png") for n in range(9)], Sharing(), "no image with a drawn defect"),
        ([defective("/p/1.png")], Sharing(), "no image is left to see"),
        (
            [*items_of(3), defective("/p/t.png", split="test", defect_type="scratch")],
            Sharing("as_marked"),
            "no image to learn scratch from",
        ),
    ],
)
def test_that_data_that_cannot_be_learned_from_is_refused(
    items: list[DatasetItem], sharing: Sharing, words: str
) -> None:
    with pytest.raises(BadDataError, match=f"data.jsonl: {words}"):
        roles_of(items, sharing=sharing)


def test_that_each_pixel_is_of_the_class_drawn_there() -> None:
    item = defective("/p/1.png", mask_counts=BOTH, class_masks={"dent": DENT, "scratch": SCRATCH})
    labels = label_map(item, CLASSES, 48, "types")
    assert (labels[5, 5], labels[31, 40], labels[20, 20]) == (1, 2, 0)


def test_that_a_mask_without_classes_is_of_the_images_type() -> None:
    assert set(np.unique(label_map(defective("/p/1.png"), CLASSES, 48, "types"))) == {0, 1}


def test_that_a_reduced_pixel_is_defective_where_half_of_its_area_is() -> None:
    # The dent is 4 to 12; reduced pixels are 4.8 wide: 1 is covered, 3 is not.
    labels = label_map(defective("/p/1.png"), CLASSES, 10, "types")
    assert (labels[1, 1], labels[3, 3]) == (1, 0)


def test_that_a_damaged_mask_is_named() -> None:
    with pytest.raises(BadDataError, match=r"/p/1\.png"):
        label_map(defective("/p/1.png", mask_counts="???"), CLASSES, 48, "types")


@pytest.fixture
def drawn(tmp_path: Path) -> DrawnPictures:
    """Three good photos and three with two defects each."""
    items: list[DatasetItem] = []
    for number in range(6):
        path = tmp_path / f"{number}.png"
        write_photo(path, seed=number)
        masks = {"dent": DENT, "scratch": SCRATCH}
        items.append(
            defective(str(path), mask_counts=BOTH, class_masks=masks)
            if number % 2
            else good(str(path))
        )
    pictures = DrawnPictures(items, CLASSES, 48, "types")
    pictures.read(lambda _done: None)
    return pictures


def test_that_an_image_with_a_damaged_mask_is_left_out(tmp_path: Path) -> None:
    paths = [tmp_path / "whole.png", tmp_path / "damaged.png"]
    for number, path in enumerate(paths):
        write_photo(path, seed=number)
    items = [defective(str(paths[0])), defective(str(paths[1]), mask_counts="???")]
    pictures = DrawnPictures(items, CLASSES, 48, "types")
    pictures.read(lambda _done: None)
    assert (len(pictures), pictures.skipped) == (1, [str(paths[1])])


@pytest.mark.parametrize(("left", "columns"), [(5, [1]), (7, [1, 2])])
def test_that_a_line_thinner_than_a_pixel_is_not_lost(left: int, columns: list[int]) -> None:
    # Of 48 px two, reduced to 12: within one pixel, or a quarter of each of two.
    line = defective("/p/1.png", mask_counts=rle((0, 48, left, left + 2)))
    labels = label_map(line, ("good", "defective"), 12, "defect")
    assert np.flatnonzero(labels.all(0)).tolist() == columns


def test_that_outlines_of_large_defects_stay_where_they_are() -> None:
    square = defective("/p/1.png", mask_counts=rle((8, 29, 8, 29)))
    labels = label_map(square, ("good", "defective"), 12, "defect")
    assert np.array_equal(np.flatnonzero(labels.any(0)), np.arange(2, 7))


def test_that_an_image_keeps_its_class_where_its_defect_vanishes(tmp_path: Path) -> None:
    write_photo(tmp_path / "1.png", seed=1)
    speck = rle((4, 5, 4, 5))
    pictures = DrawnPictures(
        [defective(str(tmp_path / "1.png"), mask_counts=speck)], CLASSES, 12, "types"
    )
    pictures.read(lambda _done: None)
    assert not pictures.labels(0).any()
    assert (pictures.is_defective(0), pictures.main_class(0)) == (True, "dent")


def test_that_the_main_class_has_most_of_the_drawn_area(drawn: DrawnPictures) -> None:
    # The scratch has 96 pixels, the dent 64.
    assert (drawn.main_class(0), drawn.main_class(1)) == ("good", "scratch")


def tiles_of(drawn: DrawnPictures, *, background: float, seed: int = 0) -> Tiles:
    return Tiles(drawn, tile_px=16, per_image=4, background=background, seed=seed)


def test_that_tiles_around_defects_show_every_type(drawn: DrawnPictures) -> None:
    tiles = tiles_of(drawn, background=0.0)
    seen = [set(np.unique(tiles[number][1])) - {0} for number in range(40)]
    assert all(seen)
    assert {1} in seen
    assert {2} in seen


def test_that_background_tiles_are_of_good_images(drawn: DrawnPictures) -> None:
    tiles = tiles_of(drawn, background=1.0)
    assert not any(tiles[number][1].any() for number in range(40))


def test_that_the_share_of_background_is_as_asked_for(drawn: DrawnPictures) -> None:
    tiles = tiles_of(drawn, background=0.25)
    good_ones = sum(not tiles[number][1].any() for number in range(400))
    assert good_ones == pytest.approx(100, abs=30)


def test_that_a_tile_shows_image_and_labels_of_the_same_place(drawn: DrawnPictures) -> None:
    picture, labels = tiles_of(drawn, background=0.0)[7]
    [(index, top, left)] = [
        (i, y, x)
        for i in drawn.defective()
        for y in range(33)
        for x in range(33)
        if np.array_equal(drawn[i][0][y : y + 16, x : x + 16], picture)
    ]
    assert np.array_equal(drawn[index][1][top : top + 16, left : left + 16], labels)


def test_that_a_tile_follows_from_seed_and_number(drawn: DrawnPictures) -> None:
    first, again = (tiles_of(drawn, background=0.5)[11][0] for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, tiles_of(drawn, background=0.5, seed=1)[11][0])


def test_that_every_pass_has_other_tiles() -> None:
    numbers = TileNumbers(3)
    assert [list(numbers), list(numbers)] == [[0, 1, 2], [3, 4, 5]]


def test_that_a_pass_can_be_chosen() -> None:
    numbers = TileNumbers(3)
    numbers.set_epoch(2)
    assert list(numbers) == [6, 7, 8]


def test_that_batches_hold_whole_tiles(drawn: DrawnPictures) -> None:
    images, labels = next(iter(tiles_of(drawn, background=0.5).training_loader(5)))
    assert (images.shape, labels.shape) == ((5, 3, 16, 16), (5, 16, 16))
