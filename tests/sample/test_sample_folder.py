"""The folder: MVTec's layout, whole or not at all, made once."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspector_app.domain.dataset import Split, list_folder
from inspector_app.domain.errors import BadDataError, DiskFullError
from inspector_app.domain.opencv import cv2
from inspector_app.sample import PRODUCTS, Product, create_sample, photograph, product_named, write


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Make samples of very few photos; return how many of the first product."""
    for name in ("TRAIN_GOOD_COUNT", "TEST_GOOD_COUNT", "DEFECTIVE_COUNT"):
        monkeypatch.setattr(write, name, 1)
    return 2 + len(PRODUCTS[0].defect_types)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def files_below(folder: Path) -> list[str]:
    return [
        path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()
    ]


# ---- a whole sample


def test_that_the_folder_is_mvtecs_without_a_remark(sample: Path, product: Product) -> None:
    listing = list_folder(files_below(sample))
    assert listing.is_mvtec
    assert listing.remarks == ()
    test = [entry for entry in listing.entries if entry.split is Split.TEST]
    train = [entry for entry in listing.entries if entry.split is Split.TRAIN]
    assert (len(train), {entry.defect_type for entry in train}) == (60, {"good"})
    assert sum(entry.defect_type == "good" for entry in test) == 16
    for defect in product.defect_types:
        of_type = [entry for entry in test if entry.defect_type == defect.name]
        assert len(of_type) == 7
        assert all(entry.mask_path for entry in of_type)


def test_that_the_files_hold_the_photos_and_their_masks(sample: Path, product: Product) -> None:
    defect = product.defect_types[1].name
    expected = photograph(product, "test", defect, 4, seed=0)
    image = pixels_of(sample / "test" / defect / "004.png")
    mask = pixels_of(sample / "ground_truth" / defect / "004_mask.png")
    assert np.array_equal(image[:, :, ::-1], expected.image)
    assert np.array_equal(mask, expected.mask * np.uint8(255))


def pixels_of(path: Path) -> NDArray[Any]:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_that_others_may_read_the_sample(sample: Path) -> None:
    assert sample.stat().st_mode & 0o777 == 0o755


# ---- again


def test_that_a_finished_sample_is_not_made_again(tmp_path: Path, few: int) -> None:
    first = create_sample(tmp_path)
    calls: list[tuple[int, int]] = []
    marked = first / "train/good/000.png"
    marked.write_bytes(b"touched by somebody")
    assert create_sample(tmp_path, progress=lambda *call: calls.append(call)) == first
    assert calls == []
    assert marked.read_bytes() == b"touched by somebody"


def test_that_two_samples_of_one_seed_are_equal(tmp_path: Path, few: int) -> None:
    first, second = create_sample(tmp_path / "a"), create_sample(tmp_path / "b")
    assert snapshot(first) == snapshot(second)


def test_that_products_lie_side_by_side(tmp_path: Path, few: int) -> None:
    folders = [create_sample(tmp_path, product=product.name) for product in PRODUCTS]
    assert sorted(folders) == sorted(tmp_path.iterdir())


def test_that_lost_files_come_back(tmp_path: Path, few: int) -> None:
    folder = create_sample(tmp_path)
    whole = snapshot(folder)
    (folder / "test/good/000.png").unlink()
    assert snapshot(create_sample(tmp_path)) == whole
    assert list(tmp_path.iterdir()) == [folder]


def test_that_a_sample_of_an_older_version_is_kept(tmp_path: Path, few: int) -> None:
    folder = create_sample(tmp_path)
    card = json.loads((folder / "sample.json").read_text())
    (folder / "sample.json").write_text(json.dumps(card | {"form": 0}))
    before = snapshot(folder)
    assert snapshot(create_sample(tmp_path)) == before


# ---- what is in the way


def test_that_a_sample_of_another_seed_is_not_replaced(tmp_path: Path, few: int) -> None:
    folder = create_sample(tmp_path, seed=1)
    before = snapshot(folder)
    with pytest.raises(BadDataError, match="something other than this sample"):
        create_sample(tmp_path, seed=2)
    assert snapshot(folder) == before


def test_that_an_incomplete_sample_of_an_older_version_is_not_mixed(
    tmp_path: Path, few: int
) -> None:
    folder = create_sample(tmp_path)
    card = json.loads((folder / "sample.json").read_text())
    (folder / "sample.json").write_text(json.dumps(card | {"form": 0}))
    (folder / "test/good/000.png").unlink()
    with pytest.raises(BadDataError, match="something other than this sample"):
        create_sample(tmp_path)


@pytest.mark.parametrize("card", [None, "{}", "no JSON", '{"form": 1, "surprise": 2}', "[]"])
def test_that_somebody_elses_folder_is_left_alone(
    tmp_path: Path, few: int, card: str | None
) -> None:
    folder = tmp_path / PRODUCTS[0].name
    folder.mkdir()
    (folder / "holiday.png").write_bytes(b"precious")
    if card is not None:
        (folder / "sample.json").write_text(card)
    before = snapshot(folder)
    with pytest.raises(BadDataError, match="something other than this sample"):
        create_sample(tmp_path)
    assert snapshot(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


# ---- progress and faults


def test_that_progress_is_told_from_nothing_to_all(tmp_path: Path, few: int) -> None:
    calls: list[tuple[int, int]] = []
    create_sample(tmp_path, progress=lambda *call: calls.append(call))
    assert calls == [(done, few) for done in range(few + 1)]


def test_that_a_stopped_sample_leaves_nothing(tmp_path: Path, few: int) -> None:
    class Stopped(Exception):  # noqa: N818  (it is no error)
        pass

    def stop_after_three(done: int, _total: int) -> None:
        if done == 3:
            raise Stopped

    with pytest.raises(Stopped):
        create_sample(tmp_path, progress=stop_after_three)
    assert list(tmp_path.iterdir()) == []


def test_that_a_full_disk_leaves_nothing_and_says_so(
    tmp_path: Path, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Path.write_bytes

    def full_after_two(path: Path, data: bytes) -> int:
        if len(files_below(tmp_path)) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return original(path, data)

    monkeypatch.setattr(Path, "write_bytes", full_after_two)
    with pytest.raises(DiskFullError, match=PRODUCTS[0].name):
        create_sample(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_that_a_folder_that_cannot_be_made_is_named(tmp_path: Path, few: int) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(BadDataError, match="taken"):
        create_sample(tmp_path / "taken")


def test_that_an_unknown_product_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="bottle"):
        create_sample(tmp_path, product="bottle")
    assert product_named("flange").name == "flange"
