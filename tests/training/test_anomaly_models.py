"""The contract of every kind of model that learns from good parts, and the autoencoder's own."""

import subprocess
import sys
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st
from lightning.pytorch import Trainer
from torch.utils.data import DataLoader
from torchmetrics.functional.image import structural_similarity_index_measure

from inspector_app.domain.errors import BadDataError
from tests.training.parts import SMALL
from training.data.augment import vary
from training.inference.bundle import weights_bytes
from training.models import MODEL_KINDS, find_kind
from training.models.anomaly import AnomalyModel
from training.models.autoencoder.card import AutoencoderConfig
from training.models.autoencoder.model import Autoencoder
from training.models.base import ModelKind
from training.models.ssim import gaussian_blur, ssim_map

Kind = ModelKind[Any, Any]


@pytest.fixture(params=list(MODEL_KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    return MODEL_KINDS[request.param]


def small_config(kind: Kind, **settings: Any) -> Any:
    known = kind.config_type.model_fields
    return kind.config({k: v for k, v in SMALL.items() if k in known} | settings)


def good_images(count: int, size_px: int) -> torch.Tensor:
    """Return images of one bright square each, slightly noisy."""
    generator = torch.Generator().manual_seed(1)
    images = torch.full((count, 3, size_px, size_px), 0.3)
    images[:, :, size_px // 4 : size_px // 2, size_px // 4 : size_px // 2] = 0.8
    return (images + 0.02 * torch.randn(images.shape, generator=generator)).clamp(0, 1)


def finished(kind: Kind, config: Any, images: torch.Tensor) -> AnomalyModel:
    torch.manual_seed(0)
    model: AnomalyModel = kind.build(config).eval()
    model.finish(iter(images.split(4)))
    return model


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
    other: AnomalyModel = kind.build(small_config(kind)).eval()
    other.load_state_dict(safetensors.torch.load(weights_bytes(model)))
    assert torch.equal(other.score(images)[1], model.score(images)[1])


def test_that_training_lowers_the_loss(kind: Kind, tmp_path: Any) -> None:
    torch.manual_seed(0)
    learner = kind.learner(kind.build(small_config(kind)), small_config(kind))
    loader = DataLoader(good_images(80, 64), 4)  # type: ignore[arg-type]  # a tensor is a data set
    quiet: dict[str, Any] = {
        "logger": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "enable_checkpointing": False,
    }
    trainer = Trainer(
        max_epochs=2, accelerator="cpu", num_sanity_val_steps=0, default_root_dir=tmp_path, **quiet
    )
    before = trainer.validate(learner, loader, verbose=False)[0]["val_loss"]
    trainer.fit(learner, loader, loader)
    assert trainer.callback_metrics["val_loss"] < before


def test_that_a_defect_scores_above_every_good_image_and_the_map_shows_where(kind: Kind) -> None:
    images = good_images(12, 64)
    model = finished(kind, small_config(kind), images[:8])
    defective = images[8:9].clone()
    defective[:, :, 50:56, 10:16] = 1.0
    scores, maps = model.score(torch.cat((images[8:], defective)))
    row, column = divmod(int(maps[-1].argmax()), 64)
    assert scores[-1] > scores[:-1].max()
    assert 46 <= row < 60
    assert 6 <= column < 20


def test_that_an_autoencoder_has_no_way_around_its_bottleneck() -> None:
    torch.manual_seed(0)
    model = Autoencoder(AutoencoderConfig.model_validate(SMALL)).eval()
    code = torch.zeros(1, SMALL["bottleneck"], 2, 2)
    model.encoder.register_forward_hook(lambda *_: code)
    assert torch.equal(model(torch.zeros(1, 3, 64, 64)), model(torch.ones(1, 3, 64, 64)))


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_that_a_perfect_copy_has_no_loss_and_any_other_has(
    weight: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Autoencoder(AutoencoderConfig.model_validate(SMALL | {"ssim_weight": weight}))
    images = good_images(2, 64)
    monkeypatch.setattr(Autoencoder, "forward", lambda _model, given: given.clone())
    perfect = float(model.loss(images))
    monkeypatch.setattr(Autoencoder, "forward", lambda _model, given: given.flip(-1))
    assert perfect == pytest.approx(0.0, abs=1e-4)
    assert float(model.loss(images)) > 0.01


@pytest.mark.parametrize(("weight", "sees_brightness"), [(0.0, True), (1.0, False)])
def test_that_the_structure_weight_chooses_what_counts(
    weight: float, sees_brightness: bool
) -> None:
    model = Autoencoder(AutoencoderConfig.model_validate(SMALL | {"ssim_weight": weight})).eval()
    model.expected_mean[0] = 1e6  # No squared difference can be above that.
    with torch.inference_mode():
        score = float(model.score(torch.rand(1, 3, 64, 64))[0])
    assert (score == 0.0) is sees_brightness


def test_that_structural_similarity_equals_torchmetrics() -> None:
    first = torch.rand(2, 3, 40, 56)
    second = (first + 0.2 * torch.rand(2, 3, 40, 56)).clamp(0, 1)
    _, expected = structural_similarity_index_measure(
        first, second, data_range=1.0, return_full_image=True
    )
    # torchmetrics returns its padded surroundings as well in some versions.
    margin = (expected.shape[-1] - 56) // 2
    expected = expected[..., margin : margin + 40, margin : margin + 56]
    torch.testing.assert_close(ssim_map(first, second), expected, atol=1e-4, rtol=1e-4)


@given(st.integers(7, 40), st.integers(7, 40), st.floats(0.2, 2.0))
def test_that_blurring_changes_no_constant_image(height: int, width: int, sigma_px: float) -> None:
    flat = torch.full((1, 1, height, width), 0.7)
    torch.testing.assert_close(gaussian_blur(flat, sigma_px), flat)


def test_that_variations_stay_in_range_and_differ_from_image_to_image() -> None:
    torch.manual_seed(0)
    varied = vary(good_images(1, 64).expand(2, -1, -1, -1))
    assert 0.0 <= float(varied.min()) <= float(varied.max()) <= 1.0
    assert not torch.equal(varied[0], varied[1])


def test_that_variations_are_slight() -> None:
    torch.manual_seed(0)
    images = good_images(4, 64)
    assert float((vary(images) - images).abs().mean()) < 0.06
