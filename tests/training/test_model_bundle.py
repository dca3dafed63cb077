"""Bundles that are not what they claim to be."""

import hashlib
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.protocol.files import BUNDLE_CARD_FILE, BUNDLE_FOLDER, BUNDLE_WEIGHTS_FILE
from tests.training.conftest import TrainedRun
from training.files import write_folder_atomically
from training.inference.bundle import load_bundle

CPU = torch.device("cpu")


@pytest.fixture
def bundle(trained_run: TrainedRun, tmp_path: Path) -> Path:
    """Return a bundle that may be spoilt."""
    return Path(shutil.copytree(trained_run.folder / BUNDLE_FOLDER, tmp_path / "bundle"))


def change_card(bundle: Path, **changes: Any) -> None:
    path = bundle / BUNDLE_CARD_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_that_a_bundle_is_loaded_ready_to_score(bundle: Path) -> None:
    assert not load_bundle(bundle, CPU).model.training


def test_that_tampered_weights_are_refused_by_name(bundle: Path) -> None:
    path = bundle / BUNDLE_WEIGHTS_FILE
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(MissingWeightsError, match=r"model\.safetensors: not the weights"):
        load_bundle(bundle, CPU)


def test_that_missing_weights_are_named(bundle: Path) -> None:
    (bundle / BUNDLE_WEIGHTS_FILE).unlink()
    with pytest.raises(MissingWeightsError, match=r"model\.safetensors: cannot be read"):
        load_bundle(bundle, CPU)


def test_that_a_pickle_is_never_opened(bundle: Path, tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "was_here",)

    data = pickle.dumps(Hostile())
    (bundle / BUNDLE_WEIGHTS_FILE).write_bytes(data)
    change_card(bundle, weights_sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(MissingWeightsError, match="does not fit"):
        load_bundle(bundle, CPU)
    assert not (tmp_path / "was_here").exists()


def test_that_weights_of_other_settings_are_refused(bundle: Path) -> None:
    config = json.loads((bundle / BUNDLE_CARD_FILE).read_text())["config"]
    change_card(bundle, config=config | {"base_channels": 5})
    with pytest.raises(MissingWeightsError, match="does not fit the settings"):
        load_bundle(bundle, CPU)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"protocol": 0}, "protocol 0"),
        ({"kind": "crystal_ball"}, "crystal_ball"),
        ({"threshold": 3}, "no card of a model bundle"),
        ({"config": {"epochs": -1}}, "'epochs'"),
    ],
)
def test_that_a_card_of_another_kind_or_version_is_refused(
    bundle: Path, changes: dict[str, Any], word: str
) -> None:
    change_card(bundle, **changes)
    with pytest.raises(BadDataError, match=word):
        load_bundle(bundle, CPU)


def test_that_a_folder_without_a_card_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=r"card\.json: cannot be read"):
        load_bundle(tmp_path, CPU)


def test_that_a_new_folder_replaces_the_whole_old_one(tmp_path: Path) -> None:
    write_folder_atomically(tmp_path / "b", {"old": b"1", "both": b"1"})
    write_folder_atomically(tmp_path / "b", {"both": b"2"})
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["both"]


def test_that_a_folder_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    write_folder_atomically(tmp_path / "b", {"file": b"old"})
    with pytest.raises(BadDataError):
        write_folder_atomically(tmp_path / "b", {"file": b"new", "no" * 200: b""})
    assert (tmp_path / "b" / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
