"""When the program's own click network answers, and when not."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from inspector_app.domain.geometry import PromptPoint
from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2
from tests.training.test_click_models import models_with
from tests.training.test_grabcut import Drawn, blot, iou, picture_of, plate
from tests.training.test_sam import shelf_of
from training.data.clicks import next_click
from training.data.scenes.scene import make_scene
from training.models.click.card import WEIGHTS_FILE, shipped_folder
from training.models.click.config import ClickTraining
from training.models.click.network import ClickNetwork
from training.models.click.weights import load_click_network, read_card, write_click_weights
from training.segmenters.base import Prompts
from training.segmenters.choose import ADAPTED, BUILT_IN, ClickModels
from training.segmenters.click_network import ClickNetworkSegmenter

CLICK = Prompts((PromptPoint(100, 60, 1),))


@pytest.fixture
def built_in(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    folder = tmp_path / "click"
    write_click_weights(folder, ClickNetwork(), ClickTraining(), epochs=1, figures={})
    return folder


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    truth = blot(160, 200, (100, 60), (30, 20))
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), picture_of(plate(160, 200), darker=truth).rgb)
    return path


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_that_it_is_the_default_without_other_weights(
    tmp_path: Path, built_in: Path, device: str
) -> None:
    models = ClickModels(shelf_of(tmp_path, {}), device, built_in=built_in)
    assert (models.name, models.encoder) == (BUILT_IN, "")
    assert models.present == (BUILT_IN, "GrabCut")


def test_that_it_answers(tmp_path: Path, built_in: Path, photo: Path) -> None:
    models = ClickModels(shelf_of(tmp_path, {}), "cpu", built_in=built_in)
    models.prepare(photo)
    answer = models.segment(photo, CLICK)
    assert answer.click_model == BUILT_IN
    assert all(one.mask.shape == (160, 200) for one in answer.candidates)


def test_that_the_card_that_ships_names_its_weights_and_every_run_before() -> None:
    card = read_card(shipped_folder())
    data = (shipped_folder() / WEIGHTS_FILE).read_bytes()
    assert card.weights_sha256 == hashlib.sha256(data).hexdigest()
    while card.start:
        assert card.config.start_sha256 == card.start.weights_sha256
        card = card.start
    assert card.config.start_sha256 == ""


def test_that_the_network_that_ships_outlines_what_is_clicked(tmp_path: Path) -> None:
    network = load_click_network(shipped_folder())
    segmenter = ClickNetworkSegmenter(BUILT_IN, network, "cpu")
    ious = []
    for number in range(8):
        scene = make_scene((2**31 + number, 7), 256)
        picture = Drawn(scene.rgb, f"{number}.png")
        found: BoolArray = np.zeros_like(scene.mask)
        points: list[PromptPoint] = []
        for _ in range(3):
            if (click := next_click(found, scene.mask)) is not None:
                points.append(click)
                found = segmenter.segment(picture, Prompts(tuple(points)))[0].mask
        ious.append(iou(found, scene.mask))
    assert np.mean(ious) > 0.5


def test_that_weights_on_the_shelf_come_first(tmp_path: Path, built_in: Path) -> None:
    shelf = models_with(tmp_path, "MobileSAM", device="cpu")._shelf
    models = ClickModels(shelf, "cpu", built_in=built_in)
    assert models.name == "MobileSAM"
    models.choose(BUILT_IN)
    assert models.name == BUILT_IN


def test_that_grabcut_may_be_chosen_instead(tmp_path: Path, built_in: Path) -> None:
    models = ClickModels(shelf_of(tmp_path, {}), "cpu", built_in=built_in)
    models.choose("GrabCut")
    assert models.name == "GrabCut"


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_that_damaged_weights_leave_grabcut_and_a_remark(
    tmp_path: Path, built_in: Path, photo: Path, device: str
) -> None:
    (built_in / WEIGHTS_FILE).write_bytes(b"rust")
    models = ClickModels(shelf_of(tmp_path, {}), device, built_in=built_in)
    assert models.segment(photo, CLICK).click_model == "GrabCut"
    assert any(WEIGHTS_FILE in remark for remark in models.remarks)
    models.choose(BUILT_IN)
    assert models.name == "GrabCut"


def test_that_without_its_files_grabcut_answers(tmp_path: Path, photo: Path) -> None:
    models = ClickModels(shelf_of(tmp_path, {}), "cpu", built_in=tmp_path / "nowhere")
    assert models.present == ("GrabCut",)
    assert models.segment(photo, CLICK).click_model == "GrabCut"


def test_that_an_adapted_network_comes_before_the_built_in_one(
    tmp_path: Path, built_in: Path, photo: Path
) -> None:
    models = ClickModels(shelf_of(tmp_path, {}), "cpu", built_in=built_in)
    models.choose("", adapted=built_in)
    assert models.present == (ADAPTED, BUILT_IN, "GrabCut")
    assert models.segment(photo, CLICK).click_model == ADAPTED
    models.choose(BUILT_IN, adapted=built_in)
    assert models.segment(photo, CLICK).click_model == BUILT_IN


def test_that_without_a_project_there_is_no_adapted_network(tmp_path: Path, built_in: Path) -> None:
    models = ClickModels(shelf_of(tmp_path, {}), "cpu", built_in=built_in)
    models.choose("", adapted=built_in)
    models.choose("")
    assert models.name == BUILT_IN
    models.choose("", adapted=tmp_path / "nothing")
    assert models.name == BUILT_IN


def test_that_an_adapted_network_is_read_anew_and_given_up_if_damaged(
    tmp_path: Path, built_in: Path, photo: Path
) -> None:
    adapted = tmp_path / "adapted"
    shutil.copytree(built_in, adapted)
    models = ClickModels(shelf_of(tmp_path, {}), "cpu", built_in=built_in)
    models.choose("", adapted=adapted)
    assert models.segment(photo, CLICK).click_model == ADAPTED
    (adapted / WEIGHTS_FILE).write_bytes(b"rust")
    models.choose("", adapted=adapted)
    assert models.segment(photo, CLICK).click_model == BUILT_IN
