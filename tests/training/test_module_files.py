"""Weights that are published as pickles of whole networks."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from inspector_app.domain.dataset import GOOD
from inspector_app.domain.errors import MissingWeightsError
from training.models.yolo_world.card import YoloWorldConfig
from training.models.yolo_world.model import YoloWorld
from training.weights import read_weights_file


def checkpoint(path: Path, network: object) -> Path:
    """Write a file as ultralytics does."""
    torch.save({"epoch": -1, "model": network, "ema": None, "trained_in": Path("x")}, path)
    return path


def yolo_world(state: dict[str, torch.Tensor] | None = None, *, types: int = 2) -> YoloWorld:
    config = YoloWorldConfig(network="yolov8s-world", image_size_px=64)
    classes = (GOOD, *(f"type {number}" for number in range(types)))
    return YoloWorld(config, classes, state).eval()


def test_that_a_published_networks_weights_are_read(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = yolo_world()
    state = read_weights_file(checkpoint(tmp_path / "yolov8s-world.pt", model.network))
    torch.manual_seed(1)
    images = torch.rand(1, 3, 64, 64)
    assert torch.equal(yolo_world(state).score(images)[0], model.score(images)[0])


def test_that_published_weights_fit_whatever_the_number_of_types(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "n.pt", yolo_world(types=80).network)
    assert len(yolo_world(read_weights_file(path)).classes) == 3


def test_that_half_precision_becomes_single(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "half.pt", yolo_world().network.half())
    kinds = {value.dtype for value in yolo_world(read_weights_file(path)).state_dict().values()}
    assert torch.float16 not in kinds


def test_that_names_are_those_of_the_state_dict(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Sequential(nn.BatchNorm2d(4)))
    network.register_buffer("passing", torch.zeros(1), persistent=False)
    state = read_weights_file(checkpoint(tmp_path / "n.pt", network))
    assert set(state) == set(network.state_dict())


def test_that_a_file_without_a_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingWeightsError, match="something else"):
        read_weights_file(checkpoint(tmp_path / "n.pt", None))


class _Evil:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


class _Constructed(nn.Module):
    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark = mark

    def __setstate__(self, state: dict[str, Any]) -> None:
        Path(state["mark"]).mkdir()


def test_that_nothing_in_a_file_is_called(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "n.pt", _Evil(tmp_path / "ran"))
    with pytest.raises(MissingWeightsError):
        read_weights_file(path)
    assert not (tmp_path / "ran").exists()


def test_that_no_class_of_a_file_is_constructed(tmp_path: Path) -> None:
    module = _Constructed(str(tmp_path / "ran"))
    read_weights_file(checkpoint(tmp_path / "n.pt", module))
    assert not (tmp_path / "ran").exists()
