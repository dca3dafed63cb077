"""The contract of every kind of model that learns from good parts, and the autoencoder's own."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchmetrics.functional.image import structural_similarity_index_measure

from tests.training.kinds import Kind, finished, good_images, small_config
from tests.training.parts import SMALL
from training.data.augment import vary
from training.models import MODEL_KINDS
from training.models.autoencoder.card import AutoencoderConfig
from training.models.autoencoder.model import Autoencoder
from training.models.ssim import gaussian_blur, ssim_map

ANOMALY_KINDS = [name for name, kind in MODEL_KINDS.items() if kind.card.task == "anomaly"]


@pytest.fixture(params=ANOMALY_KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return MODEL_KINDS[request.param]


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
