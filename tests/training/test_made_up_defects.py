"""Made-up defects and what trainings make of them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector_app.domain.picture import RgbImage
from inspector_app.protocol.files import JOB_FILE, TrainingJob
from tests.training.conftest import TrainedRun
from tests.training.parts import Listener, photo_items, write_run
from training.data.made_up import GoodAndMadeUp, SomeMadeUp
from training.data.synthetic import with_defect
from training.data.tiles import DrawnPictures, Tiles
from training.fit.run import run_training


def part(side: int = 64, level: int = 90) -> RgbImage:
    rng = np.random.default_rng(3)
    picture = np.full((side, side, 3), level, np.float32)
    picture[side // 4 : side // 2, side // 4 : side // 2] += 80
    return np.clip(picture + rng.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_that_a_defect_is_seen_where_its_mask_is(seed: int) -> None:
    picture = part()
    changed, mask = with_defect(picture, (seed, 1))
    difference = np.abs(changed.astype(float) - picture.astype(float)).mean(2)
    assert 0 < mask.mean() <= 0.2
    assert difference[mask].mean() >= 0.03 * 255
    assert difference[mask].mean() > difference[~mask].mean()


@pytest.mark.parametrize("level", [0, 127, 255])
def test_that_flat_pictures_get_defects_as_well(level: int) -> None:
    picture = np.full((64, 64, 3), level, np.uint8)
    for seed in range(12):
        changed, mask = with_defect(picture, (seed,))
        assert (changed != picture)[mask].any()


def test_that_the_same_seed_makes_the_same_defect() -> None:
    first, second, other = (with_defect(part(), (seed, 0)) for seed in (5, 5, 6))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    assert not np.array_equal(first[1], other[1])


def test_that_the_picture_itself_is_left_alone() -> None:
    picture = part()
    before = picture.copy()
    with_defect(picture, (1,))
    assert np.array_equal(picture, before)


def test_that_grey_pictures_stay_grey() -> None:
    for seed in range(12):
        changed, _ = with_defect(part()[..., :1].repeat(3, 2), (seed,))
        assert not np.ptp(changed, axis=2).any()


def good_pictures(folder: Path, count: int = 3) -> DrawnPictures:
    items = photo_items(folder, train=count, val=0, test=0)
    pictures = DrawnPictures(items, ("good", "defective"), 64, "defect")
    pictures.read(lambda _done: None)
    return pictures


def test_that_tiles_get_made_up_defects_where_none_was_drawn(tmp_path: Path) -> None:
    tiles = Tiles(
        good_pictures(tmp_path), tile_px=32, per_image=4, background=0.5, seed=0, made_up=0.1
    )
    labels = [tiles[number][1] for number in range(60)]
    assert sum(bool(each.any()) for each in labels) == pytest.approx(30, abs=12)


def test_that_no_defect_is_made_up_unasked(tmp_path: Path) -> None:
    tiles = Tiles(good_pictures(tmp_path), tile_px=32, per_image=4, background=0.0, seed=0)
    assert not any(tiles[number][1].any() for number in range(20))


def test_that_held_out_good_pictures_are_judged_with_and_without_a_defect(tmp_path: Path) -> None:
    judged = GoodAndMadeUp(good_pictures(tmp_path), seed=0)
    assert [bool(judged[number][1].any()) for number in range(len(judged))] == [False, True] * 3


def test_that_some_good_examples_become_defective() -> None:
    torch.manual_seed(0)
    change = SomeMadeUp(0.5, good=0, defective=1)
    places = [change((part(), 0))[1] for _ in range(40)]
    assert sum(places) == pytest.approx(20, abs=10)


def test_that_defective_examples_stay_as_they_are() -> None:
    picture, place = SomeMadeUp(1.0, good=0, defective=1)((part(), 1))
    assert (np.array_equal(picture, part()), place) == (True, 1)


def test_that_a_unet_learns_from_good_parts_alone(tmp_path: Path) -> None:
    items = photo_items(tmp_path, train=4, val=1, test=2)
    settings = {"epochs": 1, "image_size_px": 64, "tile_size_px": 64, "batch_size": 4}
    others = {"made_up": 1.0, "split": "as_marked", "pretrained": False, "tiles_per_image": 1}
    run = write_run(tmp_path / "run", items)
    job = TrainingJob(job_id="a", model_kind="unet", config=settings | others, device="cpu")
    (run / JOB_FILE).write_text(job.model_dump_json())
    assert {"dice", "image_auroc"} <= set(run_training(run, Listener()))


def test_that_an_anomaly_model_is_judged_by_made_up_defects_until_one_is_seen(
    tmp_path: Path,
) -> None:
    run = write_run(tmp_path / "run", photo_items(tmp_path, train=6, val=4, test=0), epochs=1)
    figures = run_training(run, Listener())
    assert 0.0 <= figures["made_up_auroc"] <= 1.0
    assert 0.0 <= figures["made_up_pixel_auroc"] <= 1.0
    assert "image_auroc" not in figures


def test_that_real_defects_take_the_place_of_made_up_ones(trained_run: TrainedRun) -> None:
    assert "image_auroc" in trained_run.figures
    assert "made_up_auroc" not in trained_run.figures
