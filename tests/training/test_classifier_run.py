"""A classifier from its run folder to its bundle, and the weights it starts from."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torchvision import models

from inspector_app import paths
from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import (
    BUNDLE_FOLDER,
    PREDICTIONS_FILE,
    DatasetItem,
    Prediction,
)
from inspector_app.protocol.messages import EpochEnded, Event, ImageScored, Progress
from inspector_app.protocol.weights import WeightsEntry, WeightsManifest
from tests.training.parts import Listener, inspection_items, write_inspection, write_run_of
from training.context import Cancelled
from training.data.items import read_lines
from training.files import sha256_of
from training.fit.run import run_training
from training.inference.bundle import load_bundle
from training.inference.recognition import recognise
from training.inference.run import run_inspection
from training.models.classifier.card import ClassifierConfig
from training.models.start import PUBLISHED, choose_start
from training.weights import WeightsShelf

CPU = torch.device("cpu")
SMALL: dict[str, Any] = {
    "network": "own_resnet",
    "image_size_px": 32,
    "batch_size": 6,
    "epochs": 4,
    "learning_rate": 3e-3,
    "crop": False,
}
FILLS = {"good": (60, 60, 60), "bright": (220, 220, 220), "red": (30, 30, 230)}


def write_photos(folder: Path, **counts: int) -> list[DatasetItem]:
    """Write noisy photos of one colour each and return their data set."""
    items: list[DatasetItem] = []
    rng = np.random.default_rng(0)
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            path = folder / name / f"{number}.png"
            photo = np.array(FILLS[name]) + rng.normal(0, 12, (32, 32, 3))
            cv2.imwrite(str(path), np.clip(photo, 0, 255).astype(np.uint8))
            is_defective = name != "good"
            items.append(
                DatasetItem(
                    image_path=str(path),
                    split="test",
                    is_defective=is_defective,
                    defect_type=name,
                )
            )
    return items


def write_run(folder: Path, items: list[DatasetItem], **config: Any) -> Path:
    return write_run_of("classifier", folder, items, SMALL | config)


class Trained:
    """A run that has ended well; not to be changed."""

    def __init__(self, folder: Path) -> None:
        self.items = write_photos(folder / "photos", good=16, bright=12, red=6)
        self.folder = write_run(folder / "run", self.items, neighbours=3, overkill=0.3)
        self.listener = Listener()
        self.figures = run_training(self.folder, self.listener)
        self.predictions = read_lines(self.folder / PREDICTIONS_FILE, Prediction)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return Trained(tmp_path_factory.mktemp("classifier"))


def test_that_colours_are_told_apart(trained: Trained) -> None:
    assert trained.figures["accuracy"] == 1.0
    assert trained.figures["image_auroc"] == 1.0


def test_that_the_figures_of_a_run_are_complete_and_finite(trained: Trained) -> None:
    assert set(trained.figures) == {
        "epochs",
        "best_epoch",
        "val_loss",
        "threshold",
        "skipped_images",
        "pretrained",
        "test_images",
        "accuracy",
        "macro_recall",
        "macro_f1",
        "tail_recall",
        "never_learned",
        "image_auroc",
    }
    assert all(math.isfinite(value) for value in trained.figures.values())


def test_that_every_epoch_has_losses_and_recall(trained: Trained) -> None:
    epochs: list[EpochEnded] = trained.listener.of(EpochEnded)
    assert [event.epoch for event in epochs] == [1, 2, 3, 4]
    assert all({"train_loss", "val_loss", "val_recall"} == set(e.metrics) for e in epochs)


def test_that_every_held_out_image_has_a_prediction(trained: Trained) -> None:
    splits = [prediction.split for prediction in trained.predictions]
    assert (splits.count("val"), splits.count("test")) == (5, 5)
    assert all(sum(p.shares.values()) == pytest.approx(1.0, abs=1e-5) for p in trained.predictions)


def test_that_predictions_name_the_folders_type(trained: Trained) -> None:
    assert all(Path(p.image_path).parent.name == p.truth for p in trained.predictions)


def test_that_the_confusion_matrix_follows_from_the_predictions(trained: Trained) -> None:
    classes = ("good", "bright", "red")
    assert recognise(trained.predictions, classes).accuracy == 1.0


def test_that_the_bundle_names_its_classes_and_where_it_started(trained: Trained) -> None:
    card = load_bundle(trained.folder / BUNDLE_FOLDER, CPU).card
    assert card.classes == ("good", "bright", "red")
    assert card.started_from.startswith("from scratch")
    assert (card.threshold.method, card.threshold.good_count) == ("max_plus_margin", 2)


def test_that_a_loaded_bundle_answers_as_the_run_did(trained: Trained) -> None:
    model = load_bundle(trained.folder / BUNDLE_FOLDER, CPU).model
    [prediction] = [p for p in trained.predictions if p.split == "test"][:1]
    pixels = cv2.imread(prediction.image_path)[:, :, ::-1].copy()
    image = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        score, _ = model.score(image)
    assert float(score) == pytest.approx(-math.log(prediction.shares["good"]), rel=1e-2, abs=1e-5)


def test_that_the_bundle_remembers_every_training_image(trained: Trained) -> None:
    model = load_bundle(trained.folder / BUNDLE_FOLDER, CPU).model
    assert model.retrieval.memory.shape == (24, 256)  # type: ignore[union-attr]
    assert model.class_counts.tolist() == [12, 8, 4]


def test_that_a_run_leaves_nothing_but_what_the_design_names(trained: Trained) -> None:
    assert sorted(path.name for path in trained.folder.rglob("*")) == [
        "best.ckpt",
        "bundle",
        "card.json",
        "dataset.jsonl",
        "job.json",
        "last.ckpt",
        "model.safetensors",
        "predictions.jsonl",
        "previous.ckpt",
        "run.lock",
        "start.json",
    ]


def test_that_the_same_seed_gives_the_same_losses(trained: Trained, tmp_path: Path) -> None:
    again = Listener()
    run_training(write_run(tmp_path, trained.items, neighbours=3, overkill=0.3), again)
    first = [event.metrics for event in trained.listener.of(EpochEnded)]
    assert [event.metrics for event in again.of(EpochEnded)] == first


@pytest.mark.parametrize(
    "settings",
    [
        {"imbalance": "inverse_frequency", "sampling": "balanced"},
        {"imbalance": "class_balanced", "sampling": "square_root"},
        {"imbalance": "focal", "blur": True},
        {"imbalance": "balanced_focal", "rotation": True},
        {"imbalance": "logit_adjustment", "mixed_reconstruction": True, "crop": True},
    ],
    ids=lambda settings: settings["imbalance"],
)
def test_that_every_method_for_rare_types_learns(
    tmp_path: Path, trained: Trained, settings: dict[str, Any]
) -> None:
    figures = run_training(write_run(tmp_path, trained.items, **settings), Listener())
    assert figures["macro_recall"] > 0.6


def test_that_a_run_is_silent(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    items = write_photos(tmp_path / "photos", good=6, red=6)
    run_training(write_run(tmp_path / "run", items, epochs=1), Listener())
    assert capfd.readouterr() == ("", "")


def test_that_without_good_parts_everything_is_defective(tmp_path: Path) -> None:
    items = write_photos(tmp_path / "photos", bright=6, red=6)
    figures = run_training(write_run(tmp_path / "run", items, epochs=2), Listener())
    card = load_bundle(tmp_path / "run" / BUNDLE_FOLDER, CPU).card
    assert (card.threshold.value, card.threshold.method) == (0.0, "all_defective")
    assert "image_auroc" not in figures


def test_that_without_a_held_out_good_part_the_odds_decide(tmp_path: Path) -> None:
    items = write_photos(tmp_path / "photos", good=2, red=8)
    run_training(write_run(tmp_path / "run", items, epochs=1), Listener())
    card = load_bundle(tmp_path / "run" / BUNDLE_FOLDER, CPU).card
    assert card.threshold.value == pytest.approx(math.log(2))


def test_that_an_unreadable_image_is_left_out(tmp_path: Path) -> None:
    items = write_photos(tmp_path / "photos", good=8, red=8)
    Path(items[0].image_path).write_bytes(b"no picture")
    Path(items[-1].image_path).unlink()
    figures = run_training(write_run(tmp_path / "run", items, epochs=1), Listener())
    assert figures["accuracy"] >= 0.0


def test_that_a_type_of_which_nothing_can_be_read_is_named(tmp_path: Path) -> None:
    items = write_photos(tmp_path / "photos", good=8, red=2)
    for item in items[-2:]:
        Path(item.image_path).write_bytes(b"no picture")
    with pytest.raises(BadDataError, match="red can be read"):
        run_training(write_run(tmp_path / "run", items, epochs=1), Listener())


def second_epoch_began(event: Event) -> bool:
    return isinstance(event, Progress) and event.note == "epoch 2 of 4"


def test_that_a_cancelled_run_keeps_checkpoint_and_bundle(tmp_path: Path) -> None:
    items = write_photos(tmp_path / "photos", good=8, red=8)
    with pytest.raises(Cancelled) as cancelled:
        run_training(write_run(tmp_path / "run", items), Listener(second_epoch_began))
    assert cancelled.value.metrics["epochs"] == 1.0
    assert load_bundle(tmp_path / "run" / BUNDLE_FOLDER, CPU).card.epochs == 1


def test_that_a_run_cancelled_while_naming_has_its_figures(tmp_path: Path) -> None:
    items = write_photos(tmp_path / "photos", good=8, red=8)
    listener = Listener(lambda e: isinstance(e, Progress) and e.note == "naming val images")
    with pytest.raises(Cancelled) as cancelled:
        run_training(write_run(tmp_path / "run", items, epochs=1), listener)
    assert cancelled.value.metrics["epochs"] == 1.0


def own_weights(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(3)
    state = models.resnet18(weights=None).state_dict()
    path = folder / name
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path)
    return path


@pytest.mark.parametrize("name", ["mine.safetensors", "mine.pth"])
def test_that_training_starts_from_an_own_file_in_the_weights_folder(
    tmp_path: Path, name: str
) -> None:
    path = own_weights(paths.weights_folder(), name)
    items = write_photos(tmp_path / "photos", good=4, red=4)
    settings = {"network": "resnet18", "weights_file": name, "trained_part": "head", "epochs": 1}
    figures = run_training(write_run(tmp_path / "run", items, **settings), Listener())
    bundle = load_bundle(tmp_path / "run" / BUNDLE_FOLDER, CPU)
    first = bundle.model.state_dict()["stages.0.0.weight"]
    assert figures["pretrained"] == 1.0
    assert bundle.card.started_from.startswith(f"{name}, SHA-256")
    assert torch.equal(first, torch.load(own_weights(path.parent, "x.pth"))["conv1.weight"])


def test_that_an_own_file_that_is_missing_is_named(tmp_path: Path) -> None:
    items = write_photos(tmp_path / "photos", good=4, red=4)
    run = write_run(tmp_path / "run", items, network="resnet18", weights_file="gone.pth")
    with pytest.raises(MissingWeightsError, match=r"gone\.pth"):
        run_training(run, Listener())


def test_that_weights_of_another_network_are_refused_by_name(tmp_path: Path) -> None:
    path = own_weights(tmp_path, "mine.pth")
    items = write_photos(tmp_path / "photos", good=4, red=4)
    run = write_run(tmp_path / "run", items, network="resnet50", weights_file=str(path))
    with pytest.raises(MissingWeightsError, match="no weights of resnet50"):
        run_training(run, Listener())


def put_on_shelf(monkeypatch: pytest.MonkeyPatch, folder: Path, sha256: str) -> None:
    """Put a file on the shelf that the manifest knows as ResNet-18."""
    path = own_weights(folder, "resnet18-12345678.pth")
    entry = WeightsEntry(
        name="ResNet-18",
        file=path.name,
        bytes=None,
        sha256=sha256 or sha256_of(path)[:8],
        licence="BSD-3-Clause",
        url="https://example.org/resnet18.pth",
        used_for="tests",
    )
    shelf = WeightsShelf(WeightsManifest(weights=(entry,)), [folder])
    monkeypatch.setattr(WeightsShelf, "of_this_machine", lambda: shelf)


@pytest.mark.parametrize(
    ("sha256", "begins"),
    [("", "ResNet-18, resnet18-12345678.pth"), ("0" * 8, "from scratch: there are no")],
)
def test_that_published_weights_are_used_if_they_are_genuine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sha256: str, begins: str
) -> None:
    put_on_shelf(monkeypatch, tmp_path, sha256)
    config = ClassifierConfig(network="resnet18")
    start = choose_start(config, WeightsShelf.of_this_machine())
    assert start.description.startswith(begins)
    assert (start.state is None) is bool(sha256)


def test_that_from_scratch_is_taken_at_its_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on_shelf(monkeypatch, tmp_path, "")
    config = ClassifierConfig(network="resnet18", pretrained=False)
    assert choose_start(config, WeightsShelf.of_this_machine()).state is None


def test_that_every_network_with_published_weights_is_in_the_manifest() -> None:
    manifest = WeightsShelf.of_this_machine().manifest
    for names in PUBLISHED.values():
        for name in names:
            assert manifest.entry(name).file.endswith((".pth", ".pt"))


def test_that_without_published_weights_the_card_says_from_scratch(tmp_path: Path) -> None:
    items = write_photos(tmp_path / "photos", good=4, red=4)
    run = write_run(tmp_path / "run", items, network="mobilenet_v2", epochs=1)
    assert run_training(run, Listener())["pretrained"] == 0.0
    card = json.loads((run / BUNDLE_FOLDER / "card.json").read_text())
    assert card["started_from"] == "from scratch: there are no published weights of it here"


def test_that_the_operator_is_told_where_training_starts_before_its_first_epoch(
    trained: Trained,
) -> None:
    notes = [event.note for event in trained.listener.of(Progress)]
    said = notes.index("starting: from scratch: there are no published weights of it here")
    assert said < notes.index("epoch 1 of 4")


def test_that_a_classifier_inspects_as_any_model_does(trained: Trained, tmp_path: Path) -> None:
    items, listener = inspection_items(trained.items), Listener()
    figures = run_inspection(write_inspection(tmp_path, trained.folder, items), listener)
    assert (figures["images"], figures["failed"], figures["escapes"]) == (34.0, 0.0, 0.0)
    assert figures["image_auroc"] == 1.0
    for scored in listener.of(ImageScored):
        names = {region.class_name for region in scored.regions}
        assert names == ({scored.called} if scored.called != "good" else set())
