"""What is said of a training before it is started."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector_app.domain.mask import Mask
from inspector_app.protocol.files import DatasetItem
from inspector_app.protocol.messages import Event, Progress, Remark
from tests.training.parts import SMALL, Listener, photo_items, truncate, write_run, write_run_of
from training.context import Cancelled
from training.data.doubts import Finding, find_doubts
from training.fit.preflight import check_training, find_rate, steepest

KINDS: dict[str, dict[str, Any]] = {
    "autoencoder": SMALL,
    "classifier": {"network": "own_resnet", "image_size_px": 32, "batch_size": 4},
    "unet": {
        "network": "mobilenet_v2",
        "image_size_px": 64,
        "tile_size_px": 64,
        "pretrained": False,
        "batch_size": 4,
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_check_measures_every_kind_and_leaves_nothing(tmp_path: Path, kind: str) -> None:
    items = photo_items(tmp_path / "photos", train=14, val=6, test=20)
    run = write_run_of(kind, tmp_path / "run", items, KINDS[kind])
    found = check_training(run, Listener())
    assert sorted(path.name for path in run.iterdir()) == ["dataset.jsonl", "job.json"]
    assert found["train_images"] >= 14
    assert 0 < found["step_seconds"] < found["epoch_seconds"] < found["run_seconds"]
    assert found["memory_mb"] > 1


def test_that_findings_are_told_one_by_one(tmp_path: Path) -> None:
    items = photo_items(tmp_path / "photos", train=4)
    listener = Listener()
    check_training(write_run(tmp_path / "run", items), listener)
    said: list[Remark] = listener.of(Remark)
    assert [remark.text for remark in said if not remark.is_warning][:3] == [
        "train: 4 good",
        "val: 3 good",
        "test: 2 good, 2 spot",
    ]
    assert any("only 4 images of good" in remark.text for remark in said if remark.is_warning)


def test_that_unreadable_images_are_told_and_not_measured(tmp_path: Path) -> None:
    items = photo_items(tmp_path / "photos", train=6)
    truncate(items[0].image_path)
    listener = Listener()
    found = check_training(write_run(tmp_path / "run", items), listener)
    assert found["unreadable_images"] == 1
    [text] = [one.text for one in listener.of(Remark) if "cannot be read" in one.text]
    assert "train/0.png (the PNG ends too early)" in text


@pytest.mark.parametrize("look", [check_training, find_rate])
def test_that_a_cancelled_look_ends(tmp_path: Path, look: Callable[..., Any]) -> None:
    run = write_run(tmp_path / "run", photo_items(tmp_path / "photos"))
    listener = Listener(lambda event: isinstance(event, Progress))
    with pytest.raises(Cancelled):
        look(run, listener)


def test_that_a_cancelled_search_ends_between_steps(tmp_path: Path) -> None:
    def is_trying(event: Event) -> bool:
        return isinstance(event, Progress) and event.note == "trying rates"

    run = write_run(tmp_path / "run", photo_items(tmp_path / "photos"))
    with pytest.raises(Cancelled):
        find_rate(run, listener := Listener(is_trying))
    assert len([e for e in listener.events if is_trying(e)]) == 1


def test_that_the_rate_of_the_steepest_fall_is_found() -> None:
    rates = [10.0**n for n in range(-6, 0)]
    assert steepest(rates, [1.0, 1.0, 0.95, 0.4, 0.35, 2.0]) == 1e-4
    assert steepest([1e-6], [1.0]) == 1e-6


def test_that_a_rate_is_found_that_a_network_learns_at(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", photo_items(tmp_path / "photos", test=0))
    rate = find_rate(run, Listener())["learning_rate"]
    assert 1e-6 < rate < 1e-1


# ---------------------------------------------------------------- data


def doubts(items: list[DatasetItem], *, size_px: int = 64, learns_masks: bool = True) -> list[str]:
    roles = {
        role: [item.image_path for item in items if item.split == role]
        for role in ("train", "val", "test")
    }
    found: list[Finding] = find_doubts(items, roles, size_px=size_px, learns_masks=learns_masks)
    return [finding.text for finding in found if finding.is_warning]


def test_that_types_are_told_as_words(tmp_path: Path) -> None:
    items = [
        item.model_copy(update={"defect_type": "chipped_edge", "is_defective": True})
        for item in photo_items(tmp_path, test=0)
    ]
    assert "only 8 images" not in (text := " ".join(doubts(items[:3], learns_masks=False)))
    assert "chipped edge" in text
    assert "chipped_edge" not in text


def test_that_a_type_nobody_holds_out_is_named(tmp_path: Path) -> None:
    items = photo_items(tmp_path, test=0)
    spots = [
        item.model_copy(update={"is_defective": True, "defect_type": "spot"}) for item in items[:5]
    ]
    assert "no image of spot is held out" in doubts([*spots, *items[5:]], learns_masks=False)[1]


def test_that_defects_without_a_mask_are_counted_where_masks_are_learned(tmp_path: Path) -> None:
    items = photo_items(tmp_path)
    bare = [item.model_copy(update={"mask_counts": "", "mask_size": None}) for item in items]
    [text] = doubts(bare)
    assert text.startswith("2 defective images have nothing drawn")
    assert doubts(bare, learns_masks=False) == []


def scratch(items: list[DatasetItem], width_px: int) -> list[DatasetItem]:
    """Draw a long scratch in the last image of 1000 px."""
    mask = np.zeros((1000, 1000), np.uint8)
    mask[100:900, 500 : 500 + width_px] = 1
    rle = Mask.from_array(mask)
    drawn = items[-1].model_copy(update={"mask_size": (1000, 1000), "mask_counts": rle.counts})
    bare = [item.model_copy(update={"mask_counts": "", "mask_size": None}) for item in items[:-1]]
    return [*bare, drawn]


def test_that_a_scratch_that_vanishes_is_told_with_its_remedy(tmp_path: Path) -> None:
    [text] = doubts(scratch(photo_items(tmp_path), 6), size_px=256, learns_masks=False)
    assert text.startswith(
        "a defect 6 px wide becomes 1.5 px at 256 × 256 px: raise the image size"
    )


def test_that_a_wide_defect_is_no_doubt(tmp_path: Path) -> None:
    items = scratch(photo_items(tmp_path), 30)
    assert doubts(items, size_px=256, learns_masks=False) == []


def test_that_a_damaged_mask_is_no_reason_to_stop(tmp_path: Path) -> None:
    items = photo_items(tmp_path)
    spoilt = items[-1].model_copy(update={"mask_counts": "nonsense"})
    doubts([*items[:-1], spoilt])
