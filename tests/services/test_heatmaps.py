from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.opencv import cv2
from inspector_app.services.heatmaps import (
    PALETTES,
    HeatmapScale,
    colourise,
    contours,
    read_heatmap,
)

SCALE = HeatmapScale(median=0.2, threshold=0.6)


def flat(value: float, size: int = 4) -> np.ndarray:
    return np.full((size, size), value, np.float32)


def colour_of(value: float, scale: HeatmapScale = SCALE, palette: str = "inferno") -> list[int]:
    pixels = colourise(flat(value), scale, palette=palette, width=6, height=5)
    assert pixels.shape == (5, 6, 4)
    assert (pixels == pixels[0, 0]).all()
    return [int(v) for v in pixels[0, 0]]


def write_heatmap(path: Path, values: np.ndarray) -> bytes:
    encoded = cv2.imencode(".png", values)[1].tobytes()
    path.write_bytes(encoded)
    return encoded


# ---------------------------------------------------------------- files


def test_that_a_heatmap_is_read_with_its_scale(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_heatmap(path, np.array([[0, 65535], [13107, 26214]], np.uint16))
    heatmap = read_heatmap(path, 2.5)
    assert heatmap.dtype == np.float32
    np.testing.assert_allclose(heatmap, [[0.0, 2.5], [0.5, 1.0]], rtol=1e-6)


@pytest.mark.parametrize("damage", ["gone", "empty", "nonsense", "cut off", "8 bit", "colour"])
def test_that_a_missing_or_damaged_heatmap_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.png"
    if damage != "gone":
        whole = write_heatmap(path, np.zeros((64, 64), np.uint16))
        content = {"empty": b"", "nonsense": b"no image", "cut off": whole[:-20]}
        if damage in content:
            path.write_bytes(content[damage])
    if damage == "8 bit":
        write_heatmap(path, np.zeros((4, 4), np.uint8))
    if damage == "colour":
        write_heatmap(path, np.zeros((4, 4, 3), np.uint16))
    with pytest.raises(BadDataError, match=r"a\.png"):
        read_heatmap(path, 1.0)


# ---------------------------------------------------------------- colours


@pytest.mark.parametrize("value", [0.0, 0.2])
def test_that_nothing_covers_a_part_up_to_the_median(value: float) -> None:
    assert colour_of(value)[3] == 0


def test_that_a_part_is_covered_from_the_threshold_on() -> None:
    assert colour_of(0.6)[3] == 255
    assert colour_of(0.59)[3] < 255


@pytest.mark.parametrize("palette", PALETTES)
def test_that_the_ends_and_the_middle_of_the_palette_are_where_the_scale_says(
    palette: str,
) -> None:
    ramp = cv2.applyColorMap(
        np.arange(256, dtype=np.uint8)[:, None],
        getattr(cv2, f"COLORMAP_{palette.upper()}"),
    )[:, 0, ::-1].tolist()
    assert colour_of(0.2, palette=palette)[:3] == ramp[0]
    assert colour_of(0.6, palette=palette)[:3] == ramp[128]
    assert colour_of(1.0, palette=palette)[:3] == ramp[255]
    assert colour_of(5.0, palette=palette)[:3] == ramp[255]


@given(
    values=st.tuples(st.floats(0, 2), st.floats(0, 2)),
    median=st.floats(0, 1),
    up=st.floats(0.01, 1),
)
def test_that_a_larger_value_is_never_fainter(
    values: tuple[float, float], median: float, up: float
) -> None:
    scale = HeatmapScale(median, median + up)
    low, high = sorted(values)
    assert colour_of(low, scale)[3] <= colour_of(high, scale)[3]


@pytest.mark.parametrize("threshold", [0.1, 0.0, -0.5])
def test_that_a_threshold_below_the_median_makes_everything_above_it_hot(
    threshold: float,
) -> None:
    scale = HeatmapScale(median=0.2, threshold=threshold)
    assert colour_of(threshold + 0.05, scale)[3] == 255
    assert colour_of(threshold - 0.05, scale)[3] == 0


def test_that_two_images_share_their_scale() -> None:
    faint, strong = np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32)
    faint[1, 1], strong[1, 1] = 0.4, 0.9
    strong[2, 2] = 0.4
    pictures = [colourise(h, SCALE, palette="turbo", width=4, height=4) for h in (faint, strong)]
    assert pictures[0][1, 1].tolist() == pictures[1][2, 2].tolist()


# ---------------------------------------------------------------- contours


def test_that_a_contour_surrounds_what_reaches_the_threshold() -> None:
    heatmap = flat(0.0, 20)
    heatmap[5:10, 4:12] = 1.0
    (polygon,) = contours(heatmap, 1.0, width=20, height=20)
    assert polygon.min(axis=0).tolist() == [4.5, 5.5]
    assert polygon.max(axis=0).tolist() == [11.5, 9.5]


def test_that_a_contour_is_in_image_pixels() -> None:
    heatmap = flat(0.0, 16)
    heatmap[4:8, 4:8] = 1.0
    (polygon,) = contours(heatmap, 0.5, width=160, height=320)
    np.testing.assert_allclose(polygon.mean(axis=0), [60, 120], atol=2)


def test_that_a_hole_has_a_contour_of_its_own() -> None:
    heatmap = flat(1.0, 20)
    heatmap[8:12, 8:12] = 0.0
    assert len(contours(heatmap, 0.5, width=20, height=20)) == 2


def test_that_a_single_pixel_can_be_seen() -> None:
    heatmap = flat(0.0, 10)
    heatmap[3, 6] = 1.0
    (polygon,) = contours(heatmap, 0.5, width=10, height=10)
    assert polygon.tolist() == [[6.0, 3.0], [7.0, 3.0], [7.0, 4.0], [6.0, 4.0]]


def test_that_a_good_part_has_no_contour() -> None:
    assert contours(flat(0.1), 0.5, width=40, height=40) == []
