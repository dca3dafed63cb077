"""Training images as they are shown before a training: marks move as the pixels do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import decode_rgb
from inspector_app.protocol.files import DatasetItem
from inspector_app.protocol.messages import ShowVariations
from tests.training.parts import photo_item
from training.data.samples import Sample, outlines_of, write_samples
from training.models import MODEL_KINDS, find_kind
from training.worker.product import product_services

SIDE_PX = 96
SETTINGS: dict[str, dict[str, Any]] = {
    "classifier": {"image_size_px": 96, "rotation": True, "crop": True, "blur": True},
    "unet": {"image_size_px": 96, "tile_size_px": 64, "background": 0.0, "turns": True},
    "yolo_world": {"image_size_px": 96, "mosaic": 0.5},
}
WITH_MARKS = list(SETTINGS)


def write_marked(path: Path, seed: int) -> DatasetItem:
    """Write a dark grainy photo with one bright lengthy spot, which is marked."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    x, y = (int(v) for v in rng.integers(38, 58, 2))
    cv2.ellipse(mask, (x, y), (16, 9), int(rng.integers(180)), 0, 360, 1, -1)
    photo = rng.integers(20, 40, (SIDE_PX, SIDE_PX, 3)).astype(np.uint8)
    photo[mask > 0] = 230
    cv2.imwrite(str(path), photo)
    return photo_item(path, "train", mask)


@pytest.fixture
def marked(tmp_path: Path) -> list[DatasetItem]:
    return [write_marked(tmp_path / f"{n}.png", n) for n in range(6)]


@pytest.fixture
def good(tmp_path: Path) -> list[DatasetItem]:
    items = []
    for n in range(3):
        path = tmp_path / f"good{n}.png"
        grain = np.random.default_rng(n).integers(90, 130, (SIDE_PX, SIDE_PX, 3))
        cv2.imwrite(str(path), grain.astype(np.uint8))
        items.append(photo_item(path, "train"))
    return items


def samples(kind: str, items: Sequence[DatasetItem], seed: int = 1, **config: Any) -> list[Sample]:
    make = find_kind(kind).samples
    assert make is not None
    return make(find_kind(kind).config(SETTINGS.get(kind, {}) | config), items, seed)


def inside(sample: Sample) -> NDArray[np.bool_]:
    """Return the pixels inside the outlines."""
    filled = np.zeros(sample.picture.shape[:2], np.uint8)
    for outline in sample.outlines:
        cv2.fillPoly(filled, [np.floor(outline).astype(np.int32)], 1)
    return filled > 0


def bright(sample: Sample) -> NDArray[np.bool_]:
    return np.asarray(sample.picture.mean(2) > 120)


@pytest.mark.parametrize("kind", ["classifier", "unet"])
def test_that_outlines_lie_where_the_varied_image_shows_what_is_marked(
    marked: list[DatasetItem], kind: str
) -> None:
    for sample in samples(kind, marked):
        drawn, seen = inside(sample), bright(sample)
        assert (drawn & seen).sum() > 0.85 * (drawn | seen).sum()


def test_that_boxes_hold_what_is_marked(marked: list[DatasetItem]) -> None:
    pytest.importorskip("ultralytics")
    shown = samples("yolo_world", marked, mosaic=0.0, colour_jitter=False)
    assert len(shown) == len(marked)
    for sample in shown:
        seen = bright(sample)
        assert (inside(sample) & seen).sum() > 0.9 * seen.sum()


@pytest.mark.parametrize("kind", [*WITH_MARKS, "autoencoder"])
def test_that_a_seed_gives_always_the_same_and_another_one_others(
    marked: list[DatasetItem], good: list[DatasetItem], kind: str
) -> None:
    items = good if kind == "autoencoder" else marked
    first, again, other = (samples(kind, items, seed) for seed in (1, 1, 2))
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.picture, same.picture)
    assert any(
        not np.array_equal(one.picture, another.picture)
        for one, another in zip(first, other, strict=True)
    )


def test_that_nothing_else_draws_other_numbers_for_it(marked: list[DatasetItem]) -> None:
    state = torch.random.get_rng_state()
    samples("classifier", marked)
    samples("unet", marked)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_that_without_a_variation_a_classifier_sees_the_image(marked: list[DatasetItem]) -> None:
    off = dict.fromkeys(("flips", "rotation", "crop", "colour_jitter", "blur"), False)
    [sample] = samples("classifier", marked[:1], **off)
    photo = decode_rgb(Path(marked[0].image_path).read_bytes(), name="photo")
    np.testing.assert_array_equal(sample.picture, photo)


def test_that_made_up_defects_are_seen_where_they_are_learned(good: list[DatasetItem]) -> None:
    off = dict.fromkeys(("flips", "rotation", "crop", "colour_jitter", "blur"), False)
    plain = samples("classifier", good, answers="ok_ng", **off)
    changed = samples("classifier", good, answers="ok_ng", made_up=1.0, **off)
    for before, after in zip(plain, changed, strict=True):
        assert not np.array_equal(before.picture, after.picture)


def test_that_a_network_that_redraws_shows_its_disturbed_good_images(
    good: list[DatasetItem], marked: list[DatasetItem]
) -> None:
    items = [*marked, *good]
    plain = samples("autoencoder", items, augment=False)
    stained = samples("denoising_autoencoder", items, augment=False, stains=0.3)
    assert [sample.image_path for sample in plain] == [item.image_path for item in good]
    for before, after in zip(plain, stained, strict=True):
        assert not np.array_equal(before.picture, after.picture)


def test_that_images_that_are_not_drawn_are_no_tiles(
    marked: list[DatasetItem], good: list[DatasetItem]
) -> None:
    bare = marked[0].model_copy(update={"mask_counts": "", "mask_size": None})
    shown = samples("unet", [bare, *good], background=0.5)
    assert {sample.image_path for sample in shown} <= {item.image_path for item in good}


@pytest.mark.parametrize("kind", MODEL_KINDS)
def test_that_images_that_cannot_be_read_are_told(kind: str, tmp_path: Path) -> None:
    gone = [photo_item(tmp_path / "gone.png", "train")]
    with pytest.raises(BadDataError, match="none of these images"):
        samples(kind, gone)


def test_that_large_samples_are_written_small_with_their_outlines(tmp_path: Path) -> None:
    mask = np.zeros((512, 512), np.bool_)
    mask[100:300, 200:400] = True
    picture = np.repeat(mask[..., None], 3, 2).astype(np.uint8) * 255
    [told] = write_samples([Sample("a.png", picture, outlines_of(mask))], tmp_path)
    written = decode_rgb((tmp_path / told.file).read_bytes(), name=told.file)
    assert written.shape == (256, 256, 3)
    xs, ys = zip(*told.outlines[0], strict=True)
    assert (min(xs), max(xs), min(ys), max(ys)) == pytest.approx((100, 200, 50, 150), abs=0.5)


def test_that_the_worker_writes_what_it_is_asked_for(
    marked: list[DatasetItem], tmp_path: Path
) -> None:
    folder = tmp_path / "shown"
    folder.mkdir()
    command = ShowVariations(
        request_id=1,
        model_kind="unet",
        config=SETTINGS["unet"],
        items=tuple(marked),
        seed=3,
        folder=str(folder),
    )
    told = product_services().show(command)
    assert sorted(picture.file for picture in told) == sorted(p.name for p in folder.iterdir())
    assert any(picture.outlines for picture in told)
