"""What importers share: limits, edges, outlines and problems."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_images import HEIGHT, WIDTH, drawn, write_photo
from strategies import masks

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.formats.reading import (
    Sentences,
    box_from_edges,
    canonical,
    clean_class_name,
    files_below,
    image_size,
    mask_from_polygons,
    read_bytes,
    read_text,
    reason,
)

anything = st.floats(width=32) | st.floats(-5, 20)


def test_that_a_thousand_sentences_are_kept_and_the_rest_counted() -> None:
    sentences = Sentences(f"entry {number}" for number in range(1003)).all()
    assert len(sentences) == 1001
    assert sentences[-1] == "… and 3 more"


def test_that_an_endless_sentence_is_cut_in_the_middle() -> None:
    (sentence,) = Sentences([f"a.xml: {'x' * 10_000} is unknown"]).all()
    assert len(sentence) == 500
    assert sentence.startswith("a.xml: ")
    assert sentence.endswith(" is unknown")


def test_that_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big.json").write_bytes(b" " * (2**20 + 1))
    with pytest.raises(BadDataError, match=r"big\.json: 1 MB are more than the 1 MB"):
        read_bytes(tmp_path / "big.json", limit_mb=1)


def test_that_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=r"gone\.json: no such file"):
        read_bytes(tmp_path / "gone.json", limit_mb=1)


def test_that_a_file_that_cannot_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "a.json"
    path.touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(BadDataError, match=r"a\.json: cannot be read \(Permission denied\)"):
        read_bytes(path, limit_mb=1)


def test_that_text_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("ü".encode("latin-1"))
    with pytest.raises(BadDataError, match="UTF-8"):
        read_text(tmp_path / "a.txt", limit_mb=1)


def test_that_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("ü".encode("utf-8-sig"))
    assert read_text(tmp_path / "a.txt", limit_mb=1) == "ü"


def test_that_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    for name in ("b/a.TXT", "a.txt", ".a.txt", ".hidden/a.txt", "a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.txt").mkdir()
    assert files_below(tmp_path, frozenset({".txt"})) == ["a.txt", "b/a.TXT"]


def test_that_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="gone: no such folder"):
        files_below(tmp_path / "gone", frozenset({".txt"}))


def test_that_the_size_of_an_image_comes_from_its_header(tmp_path: Path) -> None:
    assert image_size(write_photo(tmp_path / "a.png")) == (WIDTH, HEIGHT)


def test_that_an_image_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=r"a\.png: cannot be read"):
        image_size(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["", "  ", "\n", "x" * 201])
def test_that_a_class_name_nobody_can_read_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="class"):
        clean_class_name(name)


def test_that_a_class_name_loses_the_space_around_it() -> None:
    assert clean_class_name(" deep  cut\n") == "deep  cut"


@pytest.mark.parametrize(
    ("edges", "box"),
    [
        ((1, 2, 4, 5), Box(1, 2, 4, 5)),
        ((0.6, 0.4, 3.6, 4.4), Box(1, 0, 4, 4)),
        ((-3, -1e300, 1e300, 99), Box(0, 0, WIDTH, HEIGHT)),
        ((2.1, 3.1, 2.2, 3.2), Box(2, 3, 3, 4)),
        ((WIDTH - 0.1, HEIGHT - 0.1, WIDTH, HEIGHT), Box(WIDTH - 1, HEIGHT - 1, WIDTH, HEIGHT)),
    ],
)
def test_that_a_box_is_rounded_to_pixels_inside_the_image(
    edges: tuple[float, float, float, float], box: Box
) -> None:
    assert box_from_edges(*edges, width=WIDTH, height=HEIGHT) == box


@pytest.mark.parametrize(
    "edges",
    [
        (math.nan, 0, 1, 1),
        (0, 0, math.inf, 1),
        (3, 0, 1, 1),
        (0, 3, 1, 3),
        (WIDTH, 0, WIDTH + 1, 1),
        (0, HEIGHT, 1, HEIGHT + 1),
        (-2, 0, 0, 1),
        (0, -2, 1, 0),
    ],
)
def test_that_a_box_without_a_pixel_of_the_image_is_refused(
    edges: tuple[float, float, float, float],
) -> None:
    with pytest.raises(ValueError, match="the box"):
        box_from_edges(*edges, width=WIDTH, height=HEIGHT)


@given(anything, anything, anything, anything)
def test_that_any_box_lies_in_the_image_or_is_refused(
    left: float, top: float, right: float, bottom: float
) -> None:
    try:
        box = box_from_edges(left, top, right, bottom, width=WIDTH, height=HEIGHT)
    except ValueError:
        return
    assert box.clipped(WIDTH, HEIGHT) == box


@given(masks())
def test_that_outlines_give_the_mask_back(mask: Mask) -> None:
    outlines = [(outline.ravel().tolist(), is_hole) for outline, is_hole in mask.outlines()]
    outer = [polygon for polygon, is_hole in outlines if not is_hole]
    if len(outer) == len(outlines):
        assert mask_from_polygons(outer, width=WIDTH, height=HEIGHT) == mask


@pytest.mark.parametrize(
    ("polygon", "problem"),
    [
        ([], "three"),
        ([0, 0, 1, 1], "three"),
        ([0, 0, 1, 1, 2], "three"),
        ([0, 0, 1, 1, math.nan, 2], "not a number"),
        ([0, 0, math.inf, 1, 2, 2], "not a number"),
    ],
)
def test_that_a_polygon_that_is_none_is_refused(polygon: list[float], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        mask_from_polygons([polygon], width=WIDTH, height=HEIGHT)


def test_that_an_outline_as_long_as_a_continent_is_refused() -> None:
    zigzag = [0.0, 0.0, 1e9, 1e9] * 500_000
    with pytest.raises(ValueError, match="too long"):
        mask_from_polygons([zigzag], width=WIDTH, height=HEIGHT)


@given(masks())
def test_that_a_canonical_mask_has_the_same_pixels(mask: Mask) -> None:
    np.testing.assert_array_equal(canonical(mask).to_array(), mask.to_array())


def test_that_run_lengths_with_empty_runs_become_the_usual_ones() -> None:
    odd = Mask.from_rle({"size": [1, 4], "counts": [1, 1, 0, 1, 1]})
    assert canonical(odd) == Mask.from_array(np.array([[0, 1, 1, 0]]))


def test_that_an_empty_mask_has_a_canonical_form() -> None:
    odd = Mask.from_rle({"size": [1, 4], "counts": [1, 0, 3]})
    assert canonical(odd) == drawn(width=4, height=1)


def test_that_a_reason_leaves_the_remedy_out() -> None:
    assert reason(BadDataError("wrong", "do it again")) == "wrong"
