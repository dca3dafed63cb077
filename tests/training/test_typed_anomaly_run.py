"""Training that redraws good parts first and learns the names of defects afterwards."""

import json
from pathlib import Path
from typing import Any

import pytest

from inspector_app.protocol.files import (
    BUNDLE_FOLDER,
    JOB_FILE,
    PREDICTIONS_FILE,
    DatasetItem,
    Prediction,
    TrainingJob,
)
from tests.training.parts import Listener, photo_items, write_run
from training.devices import pick_device
from training.fit.run import run_training
from training.inference.bundle import load_bundle

SMALL_RESIDUAL = {"epochs": 2, "image_size_px": 64, "batch_size": 4, "base_channels": 8}


def write_residual_run(folder: Path, items: list[DatasetItem], **settings: Any) -> Path:
    write_run(folder, items)
    job = TrainingJob(
        job_id="job-1",
        model_kind="residual_autoencoder",
        config=SMALL_RESIDUAL | settings,
        device="cpu",
    )
    (folder / JOB_FILE).write_text(job.model_dump_json())
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    folder = tmp_path_factory.mktemp("typed")
    run = write_residual_run(folder / "run", photo_items(folder, train=10, val=4, test=24))
    return run, run_training(run, Listener())


def test_that_both_stages_leave_their_figures(trained: tuple[Path, dict[str, float]]) -> None:
    assert {"image_auroc", "pixel_auroc", "accuracy", "macro_recall"} <= set(trained[1])


def test_that_bright_spots_are_named(trained: tuple[Path, dict[str, float]]) -> None:
    lines = (trained[0] / PREDICTIONS_FILE).read_text().splitlines()
    predictions = [Prediction.model_validate_json(line) for line in lines]
    right = sum(each.truth == each.called for each in predictions)
    assert right / len(predictions) > 0.7


def test_that_the_bundle_knows_the_types(trained: tuple[Path, dict[str, float]]) -> None:
    bundle = load_bundle(trained[0] / BUNDLE_FOLDER, pick_device("cpu"))
    assert bundle.card.classes == ("good", "spot")
    assert "head.linear.weight" in bundle.model.state_dict()


@pytest.mark.parametrize(("test", "learn_types"), [(0, True), (8, False)])
def test_that_it_stays_an_anomaly_model_without_types(
    tmp_path: Path, test: int, learn_types: bool
) -> None:
    items = photo_items(tmp_path, train=6, val=2, test=test)
    run = write_residual_run(tmp_path / "run", items, epochs=1, learn_types=learn_types)
    assert "accuracy" not in run_training(run, Listener())
    card = json.loads((run / BUNDLE_FOLDER / "card.json").read_text())
    assert card["classes"] == []


def test_that_defects_without_a_name_are_still_tested_on(tmp_path: Path) -> None:
    items = photo_items(tmp_path, train=10, val=4, test=12)
    nameless = [i.model_copy(update={"defect_type": ""}) for i in items if i.is_defective][:2]
    kept = [i for i in items if i.image_path not in {n.image_path for n in nameless}]
    run = write_residual_run(tmp_path / "run", kept + nameless, epochs=1)
    assert run_training(run, Listener())["test_images"] < len(items)
