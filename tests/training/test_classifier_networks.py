"""Networks cut into stages: the same numbers as their originals, frozen and slowed by depth."""

from typing import Any, get_args

import pytest
import torch
from torch import nn
from torchvision import models

from inspector_app.domain.errors import BadDataError
from training.models.classifier import KIND
from training.models.classifier.card import ClassifierConfig, NetworkName
from training.models.classifier.depth import Depth
from training.models.classifier.model import Classifier

TYPES = ("good", "dent", "stain")
PUBLISHED = [name for name in get_args(NetworkName) if name != "own_resnet"]


def original(name: str, size_px: int) -> nn.Module:
    extra = {"image_size": size_px} if name == "vit_b_16" else {}
    torch.manual_seed(1)
    network: nn.Module = models.get_model(name, weights=None, **extra).eval()
    return network


def without_head(network: nn.Module) -> nn.Module:
    """Replace the last layer, wherever it is, by nothing."""
    path = [name for name, module in network.named_modules() if isinstance(module, nn.Linear)][-1]
    parent, _, last = path.rpartition(".")
    setattr(network.get_submodule(parent), last, nn.Identity())
    return network


def classifier(state: Any = None, **settings: Any) -> Classifier:
    torch.manual_seed(0)
    config = ClassifierConfig.model_validate({"image_size_px": 32} | settings)
    return Classifier(config, TYPES, state).eval()


@pytest.mark.parametrize("name", PUBLISHED)
def test_that_published_weights_give_the_originals_features(name: str) -> None:
    network = original(name, 32)
    model = classifier(network.state_dict(), network=name)
    images = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        expected = without_head(network)(model.normalize(images))
        torch.testing.assert_close(model.features(images), expected, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("name", ["mobilenet_v2", "own_resnet"])
@pytest.mark.parametrize("size_px", [32, 96, 160])
def test_that_answers_and_maps_have_their_shape(name: str, size_px: int) -> None:
    model = classifier(network=name, image_size_px=size_px)
    images = torch.rand(2, 3, size_px, size_px)
    with torch.inference_mode():
        assert model(images).shape == (2, 3)
        scores, maps = model.score(images)
    assert (scores.shape, maps.shape) == ((2,), (2, size_px, size_px))


def test_that_a_transformer_takes_images_of_another_size_than_its_weights() -> None:
    state = original("vit_b_16", 64).state_dict()
    model = classifier(state, network="vit_b_16", image_size_px=96)
    with torch.inference_mode():
        scores, maps = model.score(torch.rand(1, 3, 96, 96))
    assert model.stages[0][0].places.shape == (1, 1 + 6 * 6, 768)
    assert (scores.shape, maps.shape) == ((1,), (1, 96, 96))


def test_that_half_precision_weights_are_taken() -> None:
    state = {
        k: v.half() if v.is_floating_point() else v
        for k, v in original("mobilenet_v2", 32).state_dict().items()
    }
    assert classifier(state).stages[0][0][0].weight.dtype is torch.float32


def test_that_weights_without_a_head_are_taken() -> None:
    state = {k: v for k, v in original("resnet18", 32).state_dict().items() if k[:3] != "fc."}
    assert classifier(state, network="resnet18").is_pretrained


def test_that_weights_of_another_network_are_refused() -> None:
    with pytest.raises(RuntimeError, match="Missing key"):
        classifier(original("resnet34", 32).state_dict(), network="resnet50")


@pytest.fixture(scope="module")
def resnet_state() -> dict[str, torch.Tensor]:
    return dict(original("resnet18", 32).state_dict())


@pytest.mark.parametrize(("part", "trained"), [("head", 0), ("last_stage", 1), ("all", 5)])
def test_that_only_what_is_asked_for_is_trained(
    resnet_state: dict[str, torch.Tensor], part: str, trained: int
) -> None:
    model = classifier(resnet_state, network="resnet18", trained_part=part)
    Depth(model).freeze()
    learning = [all(p.requires_grad for p in stage.parameters()) for stage in model.stages]
    assert learning == [False] * (5 - trained) + [True] * trained
    assert all(p.requires_grad for p in model.head.parameters())


def test_that_a_network_from_scratch_is_trained_throughout_and_evenly() -> None:
    model = classifier(network="resnet18", trained_part="head", stage_rate=0.1)
    depth = Depth(model)
    depth.freeze()
    assert all(p.requires_grad for p in model.parameters())
    assert {group["lr"] for group in depth.groups()} == {1e-3}


def test_that_each_stage_learns_more_slowly_than_the_one_behind_it(
    resnet_state: dict[str, torch.Tensor],
) -> None:
    model = classifier(resnet_state, network="resnet18", stage_rate=0.5, learning_rate=0.01)
    rates = [group["lr"] for group in Depth(model).groups()]
    assert rates == pytest.approx([0.01 * 0.5**k for k in range(6)])


@pytest.mark.parametrize(
    ("part", "is_pretrained", "rate"),
    [("all", True, 3e-4), ("head", True, 1e-3), ("all", False, 1e-3)],
)
def test_that_published_weights_are_trained_on_gently(
    resnet_state: dict[str, torch.Tensor], part: str, is_pretrained: bool, rate: float
) -> None:
    state = resnet_state if is_pretrained else None
    model = classifier(state, network="resnet18", trained_part=part)
    assert Depth(model).groups()[0]["lr"] == rate


def test_that_every_trained_parameter_is_in_one_group(
    resnet_state: dict[str, torch.Tensor],
) -> None:
    model = classifier(resnet_state, network="resnet18", trained_part="last_stage")
    depth = Depth(model)
    depth.freeze()
    grouped = [id(p) for group in depth.groups() for p in group["params"]]
    learning = {id(p) for p in model.parameters() if p.requires_grad}
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == learning


def test_that_batch_statistics_of_published_weights_are_kept(
    resnet_state: dict[str, torch.Tensor],
) -> None:
    model = classifier(resnet_state, network="resnet18")
    before = model.stages[0][1].running_mean.clone()
    model.train()
    Depth(model).keep_statistics()
    model(torch.rand(4, 3, 32, 32))
    assert torch.equal(model.stages[0][1].running_mean, before)


def test_that_batch_statistics_are_learned_from_scratch() -> None:
    model = classifier(network="own_resnet").train()
    before = model.stages[0][1].running_mean.clone()
    Depth(model).keep_statistics()
    model(torch.rand(4, 3, 32, 32))
    assert not torch.equal(model.stages[0][1].running_mean, before)


def test_that_the_score_grows_as_the_share_of_good_falls() -> None:
    model = classifier(network="own_resnet")
    images = torch.rand(6, 3, 32, 32)
    with torch.inference_mode():
        scores, _ = model.score(images)
        expected = -model.probabilities(images)[:, 0].log()
    torch.testing.assert_close(scores, expected)


def test_that_without_a_class_of_good_parts_the_score_is_the_called_types_share() -> None:
    model = Classifier(ClassifierConfig(network="own_resnet"), ("dent", "stain")).eval()
    images = torch.rand(3, 3, 64, 64)
    with torch.inference_mode():
        scores, maps = model.score(images)
        torch.testing.assert_close(scores, model.probabilities(images).amax(1))
    assert 0.0 <= float(maps.min()) <= float(maps.max()) <= 1.0


def test_that_neighbours_vote_once_there_are_some() -> None:
    model = classifier(network="own_resnet", neighbours=2)
    images = torch.rand(4, 3, 32, 32)
    with torch.inference_mode():
        before = model(images)
        assert model.retrieval is not None
        model.retrieval.remember(model.features(images), torch.tensor([2, 2, 2, 1]))
        after = model(images)
    assert torch.equal(before, model.head(model.features(images)))
    assert after.argmax(1).tolist()[:3] == [2, 2, 2]


@pytest.mark.parametrize(("folds", "fold", "name"), [(1, 0, "folds"), (3, 3, "fold")])
def test_that_a_fold_that_is_none_is_refused_by_name(folds: int, fold: int, name: str) -> None:
    with pytest.raises(BadDataError, match=f"setting '{name}'"):
        KIND.config({"folds": folds, "fold": fold})
