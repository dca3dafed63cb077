"""The frozen data set, its roles and its pictures."""

import logging
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import DATASET_FILE, DatasetItem, InspectionItem, TrainingJob
from tests.training.parts import photo_items, truncate
from training.data import pictures
from training.data.items import assign_roles, read_job, read_lines
from training.data.pictures import Pictures, read_picture, to_batch, truth_mask
from training.data.prefetch import prefetch

DATASET = Path(DATASET_FILE)


def good_items(*, train: int, val: int = 0) -> list[DatasetItem]:
    splits = ["train"] * train + ["val"] * val
    return [
        DatasetItem.model_validate(
            {"image_path": f"/photos/{n}.png", "split": split, "is_defective": False}
        )
        for n, split in enumerate(splits)
    ]


def test_that_defective_images_are_never_trained_on() -> None:
    bad = DatasetItem(image_path="/photos/bad.png", split="train", is_defective=True)
    roles = assign_roles([bad, *good_items(train=3, val=1)], source=DATASET)
    assert bad not in roles.train + roles.val


def test_that_marked_validation_images_are_used_as_they_are() -> None:
    items = good_items(train=5, val=2)
    roles = assign_roles(items, source=DATASET)
    assert (roles.train, roles.val) == (tuple(items[:5]), tuple(items[5:]))


@given(st.integers(2, 60))
def test_that_without_validation_images_some_are_held_out(count: int) -> None:
    items = good_items(train=count)
    roles = assign_roles(items, source=DATASET)
    assert roles.train
    assert roles.val
    assert sorted(roles.train + roles.val, key=items.index) == items


def test_that_the_same_images_are_held_out_whatever_their_order() -> None:
    items = good_items(train=20)
    held_out, backwards = (
        {item.image_path for item in assign_roles(order, source=DATASET).val}
        for order in (items, items[::-1])
    )
    assert held_out == backwards


def test_that_holding_out_is_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assign_roles(good_items(train=10), source=DATASET)
    assert "2 of 10 good images are held out" in caplog.text


@pytest.mark.parametrize(("train", "val"), [(0, 0), (1, 0), (0, 5)])
def test_that_too_few_good_images_are_refused(train: int, val: int) -> None:
    with pytest.raises(BadDataError, match=rf"{DATASET_FILE}: {train} good images") as refusal:
        assign_roles(good_items(train=train, val=val), source=DATASET)
    assert "at least two good images" in refusal.value.hint


def test_that_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / DATASET_FILE
    path.write_text(good_items(train=1)[0].model_dump_json() + '\n\n{"image_path": 3}\n')
    with pytest.raises(BadDataError, match="line 3"):
        read_lines(path, DatasetItem)


def test_that_a_job_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    job = TrainingJob(protocol=0, job_id="a", model_kind="autoencoder")
    path.write_text(job.model_dump_json())
    with pytest.raises(BadDataError, match="protocol 0"):
        read_job(path, TrainingJob)


@pytest.mark.parametrize("text", [None, "", "{}", '{"job_id": 1}'])
def test_that_a_missing_or_damaged_job_is_refused_by_name(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "job.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadDataError, match=r"job\.json"):
        read_job(path, TrainingJob)


def test_that_a_reduced_pixel_is_the_mean_of_its_area(tmp_path: Path) -> None:
    path = tmp_path / "stripes.png"
    stripes = np.zeros((128, 128, 3), np.uint8)
    stripes[:, ::2] = 200
    cv2.imwrite(str(path), stripes)
    assert np.unique(read_picture(str(path), 64)).tolist() == [100]


def test_that_a_picture_keeps_its_colours(tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    cv2.imwrite(str(path), np.full((9, 7, 3), (10, 20, 200), np.uint8))
    assert read_picture(str(path), 64)[5, 5].tolist() == [200, 20, 10]


def test_that_a_batch_has_channels_first_and_ends_at_one() -> None:
    batch = to_batch([np.full((4, 4, 3), (0, 51, 255), np.uint8)])
    assert batch[:, :, 0, 0].tolist() == [[0.0, pytest.approx(0.2), 1.0]]


def test_that_a_missing_file_is_refused_by_name() -> None:
    with pytest.raises(BadDataError, match=r"/nowhere/part\.png: cannot be read"):
        read_picture("/nowhere/part.png", 64)


def test_that_a_truncated_image_is_left_out_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths = [item.image_path for item in photo_items(tmp_path, train=3, val=0, test=0)]
    truncate(paths[1])
    found = Pictures(paths, 64)
    found.read(lambda _done: None)
    assert (found.paths, found.skipped) == ([paths[0], paths[2]], [paths[1]])
    assert f"image left out: {paths[1]}" in caplog.text


def test_that_pictures_too_large_to_keep_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [item.image_path for item in photo_items(tmp_path, train=5, val=0, test=0)]
    kept, not_kept = Pictures(paths, 64), Pictures(paths, 64)
    kept.read(lambda _done: None)
    monkeypatch.setattr(pictures, "CACHE_LIMIT_BYTES", 0)
    not_kept.read(lambda _done: None)
    expected = np.concatenate([batch.numpy() for batch in kept.loader(2)])
    assert np.array_equal(np.concatenate([b.numpy() for b in not_kept.loader(2)]), expected)


def test_that_training_batches_are_never_incomplete(tmp_path: Path) -> None:
    paths = [item.image_path for item in photo_items(tmp_path, train=7, val=0, test=0)]
    found = Pictures(paths, 64)
    found.read(lambda _done: None)
    assert [len(batch) for batch in found.training_loader(3, seed=0)] == [3, 3]


def test_that_reading_ends_when_the_listener_says_so(tmp_path: Path) -> None:
    paths = [item.image_path for item in photo_items(tmp_path, train=5, val=0, test=0)]

    def refuse(done: int) -> None:
        if done == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        Pictures(paths, 64).read(refuse)


def item_with_mask(mask: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> InspectionItem:
    rle = Mask.from_array(mask)
    return InspectionItem(
        image_path="a.png",
        is_defective=True,
        mask_size=(rle.height, rle.width),
        mask_counts=rle.counts,
    )


def test_that_a_reduced_mask_is_set_where_half_of_the_area_is() -> None:
    mask = np.zeros((128, 128), np.uint8)
    mask[:, 1:3] = 1  # Half of the first two columns of 64.
    mask[0, 10] = 1  # A quarter of a pixel.
    truth = truth_mask(item_with_mask(mask), 64)
    assert truth is not None
    assert np.flatnonzero(truth.any(0)).tolist() == [0, 1]
    assert truth[:, :2].all()


@pytest.mark.parametrize(
    ("item", "is_known"),
    [
        (InspectionItem(image_path="a.png", is_defective=False), True),
        (InspectionItem(image_path="a.png", is_defective=None), False),
        (InspectionItem(image_path="a.png", is_defective=True), False),
        (
            InspectionItem(
                image_path="a.png", is_defective=True, mask_size=(9, 9), mask_counts="04"
            ),
            False,
        ),
    ],
)
def test_that_pixels_are_known_of_good_parts_and_of_whole_masks_only(
    item: InspectionItem, is_known: bool
) -> None:
    assert (truth_mask(item, 64) is not None) is is_known


@given(st.lists(st.integers()), st.integers(1, 5), st.integers(1, 9))
def test_that_prefetching_keeps_the_order(items: list[int], threads: int, ahead: int) -> None:
    doubled = prefetch(lambda item: 2 * item, items, threads=threads, ahead=ahead)
    assert list(doubled) == [2 * item for item in items]


def test_that_prefetching_looks_no_further_ahead_than_asked() -> None:
    begun: list[int] = []
    results = prefetch(lambda item: begun.append(item) or item, range(100), threads=1, ahead=4)
    next(results)
    results.close()
    assert max(begun) < 4


def test_that_an_error_arrives_at_its_items_turn() -> None:
    results = prefetch(lambda item: 1 // item, [2, 1, 0, 1], threads=2, ahead=4)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_that_no_prefetching_thread_is_left_behind() -> None:
    results = prefetch(abs, range(50), threads=3, ahead=6)
    next(results)
    results.close()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("prefetch")]
