"""A U-Net's training from its run folder to its bundle, on photos of bright spots."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torchvision import models

from inspector_app.domain.errors import MissingWeightsError
from inspector_app.domain.opencv import cv2
from inspector_app.domain.overlap import count_pixels
from inspector_app.protocol.files import (
    BUNDLE_FOLDER,
    PREDICTIONS_FILE,
    DatasetItem,
    Prediction,
)
from inspector_app.protocol.messages import EpochEnded, ImageScored
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
from training.fit.run import run_training
from training.inference.bundle import load_bundle
from training.inference.run import run_inspection
from training.inference.segmentation import overlap_figures
from training.models.unet.card import UNetConfig
from training.models.unet.learner import UNetLearner
from training.models.unet.model import UNet

SMALL: dict[str, Any] = {
    "network": "mobilenet_v2",
    "pretrained": False,
    "epochs": 6,
    "image_size_px": 64,
    "tile_size_px": 64,
    "tiles_per_image": 4,
    "batch_size": 4,
    "split": "as_marked",
}


def write_run(folder: Path, items: list[DatasetItem], **config: Any) -> Path:
    return write_run_of("unet", folder, items, SMALL | config)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainedRun:
    folder = tmp_path_factory.mktemp("unet")
    items = spot_items(folder / "photos", {"train": 16, "val": 4, "test": 4})
    run = write_run(folder / "run", items, turns=True)
    listener = Listener()
    return TrainedRun(run, items, run_training(run, listener), listener)


def short_run(tmp_path: Path, *, goods: bool = True, **config: Any) -> Path:
    items = spot_items(tmp_path / "photos", {"train": 4, "val": 2}, goods=goods)
    return write_run(tmp_path / "run", items, **{"epochs": 1, "tiles_per_image": 2} | config)


def test_that_spots_are_found_after_a_few_epochs(trained: TrainedRun) -> None:
    assert trained.figures["dice"] > 0.5


def ground_photo(path: Path, *, seed: int, is_scratched: bool) -> np.ndarray[Any, Any]:
    """Write a photo of grinding marks from top to bottom, scratched across; return the scratch."""
    rng = np.random.default_rng(seed)
    photo = np.full((64, 64), 60.0)
    photo[:, rng.choice(60, 3, replace=False)[:, None] + np.arange(3)] = 160.0
    mask = np.zeros((64, 64), np.uint8)
    if is_scratched:
        top = int(rng.integers(4, 57))
        mask[top : top + 3] = 1
        photo[mask > 0] = 160.0
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.clip(photo + rng.normal(0, 4, photo.shape), 0, 255).astype(np.uint8))
    return mask


def test_that_defects_that_only_their_direction_tells_are_learned(tmp_path: Path) -> None:
    items = []
    for number in range(24):
        path = tmp_path / f"{number}.png"
        mask = ground_photo(path, seed=number, is_scratched=number % 2 == 1)
        split = "train" if number < 16 else "val" if number < 20 else "test"
        items.append(photo_item(path, split, mask if mask.any() else None))
    assert run_training(write_run(tmp_path / "run", items), Listener())["dice"] > 0.5


def test_that_good_and_defective_images_are_told_apart(trained: TrainedRun) -> None:
    assert trained.figures["image_auroc"] == 1.0


def test_that_a_bundle_knows_its_classes_and_its_start(trained: TrainedRun) -> None:
    card = load_bundle(trained.folder / BUNDLE_FOLDER, torch.device("cpu")).card
    assert (card.task, card.classes) == ("segmentation", ("good", "defective"))
    assert card.started_from.startswith("from scratch")


def test_that_a_bundle_inspects_images(trained: TrainedRun, tmp_path: Path) -> None:
    items = inspection_items(trained.items)
    figures = run_inspection(
        write_inspection(tmp_path / "batch", trained.folder, items), Listener()
    )
    assert (figures["images"], figures["failed"], figures["image_auroc"]) == (4, 0, 1.0)


def test_that_an_inspection_tells_where_the_defects_are(
    trained: TrainedRun, tmp_path: Path
) -> None:
    listener = Listener()
    items = inspection_items(trained.items)
    run_inspection(write_inspection(tmp_path / "batch", trained.folder, items), listener)
    drawn = {item.image_path: item.mask_counts for item in trained.items}
    for scored in listener.of(ImageScored):
        assert scored.called == ("defective" if drawn[scored.image_path] else "good")
        assert bool(scored.regions) is bool(drawn[scored.image_path])


def test_that_every_test_image_is_taken_for_something(trained: TrainedRun) -> None:
    predictions = read_lines(trained.folder / PREDICTIONS_FILE, Prediction)
    truths = [prediction.truth for prediction in predictions]
    assert sorted(truths) == ["defective"] * 2 + ["good"] * 2
    assert [prediction.called for prediction in predictions] == truths


def test_that_types_are_told_apart(tmp_path: Path) -> None:
    run = short_run(tmp_path, answers="types")
    run_training(run, Listener())
    card = load_bundle(run / BUNDLE_FOLDER, torch.device("cpu")).card
    assert card.classes == ("good", "spot")


def test_that_several_types_have_figures_of_their_own() -> None:
    truth, called = np.array([[0, 1, 1, 2]]), np.array([[0, 1, 2, 1]])
    figures = overlap_figures(count_pixels(truth, called, ("good", "dent", "spot")))
    assert figures["pixel_recall/dent"] == 0.5
    assert (figures["dice"], figures["never_learned"]) == (1.0, 1.0)


def test_that_one_type_has_no_figures_beside_those_of_all() -> None:
    truth, called = np.array([[0, 1]]), np.array([[0, 1]])
    figures = overlap_figures(count_pixels(truth, called, ("good", "defective")))
    assert set(figures) == {"dice", "iou", "pixel_recall"}


@pytest.mark.parametrize(("judged_by", "line"), [("peak", math.log(2.0)), ("area", 0.1)])
def test_that_the_line_is_at_even_odds_without_a_good_part(
    tmp_path: Path, judged_by: str, line: float
) -> None:
    run = short_run(tmp_path, goods=False, judged_by=judged_by)
    run_training(run, Listener())
    card = load_bundle(run / BUNDLE_FOLDER, torch.device("cpu")).card
    assert card.threshold.method == "equal_odds"
    assert card.threshold.value == pytest.approx(line)
    assert card.pixel_threshold == pytest.approx(math.log(2.0))


def test_that_a_cancelled_run_leaves_a_bundle_of_its_best_epoch(tmp_path: Path) -> None:
    run = short_run(tmp_path, epochs=3)
    with pytest.raises(Cancelled) as cancelled:
        run_training(run, Listener(cancel_on=lambda event: isinstance(event, EpochEnded)))
    assert cancelled.value.metrics["epochs"] == 1.0
    assert (run / BUNDLE_FOLDER).is_dir()


def test_that_an_encoder_starts_from_its_originals_weights() -> None:
    original = models.mobilenet_v2(weights=None).state_dict()
    config = UNetConfig.model_validate(SMALL)
    own = UNet(config, ("good", "defective"), original).state_dict()
    features = [name for name in original if name.startswith("features.")]
    assert all(torch.equal(own[f"network.encoder.{name}"], original[name]) for name in features)


def test_that_published_weights_see_the_same_while_they_learn() -> None:
    config = UNetConfig.model_validate(SMALL)
    model = UNet(config, ("good", "defective"), models.mobilenet_v2(weights=None).state_dict())
    learner = UNetLearner(model, config)
    image = torch.rand(1, 3, 64, 64)
    encoder = model.get_submodule("network.encoder")
    judged = encoder.eval()(image)
    learner.train()
    learner.on_train_start()
    torch.testing.assert_close(encoder(image), judged)


def test_that_weights_of_another_network_are_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    safetensors.torch.save_file(models.resnet18(weights=None).state_dict(), path)
    with pytest.raises(MissingWeightsError, match="no weights of mobilenet_v2"):
        run_training(short_run(tmp_path, weights_file=str(path)), Listener())


def test_that_an_image_is_judged_by_its_area_of_defects() -> None:
    config = UNetConfig.model_validate(SMALL | {"judged_by": "area"})
    torch.manual_seed(0)
    model = UNet(config, ("good", "a", "b")).eval()
    with torch.inference_mode():
        image = torch.rand(1, 3, 64, 64)
        score = model.score(image)[0].item()
        share_good = model.probabilities(image[0])[0].mean().item()
    assert score == pytest.approx(100 * (1 - share_good), rel=1e-4)
