"""Made-up products: the same for the same seed, and of every kind."""

import numpy as np
import pytest

from inspector_app.domain.opencv import cv2
from training.data.scenes import dataset, defects
from training.data.scenes.dataset import SceneDataset
from training.data.scenes.defects import (
    COMPACT_EFFECTS,
    PIECE_EFFECTS,
    THIN_EFFECTS,
    ZONE_EFFECTS,
    Effect,
    cored,
    lustre,
)
from training.data.scenes.fields import straight_mostly
from training.data.scenes.profiles import Profile, missing_piece, with_profile
from training.data.scenes.scene import Scene, make_scene
from training.data.scenes.shapes import COMPACT_SHAPES, THIN_SHAPES, Shape, edge_bite, zone
from training.data.scenes.surfaces import PLAIN_SURFACES, Surface, collage

SIDE = 96
ALL_EFFECTS = dict.fromkeys((*COMPACT_EFFECTS, *PIECE_EFFECTS, *ZONE_EFFECTS, *THIN_EFFECTS))


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [make_scene((3, number), SIDE) for number in range(40)]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_that_a_seed_gives_the_same_scene_again(scenes: list[Scene]) -> None:
    again = make_scene((3, 7), SIDE)
    np.testing.assert_array_equal(again.rgb, scenes[7].rgb)
    np.testing.assert_array_equal(again.mask, scenes[7].mask)


def test_that_another_seed_gives_another_scene(scenes: list[Scene]) -> None:
    assert not np.array_equal(scenes[0].rgb, scenes[1].rgb)


def test_that_the_clicked_thing_has_a_size_that_can_be_clicked(scenes: list[Scene]) -> None:
    shares = [float(scene.mask.mean()) for scene in scenes]
    assert min(shares) >= 2e-4
    assert max(shares) <= 0.45


def test_that_small_and_large_things_occur(scenes: list[Scene]) -> None:
    shares = [float(scene.mask.mean()) for scene in scenes]
    assert min(shares) < 0.01
    assert max(shares) > 0.1


def test_that_some_scenes_hold_more_than_what_is_clicked(scenes: list[Scene]) -> None:
    assert any(scene.distractors.any() for scene in scenes)


def test_that_nothing_is_clicked_thing_and_distractor_at_once(scenes: list[Scene]) -> None:
    assert not any((scene.distractors & scene.mask).any() for scene in scenes)


def test_that_grey_and_coloured_pictures_occur(scenes: list[Scene]) -> None:
    is_grey = [bool((scene.rgb[..., 0] == scene.rgb[..., 2]).all()) for scene in scenes]
    assert any(is_grey)
    assert not all(is_grey)


@pytest.mark.parametrize("surface", [*PLAIN_SURFACES, collage])
def test_that_a_surface_is_neither_empty_nor_flat(surface: Surface) -> None:
    drawn = surface(rng(), SIDE)
    assert drawn.shape == (SIDE, SIDE, 3)
    assert drawn.dtype == np.float32
    assert np.isfinite(drawn).all()
    assert drawn.std() > 0


@pytest.mark.parametrize("shape", dict.fromkeys([*COMPACT_SHAPES, *THIN_SHAPES, edge_bite]))
def test_that_a_shape_is_drawn_about_its_place(shape: Shape) -> None:
    alpha = shape(rng(1), SIDE, (SIDE / 2, SIDE / 2), SIDE / 3)
    assert alpha.shape == (SIDE, SIDE)
    assert alpha.min() >= 0
    assert 0.5 < alpha.max() <= 1


def test_that_zones_lie_along_a_border_and_grow_with_their_size() -> None:
    areas = []
    for size in (0.3, 0.6, 1.0):
        drawn = [zone(rng(seed), SIDE, (20, 60), size * SIDE) > 0.5 for seed in range(40)]
        assert all(
            mask.sum() == 0 or np.pad(mask[1:-1, 1:-1], 1).sum() < mask.sum() for mask in drawn
        )
        areas.append(np.mean(drawn))
    assert 0.02 < areas[0] < areas[1] < areas[2] < 0.5


def test_that_some_zones_end_along_their_border() -> None:
    ends = []
    for seed in range(40):
        mask = zone(rng(seed), SIDE, (SIDE / 2, SIDE / 2), 0.8 * SIDE) > 0.5
        borders = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
        ends.append(not any(border.mean() > 0.97 for border in borders))
    assert 4 < sum(ends) < 36


def test_that_grain_mostly_lies_straight() -> None:
    slants = [straight_mostly(rng(seed)) for seed in range(200)]
    is_straight = [abs((slant + 45) % 90 - 45) < 8 for slant in slants]
    assert 100 < sum(is_straight) < 190


@pytest.fixture(scope="module")
def profiles() -> list[tuple[np.ndarray, Profile]]:
    below = PLAIN_SURFACES[0](rng(), SIDE)
    return [with_profile(rng(seed), below) for seed in range(30)]


def test_that_products_in_bands_are_round_and_straight(
    profiles: list[tuple[np.ndarray, Profile]],
) -> None:
    assert {profile.is_round for _, profile in profiles} == {True, False}
    for picture, profile in profiles:
        assert picture.shape == (SIDE, SIDE, 3)
        assert np.isfinite(picture).all()
        assert list(profile.edges) == sorted(profile.edges)
        on = profile.cover > 0.99
        assert on.any()
        assert (profile.across[on] >= profile.edges[0] - 0.5).all()
        assert (profile.across[on] <= profile.edges[-1] + 0.5).all()


def test_that_a_missing_piece_is_a_part_of_a_band_and_runs_along_it(
    profiles: list[tuple[np.ndarray, Profile]],
) -> None:
    lengths = []
    for seed, (_, profile) in enumerate(profiles):
        piece = missing_piece(rng(seed), profile) > 0.5
        if not piece.any():
            continue
        along, across = profile.along[piece], profile.across[piece]
        slack = 0.5 * (profile.edges[-1] - profile.edges[0])
        assert across.min() >= profile.edges[0] - slack
        assert across.max() <= profile.edges[-1] + slack
        lengths.append(float(np.ptp(along)) / profile.length)
    assert len(lengths) > 20
    assert min(lengths) < 0.2


@pytest.mark.parametrize("effect", ALL_EFFECTS)
def test_that_a_defect_changes_the_place_it_is_at(effect: Effect) -> None:
    surface = PLAIN_SURFACES[0](rng(), SIDE)
    alpha = np.zeros((SIDE, SIDE), np.float32)
    alpha[30:60, 30:60] = 1
    change = np.abs(effect(rng(2), surface, alpha, 1.0) - surface).mean(2)
    assert change[alpha > 0].mean() > 10 * change[:15].mean()


def test_that_what_is_strongest_of_a_defect_often_lies_where_it_is_clicked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    surface = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    alpha = np.zeros((SIDE, SIDE), np.float32)
    alpha[12:84, 12:84] = 1

    def strongest_in_the_middle() -> int:
        changes = [np.abs(cored(rng(seed), surface, alpha, 1.0) - surface) for seed in range(60)]
        strength = [cv2.GaussianBlur(change.mean(2), (0, 0), 4) for change in changes]
        places = [np.unravel_index(int(one.argmax()), one.shape) for one in strength]
        return sum(max(abs(row - 48), abs(column - 48)) < 12 for row, column in places)

    often = strongest_in_the_middle()
    monkeypatch.setattr(defects, "_IN_THE_MIDDLE", 0.0)
    assert often > strongest_in_the_middle() + 3


def test_that_polish_changes_how_much_the_texture_stands_out() -> None:
    surface = PLAIN_SURFACES[0](rng(), SIDE)
    alpha = np.ones((SIDE, SIDE), np.float32)

    def detail(picture: np.ndarray) -> float:
        return float((picture - cv2.GaussianBlur(picture, (0, 0), 2)).std())

    changes = [
        detail(lustre(rng(seed), surface, alpha, 1.0)) / detail(surface) for seed in range(20)
    ]
    assert min(changes) < 0.7
    assert max(changes) > 1.4


def test_that_most_masks_are_what_somebody_would_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "_AS_DRAWN", 1.0)
    disc = np.hypot(*(np.indices((SIDE, SIDE)) - SIDE / 2)) < 15
    drawn = [dataset._as_drawn(rng(seed), disc) for seed in range(60)]
    alike = [(mask & disc).sum() / (mask | disc).sum() for mask in drawn]
    assert 0.3 < min(alike) < 0.9
    assert 0.85 < np.mean(alike) < 1
    generous = sum(int(mask.sum() > disc.sum()) for mask in drawn)
    assert 30 < generous < 60
    monkeypatch.setattr(dataset, "_AS_DRAWN", 0.0)
    assert dataset._as_drawn(rng(), disc) is disc


def test_that_a_thin_line_is_never_drawn_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "_AS_DRAWN", 1.0)
    line = np.zeros((SIDE, SIDE), bool)
    line[40, 10:80] = True
    drawn = [dataset._as_drawn(rng(seed), line) for seed in range(60)]
    assert min(int(mask.sum()) for mask in drawn) > 40


def test_that_a_data_set_gives_what_a_network_is_fed() -> None:
    image, mask, start = SceneDataset(seed=0, first=5, count=3, side_px=64)[1]
    assert image.shape == (3, 64, 64)
    assert mask.shape == start.shape == (64, 64)
    assert mask.any()


def test_that_a_data_set_goes_on_where_another_ended() -> None:
    before = SceneDataset(seed=0, first=0, count=8, side_px=64)[6]
    after = SceneDataset(seed=0, first=6, count=2, side_px=64)[0]
    assert all(bool((one == other).all()) for one, other in zip(before, after, strict=True))


def test_that_some_scenes_are_made_larger_and_reduced(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = []

    def noted(seed: tuple[int, int], side: int) -> Scene:
        sides.append(side)
        return make_scene(seed, side)

    monkeypatch.setattr(dataset, "make_scene", noted)
    scenes = SceneDataset(seed=0, first=0, count=40, side_px=64)
    shown = [scenes[number] for number in range(len(scenes))]
    assert set(sides) == {64, 96, 128, 192}
    assert all(image.shape == (3, 64, 64) and mask.shape == (64, 64) for image, mask, _ in shown)


@pytest.mark.parametrize(("too_near", "cut_off"), [(0, range(25)), (1, range(30, 41))])
def test_that_a_thing_seen_from_too_near_goes_on_beyond_the_border(
    too_near: float, cut_off: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "_CLOSER", 1)
    monkeypatch.setattr(dataset, "_TOO_NEAR", too_near)
    scenes = SceneDataset(seed=0, first=0, count=40, side_px=64)
    masks = [scenes[number][1].numpy() for number in range(len(scenes))]
    reach = [bool(np.pad(mask[1:-1, 1:-1], 1).sum() < mask.sum()) for mask in masks]
    assert sum(reach) in cut_off


def test_that_a_line_thinner_than_a_pixel_is_not_lost_when_reduced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def line(_seed: tuple[int, int], side: int) -> Scene:
        mask = np.zeros((side, side), bool)
        mask[side // 2] = True
        return Scene(np.zeros((side, side, 3), np.uint8), mask, np.zeros_like(mask))

    monkeypatch.setattr(dataset, "make_scene", line)
    monkeypatch.setattr(dataset, "_CLOSER", 0)
    monkeypatch.setattr(dataset, "_AS_DRAWN", 0)
    scenes = SceneDataset(seed=0, first=0, count=30, side_px=64)
    areas = [int(scenes[number][1].sum()) for number in range(len(scenes))]
    assert min(areas) == 64


def test_that_some_scenes_begin_with_a_mask() -> None:
    scenes = SceneDataset(seed=0, first=0, count=30, side_px=64)
    starts = [bool(scenes[number][2].any()) for number in range(len(scenes))]
    assert any(starts)
    assert not all(starts)


def test_that_who_draws_a_mask_wants_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    disc = np.hypot(*(np.indices((SIDE, SIDE)) - SIDE / 2)) < 15
    scene = Scene(np.zeros((SIDE, SIDE, 3), np.uint8), disc, np.zeros_like(disc))
    monkeypatch.setattr(dataset, "make_scene", lambda _seed, _side: scene)
    monkeypatch.setattr(dataset, "_REDUCED", {1: 1.0})
    monkeypatch.setattr(dataset, "_CLOSER", 0)
    monkeypatch.setattr(dataset, "_AS_DRAWN", 1.0)
    scenes = SceneDataset(seed=0, first=0, count=60, side_px=SIDE)
    shown = [scenes[number] for number in range(len(scenes))]
    is_there = [bool((wanted.numpy() == disc).all()) for _, wanted, _ in shown]
    is_started = [bool(start.any()) for *_, start in shown]
    assert 5 < sum(is_started) < 25
    assert all(there for there, started in zip(is_there, is_started, strict=True) if started)
    assert sum(is_there) < sum(is_started) + 15
