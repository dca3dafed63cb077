"""What models that redraw good parts do, each in its own way."""

import pytest
import torch

from tests.training.kinds import good_images
from tests.training.parts import SMALL
from training.data.stains import disturbed
from training.models.autoencoder.card import (
    AutoencoderConfig,
    DenoisingConfig,
    ResidualConfig,
    VariationalConfig,
)
from training.models.autoencoder.model import Autoencoder
from training.models.autoencoder.residual import ResidualAutoencoder
from training.models.autoencoder.variational import (
    VariationalAutoencoder,
    divergence_of,
    sampled,
)

NARROW = {"image_size_px": 64, "base_channels": 4}


def variational(**settings: float) -> VariationalAutoencoder:
    torch.manual_seed(0)
    return VariationalAutoencoder(VariationalConfig.model_validate(SMALL | settings))


def test_that_the_divergence_equals_torch_distributions() -> None:
    torch.manual_seed(0)
    mean, log_variance = torch.randn(3, 4, 2, 2), torch.randn(3, 4, 2, 2)
    learned = torch.distributions.Normal(mean, torch.exp(0.5 * log_variance))
    standard = torch.distributions.Normal(torch.zeros(()), torch.ones(()))
    expected = torch.distributions.kl_divergence(learned, standard).flatten(1).sum(1)
    torch.testing.assert_close(divergence_of(mean, log_variance), expected)


def test_that_drawn_codes_have_the_learned_mean_and_deviation() -> None:
    torch.manual_seed(0)
    codes = sampled(torch.full((40_000,), 3.0), torch.full((40_000,), 2.0).square().log())
    assert float(codes.mean()) == pytest.approx(3.0, abs=0.05)
    assert float(codes.std()) == pytest.approx(2.0, abs=0.05)


def test_that_a_vae_draws_by_chance_in_training_only() -> None:
    images = good_images(2, 64)
    model = variational()
    first, second = model.train().loss(images), model.loss(images)
    judged, again = model.eval().loss(images), model.loss(images)
    assert (float(first) != float(second), float(judged)) == (True, float(again))


def test_that_simplicity_is_paid_for_in_the_loss() -> None:
    images = good_images(2, 64)
    free, simple = (variational(simplicity=weight).eval().loss(images) for weight in (0.0, 1.0))
    assert simple > free


def test_that_the_repairing_one_is_shown_stains_and_compared_without_them() -> None:
    torch.manual_seed(0)
    model = Autoencoder(DenoisingConfig.model_validate(SMALL | {"stains": 0.3}))
    shown = []
    model.encoder.register_forward_pre_hook(lambda _module, given: shown.append(given[0]))
    images = good_images(4, 64)
    model.training_loss(images)
    model.loss(images)
    assert not torch.equal(shown[0], images)
    assert torch.equal(shown[1], images)


def test_that_the_plain_one_learns_from_images_as_they_are() -> None:
    model = Autoencoder(AutoencoderConfig.model_validate(SMALL)).eval()
    images = good_images(4, 64)
    assert torch.equal(model.training_loss(images), model.loss(images))


def test_that_absolute_differences_are_not_squared() -> None:
    settings = SMALL | {"pixel_difference": "absolute"}
    model = Autoencoder(AutoencoderConfig.model_validate(settings))
    bright, _ = model.compare(torch.full((1, 3, 64, 64), 0.5), torch.full((1, 3, 64, 64), 0.25))
    assert float(bright.mean()) == pytest.approx(0.25)


def test_that_stains_cover_about_the_share_that_is_asked_for() -> None:
    torch.manual_seed(0)
    images = torch.rand(64, 3, 64, 64)
    changed = (disturbed(images, stains=0.2, noise=0.0) != images).any(1).float()
    assert float(changed.mean()) == pytest.approx(0.2, abs=0.06)


def test_that_undisturbed_images_stay_the_same() -> None:
    images = good_images(3, 64)
    assert torch.equal(disturbed(images, stains=0.0, noise=0.0), images)


def test_that_disturbed_images_stay_in_range() -> None:
    torch.manual_seed(0)
    images = disturbed(good_images(4, 64), stains=0.5, noise=0.5)
    assert 0.0 <= float(images.min()) <= float(images.max()) <= 1.0


def test_that_fine_detail_goes_across_the_u() -> None:
    torch.manual_seed(0)
    model = ResidualAutoencoder(ResidualConfig.model_validate(NARROW)).eval()
    model.stages[-1].register_forward_hook(lambda _module, _given, out: torch.zeros_like(out))
    assert not torch.equal(model(torch.zeros(1, 3, 64, 64)), model(torch.ones(1, 3, 64, 64)))


def test_that_shares_of_types_sum_to_one() -> None:
    model = ResidualAutoencoder(ResidualConfig.model_validate(NARROW), ("good", "a", "b")).eval()
    shares = model.probabilities(good_images(2, 64))
    torch.testing.assert_close(shares.sum(1), torch.ones(2))


def test_that_a_model_without_types_names_none() -> None:
    model = ResidualAutoencoder(ResidualConfig.model_validate(NARROW))
    with pytest.raises(ValueError, match="no types"):
        model.probabilities(good_images(1, 64))
