"""Varied training pictures of YOLO-World."""

import random
from typing import Any

import numpy as np
import pytest

from inspector_app.domain.dataset import GOOD
from inspector_app.domain.mask import Mask
from inspector_app.protocol.files import DatasetItem
from tests.training.parts import write_photo
from training.data.boxes import BoxedPictures
from training.models.yolo_world.card import YoloWorldConfig
from training.models.yolo_world.views import Views


@pytest.fixture(scope="module")
def boxed(tmp_path_factory: pytest.TempPathFactory) -> BoxedPictures:
    folder = tmp_path_factory.mktemp("photos")
    items = []
    for number in range(6):
        path = folder / f"{number}.png"
        mask = Mask.from_array(write_photo(path, seed=number, is_defective=True))
        item = DatasetItem(
            image_path=str(path),
            split="train",
            is_defective=True,
            defect_type="spot",
            mask_size=(mask.height, mask.width),
            mask_counts=mask.counts,
        )
        items.append(item)
    pictures = BoxedPictures(items, (GOOD, "spot"), 64, "types")
    pictures.read(lambda _done: None)
    return pictures


def views(boxed: BoxedPictures, **settings: Any) -> Views:
    return Views(boxed, YoloWorldConfig(image_size_px=64, epochs=10, **settings))


def same(first: Any, second: Any) -> bool:
    pictures = np.array_equal(first[0], second[0])
    return pictures and np.array_equal(first[1].fractions, second[1].fractions)


def test_that_a_view_follows_from_the_seed_and_its_number(boxed: BoxedPictures) -> None:
    random.seed(1)
    first = views(boxed, mosaic=1.0)[13]
    random.seed(2)
    assert same(first, views(boxed, mosaic=1.0)[13])


def test_that_another_seed_gives_other_views(boxed: BoxedPictures) -> None:
    assert not same(views(boxed)[13], views(boxed, seed=1)[13])


def test_that_global_generators_stay_where_they_are(boxed: BoxedPictures) -> None:
    random.seed(1)
    expected = random.random()
    random.seed(1)
    _ = views(boxed)[3]
    assert random.random() == expected


def test_that_every_picture_is_seen_once_in_a_pass(boxed: BoxedPictures) -> None:
    plain = views(boxed, mosaic=0.0, scale=0.0, flips=False, colour_jitter=False)
    seen = {plain.picture_of(number) for number in range(12, 18)}
    assert seen == set(range(6))


@pytest.mark.parametrize("mosaic", [0.0, 1.0])
def test_that_boxes_go_with_the_bright_spots(boxed: BoxedPictures, mosaic: float) -> None:
    varied = views(boxed, mosaic=mosaic, colour_jitter=False)
    for number in range(12):
        picture, boxes = varied[number]
        for x, y, width, height in boxes.fractions * 64:
            patch = picture[int(y - height / 2) : int(y + height / 2) + 1]
            patch = patch[:, int(x - width / 2) : int(x + width / 2) + 1]
            # The spot's white, softened where the picture was reduced.
            assert patch.min(axis=2).max() > 200


def test_that_the_last_epochs_go_without_mosaics(boxed: BoxedPictures) -> None:
    always, never = views(boxed, mosaic=1.0, seed=3), views(boxed, mosaic=0.0, seed=3)
    always_count = {len(always[number][1]) for number in range(54, 60)}
    assert always_count == {len(never[number][1]) for number in range(54, 60)} == {1}
