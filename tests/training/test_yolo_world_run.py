"""YOLO-World's training from its run folder to its bundle, on photos of bright spots."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inspector_app.domain.mask import Mask
from inspector_app.protocol.files import (
    BUNDLE_FOLDER,
    BUNDLE_WEIGHTS_FILE,
    PREDICTIONS_FILE,
    DatasetItem,
    DrawnBox,
    Prediction,
)
from inspector_app.protocol.messages import EpochEnded, Progress
from tests.training.conftest import TrainedRun
from tests.training.parts import (
    Listener,
    inspection_items,
    photo_item,
    spot_items,
    write_inspection,
    write_run_of,
)
from training.context import Cancelled
from training.data.items import read_lines
from training.data.pictures import read_picture, to_batch
from training.fit.run import run_training
from training.inference.bundle import load_bundle
from training.inference.run import run_inspection
from training.models.yolo_world.model import YoloWorld

SMALL: dict[str, Any] = {
    "network": "yolov8s-worldv2",
    "pretrained": False,
    "epochs": 10,
    "image_size_px": 64,
    "batch_size": 4,
    "split": "as_marked",
    "mosaic": 0.0,
}
SPOT = "Fleck/hell ä"


def boxed_items(folder: Path, counts: dict[str, int], *, goods: bool = True) -> list[DatasetItem]:
    return spot_items(folder, counts, goods=goods, make_item=_boxed_item)


def _boxed_item(path: Path, split: Any, mask: np.ndarray[Any, Any] | None) -> DatasetItem:
    item = photo_item(path, split, mask)
    if mask is None or (box := Mask.from_array(mask).box) is None:
        return item
    edges = {"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom}
    boxes = (DrawnBox(class_name=SPOT, **edges),)
    return item.model_copy(update={"defect_type": SPOT, "boxes": boxes})


def write_run(folder: Path, items: list[DatasetItem], **config: Any) -> Path:
    return write_run_of("yolo_world", folder, items, SMALL | config)


class Trained(TrainedRun):
    """A run that has ended well; not to be changed."""

    @property
    def model(self) -> YoloWorld:
        model = load_bundle(self.folder / BUNDLE_FOLDER, torch.device("cpu")).model
        assert isinstance(model, YoloWorld)
        return model

    def spotted(self) -> DatasetItem:
        return next(item for item in self.items if item.split == "test" and item.is_defective)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("yolo")
    items = boxed_items(folder / "photos", {"train": 24, "val": 4, "test": 4})
    run = write_run(folder / "run", items)
    listener = Listener()
    return Trained(run, items, run_training(run, listener), listener)


def short_run(tmp_path: Path, *, goods: bool = True, **config: Any) -> Path:
    items = boxed_items(tmp_path / "photos", {"train": 4, "val": 2}, goods=goods)
    return write_run(tmp_path / "run", items, **{"epochs": 1} | config)


def test_that_the_loss_falls(trained: Trained) -> None:
    losses = [event.metrics["val_loss"] for event in trained.listener.of(EpochEnded)]
    assert losses[-1] < losses[0]


def test_that_spots_are_found_after_a_few_epochs(trained: Trained) -> None:
    assert trained.figures["map50"] > 0.5


def test_that_the_surest_box_lies_on_the_spot(trained: Trained) -> None:
    item = trained.spotted()
    with torch.inference_mode():
        [found] = trained.model.detect(to_batch([read_picture(item.image_path, 64)]))
    box = item.boxes[0]
    x, y = (found.edges[0, :2] + found.edges[0, 2:]).div(2).mul(48 / 64).tolist()
    assert box.left <= x <= box.right
    assert box.top <= y <= box.bottom


def test_that_good_and_defective_images_are_told_apart(trained: Trained) -> None:
    assert trained.figures["image_auroc"] == 1.0


def test_that_a_bundle_knows_its_classes_and_its_start(trained: Trained) -> None:
    card = load_bundle(trained.folder / BUNDLE_FOLDER, torch.device("cpu")).card
    assert (card.task, card.classes) == ("detection", ("good", SPOT))
    assert "closed set" in card.started_from


def test_that_a_bundle_is_no_pickle(trained: Trained) -> None:
    files = {path.name for path in (trained.folder / BUNDLE_FOLDER).iterdir()}
    assert files == {BUNDLE_WEIGHTS_FILE, "card.json"}


def test_that_a_bundle_inspects_images(trained: Trained, tmp_path: Path) -> None:
    items = inspection_items(trained.items)
    figures = run_inspection(
        write_inspection(tmp_path / "inspection", trained.folder, items), Listener()
    )
    assert (figures["failed"], figures["image_auroc"]) == (0.0, 1.0)
    assert figures["pixel_auroc"] > 0.9


def test_that_every_test_image_has_a_prediction(trained: Trained) -> None:
    predictions = read_lines(trained.folder / PREDICTIONS_FILE, Prediction)
    assert [p.truth for p in predictions].count(SPOT) == 2
    assert all(abs(sum(p.shares.values()) - 1) < 1e-6 for p in predictions)


def test_that_without_good_images_the_threshold_is_where_boxes_are_right(tmp_path: Path) -> None:
    run = short_run(tmp_path, goods=False)
    run_training(run, Listener())
    threshold = load_bundle(run / BUNDLE_FOLDER, torch.device("cpu")).card.threshold
    assert (threshold.method in {"best_boxes", "equal_odds"}, threshold.good_count) == (True, 0)


def test_that_many_types_with_odd_names_are_learned(tmp_path: Path) -> None:
    items = boxed_items(tmp_path / "photos", {"train": 90, "val": 2}, goods=False)
    named = [_renamed(item, f"Größe {number} / a,b: 裂") for number, item in enumerate(items)]
    named[-2:] = [_renamed(item, "Größe 0 / a,b: 裂") for item in items[-2:]]
    run = write_run(tmp_path / "run", named, epochs=1, batch_size=16)
    assert run_training(run, Listener())["epochs"] == 1
    card = load_bundle(run / BUNDLE_FOLDER, torch.device("cpu")).card
    assert len(card.classes) == 91


def _renamed(item: DatasetItem, name: str) -> DatasetItem:
    boxes = tuple(box.model_copy(update={"class_name": name}) for box in item.boxes)
    return item.model_copy(update={"defect_type": name, "boxes": boxes})


def test_that_a_cancelled_run_leaves_what_it_has(tmp_path: Path) -> None:
    run = short_run(tmp_path, epochs=50)
    listener = Listener(cancel_on=lambda event: isinstance(event, EpochEnded))
    with pytest.raises(Cancelled) as ended:
        run_training(run, listener)
    assert ended.value.metrics["epochs"] == 1
    assert (run / BUNDLE_FOLDER / BUNDLE_WEIGHTS_FILE).is_file()


def test_that_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    runs = [short_run(tmp_path / name, mosaic=1.0) for name in "ab"]
    losses = [run_training(run, Listener())["val_loss"] for run in runs]
    assert losses[0] == losses[1]


def test_that_training_neither_reaches_out_nor_writes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = short_run(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    monkeypatch.setattr(socket, "socket", _refuse)
    monkeypatch.setattr(socket, "getaddrinfo", _refuse)
    from ultralytics.utils import checks, downloads  # noqa: PLC0415

    for module, name in (
        (checks, "check_requirements"),
        (checks, "check_font"),
        (downloads, "safe_download"),
        (downloads, "attempt_download_asset"),
    ):
        monkeypatch.setattr(module, name, _refuse)
    run_training(run, Listener())
    assert list(home.iterdir()) == []
    assert "clip" not in sys.modules


def _refuse(*arguments: object, **_named: object) -> object:
    raise AssertionError(f"reached out: {arguments}")


def test_that_images_are_only_read(tmp_path: Path) -> None:
    run = short_run(tmp_path)
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in _files(tmp_path / "photos")}
    run_training(run, Listener())
    assert before == {
        p: (p.stat().st_mtime_ns, p.stat().st_size) for p in _files(tmp_path / "photos")
    }


def _files(folder: Path) -> list[Path]:
    return [Path(root) / name for root, _, names in os.walk(folder) for name in names]


def test_that_progress_is_told_after_every_step(trained: Trained) -> None:
    notes = {event.note for event in trained.listener.of(Progress)}
    assert {"epoch 1 of 10", "epoch 10 of 10"} <= notes
