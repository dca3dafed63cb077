"""The contract of every kind of model."""

import subprocess
import sys
from typing import Any

import pytest
import safetensors.torch
import torch

from inspector_app.domain.errors import BadDataError
from tests.training.kinds import (
    Kind,
    classes_of,
    finished,
    fit,
    good_images,
    loader_of,
    small_config,
)
from training.inference.bundle import weights_bytes
from training.models import MODEL_KINDS, find_kind
from training.models.anomaly import ScoringModel


@pytest.fixture(params=list(MODEL_KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    return MODEL_KINDS[request.param]


def test_that_cards_are_announced_without_torch() -> None:
    code = "import sys, training.models; print(sorted({'torch', 'lightning'} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_that_every_setting_has_words_for_the_operator_and_a_default(kind: Kind) -> None:
    for name, setting in kind.card.config_schema["properties"].items():
        assert {"title", "description", "default"} <= set(setting), name


def test_that_the_defaults_are_valid_settings(kind: Kind) -> None:
    assert kind.config({}) == kind.config_type()


def test_that_a_card_says_whether_there_are_samples(kind: Kind) -> None:
    assert kind.card.has_samples == (kind.samples is not None)


def test_that_a_look_has_the_score_and_the_map_of_the_model(kind: Kind) -> None:
    config = small_config(kind)
    images = good_images(3, config.image_size_px)
    model = finished(kind, config, images)
    with torch.inference_mode():
        scores, maps = model.score(images)
        looks = model.look(images)
    torch.testing.assert_close(torch.stack([look.score for look in looks]), scores)
    torch.testing.assert_close(torch.stack([look.heatmap for look in looks]), maps)


def test_that_a_look_of_a_model_with_classes_names_one_of_them(kind: Kind) -> None:
    config = small_config(kind)
    images = good_images(2, config.image_size_px)
    with torch.inference_mode():
        looks = finished(kind, config, images).look(images)
    counts = [None if look.shares is None else len(look.shares) for look in looks]
    assert counts == [len(classes_of(kind)) or None] * 2


def test_that_an_unknown_setting_is_refused_by_name(kind: Kind) -> None:
    with pytest.raises(BadDataError, match="'colour_of_the_box'"):
        kind.config({"colour_of_the_box": 1})


def test_that_an_unknown_kind_of_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadDataError, match="autoencoder") as refusal:
        find_kind("crystal_ball")
    assert "'crystal_ball'" in refusal.value.message


@pytest.mark.parametrize(("count", "size_px"), [(1, 64), (3, 96), (2, 160)])
def test_that_scores_and_maps_have_the_shape_of_the_input(
    kind: Kind, count: int, size_px: int
) -> None:
    images = good_images(count, size_px)
    model = finished(kind, small_config(kind, image_size_px=size_px), images)
    scores, maps = model.score(images)
    assert (scores.shape, maps.shape) == ((count,), (count, size_px, size_px))


def test_that_scores_and_maps_are_never_negative(kind: Kind) -> None:
    images = good_images(6, 64)
    scores, maps = finished(kind, small_config(kind), images).score(images)
    assert min(scores.min(), maps.min()) >= 0


def test_that_an_image_scores_the_same_alone_and_in_a_batch(kind: Kind) -> None:
    images = good_images(6, 64)
    model = finished(kind, small_config(kind), images)
    alone, together = model.score(images[:1])[1], model.score(images)[1][:1]
    torch.testing.assert_close(alone, together, atol=1e-3, rtol=1e-3)


def test_that_saved_and_loaded_weights_score_the_same(kind: Kind) -> None:
    images = good_images(6, 64)
    model = finished(kind, small_config(kind), images)
    other: ScoringModel = kind.build(small_config(kind), classes_of(kind)).eval()
    other.load_state_dict(safetensors.torch.load(weights_bytes(model)))
    assert torch.equal(other.score(images)[1], model.score(images)[1])


def test_that_training_lowers_the_loss(kind: Kind, tmp_path: Any) -> None:
    torch.manual_seed(0)
    config = small_config(kind)
    learner = kind.learner(kind.build(config, classes_of(kind)), config)
    # With connections across there is more to learn before anything is redrawn.
    epochs = 6 if kind.card.kind == "residual_autoencoder" else 2
    before, after = fit(learner, loader_of(kind, 80, 64), tmp_path, epochs=epochs)
    assert after < before
