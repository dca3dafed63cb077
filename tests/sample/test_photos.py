"""Single photos: the same again, truthful masks, visible defects."""

import numpy as np
import pytest
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
from inspector_app.sample import PRODUCTS, Photo, Product, photograph
from inspector_app.sample.camera import SIZE_PX

EVERY_DEFECT = [
    pytest.param(product, defect.name, id=f"{product.name}-{defect.name}")
    for product in PRODUCTS
    for defect in product.defect_types
]


def largest_change(one: Photo, other: Photo) -> NDArray[np.int_]:
    """Return the largest difference over the channels, grey levels."""
    return np.asarray(np.abs(one.image.astype(np.int_) - other.image).max(axis=2))


def test_that_there_is_an_object_and_a_texture() -> None:
    assert {product.kind for product in PRODUCTS} == {"object", "texture"}


def test_that_names_are_folder_names_and_differ() -> None:
    names = [product.name for product in PRODUCTS]
    names += [f"{p.name}/{defect.name}" for p in PRODUCTS for defect in p.defect_types]
    assert len(set(names)) == len(names)
    assert all(name.replace("/", "_").isidentifier() and name.islower() for name in names)


def test_that_every_product_has_several_defects_that_are_described(product: Product) -> None:
    assert len(product.defect_types) >= 4
    described = [(product.title, product.summary)]
    described += [(defect.title, defect.summary) for defect in product.defect_types]
    assert all(title and summary.endswith(".") for title, summary in described)


def test_that_a_photo_is_square_colour_and_its_mask_as_large(product: Product) -> None:
    photo = photograph(product, "train", "good", 0, seed=0)
    assert photo.image.shape == (SIZE_PX, SIZE_PX, 3)
    assert photo.mask.shape == (SIZE_PX, SIZE_PX)
    assert photo.image.dtype.name == "uint8"
    assert photo.mask.dtype.name == "bool"


def test_that_the_same_photo_is_the_same_again(product: Product) -> None:
    defect = product.defect_types[0].name
    first = photograph(product, "test", defect, 3, seed=7)
    photograph(product, "test", defect, 2, seed=7)
    again = photograph(product, "test", defect, 3, seed=7)
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.mask, again.mask)


def test_that_every_part_is_another_one(product: Product) -> None:
    photos = [
        photograph(product, "train", "good", 0, seed=0),
        photograph(product, "train", "good", 1, seed=0),
        photograph(product, "test", "good", 0, seed=0),
        photograph(product, "train", "good", 0, seed=1),
    ]
    images = {photo.image.tobytes() for photo in photos}
    assert len(images) == len(photos)


def test_that_a_good_part_has_an_empty_mask(product: Product) -> None:
    assert not photograph(product, "test", "good", 0, seed=0).mask.any()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("product", "defect"), EVERY_DEFECT)
def test_that_a_defect_shows_inside_its_mask_and_nowhere_else(
    product: Product, defect: str, seed: int
) -> None:
    damaged = product.photograph(np.random.default_rng(seed), defect)
    good = product.photograph(np.random.default_rng(seed), "")
    change = largest_change(damaged, good)
    near = cv2.dilate(damaged.mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert (change[damaged.mask] > 8).mean() > 0.4
    assert (change[~near] > 12).sum() < 0.2 * damaged.mask.sum()


@pytest.mark.parametrize(("product", "defect"), EVERY_DEFECT)
def test_that_a_defect_is_small_but_not_tiny(product: Product, defect: str) -> None:
    masks = [photograph(product, "test", defect, index, seed=0).mask for index in range(5)]
    assert all(100 < mask.sum() < 0.05 * SIZE_PX**2 for mask in masks)
    places = {tuple(np.argwhere(mask).mean(axis=0).round()) for mask in masks}
    assert len(places) == len(masks)
