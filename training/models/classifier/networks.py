"""Networks as a row of stages and a head, so that each can be frozen or slowed by its depth."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models.vision_transformer import VisionTransformer

from training.models.classifier.card import NetworkName
from training.models.classifier.resnet import residual_stages


@dataclass(frozen=True)
class Backbone:
    """What comes before the head."""

    stages: list[nn.Sequential]
    norm: nn.Module
    """Works on channels last, (…, D)."""
    width: int
    """D, the number of features."""
    has_class_token: bool = False
    """The stages give (B, 1 + h·w, D) instead of (B, D, h, w)."""


def make_backbone(
    name: NetworkName, image_size_px: int, state: Mapping[str, Tensor] | None
) -> Backbone:
    """Return the network, with these weights of its torchvision original if there are any.

    Raises:
        RuntimeError: if they do not fit it; those of the head are not looked at.
    """
    if name == "own_resnet":
        stages = residual_stages()
        return Backbone(stages, nn.Identity(), width=256)
    # The head of 1000 classes is thrown away, yet published weights hold one: build, load, cut.
    extra = {"image_size": image_size_px} if name == "vit_b_16" else {}
    network = models.get_model(name, weights=None, **extra)
    if state is not None:
        _load(network, name, state, image_size_px)
    return _CUTS[name](network)


def _load(
    network: nn.Module, name: NetworkName, state: Mapping[str, Tensor], image_size_px: int
) -> None:
    wanted = network.state_dict()
    # Half-precision files are common; the network computes in single precision.
    given = {
        key: value.to(wanted[key].dtype) if key in wanted else value for key, value in state.items()
    }
    if name == "vit_b_16":
        given = dict(models.vision_transformer.interpolate_embeddings(image_size_px, 16, given))
    head = {key for key in wanted if key.startswith(_HEADS[name])}
    given = {key: value for key, value in given.items() if key not in head}
    network.load_state_dict(given | {key: wanted[key] for key in head})


_HEADS: Mapping[NetworkName, str] = {
    "mobilenet_v2": "classifier.1.",
    "resnet18": "fc.",
    "resnet34": "fc.",
    "resnet50": "fc.",
    "efficientnet_b0": "classifier.1.",
    "convnext_tiny": "classifier.2.",
    "vit_b_16": "heads.",
}


def _cut_resnet(network: models.ResNet) -> Backbone:
    stem = nn.Sequential(network.conv1, network.bn1, network.relu, network.maxpool)
    layers = (network.layer1, network.layer2, network.layer3, network.layer4)
    return Backbone([stem, *layers], nn.Identity(), network.fc.in_features)


def _cut_mobilenet(network: models.MobileNetV2) -> Backbone:
    stages = _slices(network.features, (0, 2, 4, 7, 14, 19))
    return Backbone(stages, nn.Identity(), network.last_channel)


def _cut_efficientnet(network: models.EfficientNet) -> Backbone:
    stages = _slices(network.features, (0, 2, 3, 4, 6, 9))
    return Backbone(stages, nn.Identity(), network.classifier[1].in_features)


def _cut_convnext(network: models.ConvNeXt) -> Backbone:
    stages = _slices(network.features, (0, 2, 4, 6, 8))
    width = network.classifier[2].in_features
    norm = nn.LayerNorm(width, eps=network.classifier[0].eps)
    norm.load_state_dict(network.classifier[0].state_dict())
    return Backbone(stages, norm, width)


def _cut_vit(network: VisionTransformer) -> Backbone:
    blocks = list(network.encoder.layers)
    stages = [nn.Sequential(*blocks[start : start + 3]) for start in range(0, len(blocks), 3)]
    stem = nn.Sequential(PatchEmbedding(network), network.encoder.dropout)
    width = network.hidden_dim
    return Backbone([stem, *stages], network.encoder.ln, width, has_class_token=True)


class PatchEmbedding(nn.Module):
    """Image to tokens, with the class token first and places added."""

    def __init__(self, network: VisionTransformer) -> None:
        super().__init__()
        self.project = network.conv_proj
        self.class_token = network.class_token
        self.places = network.encoder.pos_embedding

    def forward(self, images: Tensor) -> Tensor:  # (B, 3, H, W)
        tokens = self.project(images).flatten(2).transpose(1, 2)  # (B, H/16 · W/16, D)
        first = self.class_token.expand(len(images), -1, -1)
        embedded: Tensor = torch.cat((first, tokens), 1) + self.places
        return embedded


_CUTS: Mapping[NetworkName, Callable[..., Backbone]] = {
    "mobilenet_v2": _cut_mobilenet,
    "resnet18": _cut_resnet,
    "resnet34": _cut_resnet,
    "resnet50": _cut_resnet,
    "efficientnet_b0": _cut_efficientnet,
    "convnext_tiny": _cut_convnext,
    "vit_b_16": _cut_vit,
}


def _slices(features: nn.Sequential, ends: Iterable[int]) -> list[nn.Sequential]:
    blocks = list(features)
    return [nn.Sequential(*blocks[start:end]) for start, end in pairwise(ends)]
