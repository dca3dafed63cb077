"""A network that names types, and shows where it sees them."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, softplus

from inspector_app.domain.dataset import GOOD
from training.imbalance.retrieval import RetrievalHead, combine
from training.models.anomaly import ScoringModel
from training.models.classifier.card import ClassifierConfig
from training.models.classifier.networks import make_backbone
from training.models.looking import Look, Marks
from training.models.normalizing import Normalization, channels_last

_HOT = 0.5
"""Share of a map's largest value from which a place counts as where the type is seen."""


class Classifier(ScoringModel):
    """Stages, the mean over the image, and a linear head; neighbours may vote along."""

    class_counts: Tensor
    """Training images of each class; the losses for rare types need them."""

    def __init__(
        self,
        config: ClassifierConfig,
        classes: Sequence[str],
        state: Mapping[str, Tensor] | None = None,
    ) -> None:
        """Build with fresh weights, or with those of the network's torchvision original.

        Raises:
            RuntimeError: if they do not fit.
        """
        super().__init__()
        self.config = config
        self.classes = tuple(classes)
        self.is_pretrained = state is not None
        backbone = make_backbone(config.network, config.image_size_px, state)
        self.stages = nn.ModuleList(backbone.stages)
        self.norm = backbone.norm
        self.head = nn.Linear(backbone.width, len(classes))
        self._has_class_token = backbone.has_class_token
        if not self._has_class_token:
            channels_last(self.stages)
        self.retrieval = (
            RetrievalHead(backbone.width, len(classes), config.neighbours)
            if config.neighbours
            else None
        )
        self.normalize = Normalization()
        self.register_buffer("class_counts", torch.ones(len(classes), dtype=torch.int64))

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, C) of images (B, 3, H, W) in [0, 1]."""
        return self.logits(self.features(images))

    def features(self, images: Tensor) -> Tensor:
        """Return (B, D), what the head looks at."""
        return self._pool(self._run_stages(images))

    def logits(self, features: Tensor) -> Tensor:
        """Return logits (B, C) of features; with the neighbours' votes unless in training."""
        own: Tensor = self.head(features)
        if self.retrieval is None or self.training or not len(self.retrieval.memory):
            return own
        voted: Tensor = self.retrieval(features)
        combined: Tensor = combine(own, voted)
        return combined

    def probabilities(self, images: Tensor) -> Tensor:
        """Return (B, C), rows sum to 1."""
        logits: Tensor = self(images)
        return logits.float().softmax(1)

    def score(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Score by −ln of the share of “good”, for the image and, by the same head, each place.

        Where no class is good all parts are defective; scores and maps are then the share of
        the type that the image is taken for.
        """
        scores, maps, _ = self._judge(images)
        return scores, maps

    def look(self, images: Tensor) -> list[Look]:
        """See the type that the image is taken for where the map is hot; none in good images."""
        scores, maps, logits = (part.cpu() for part in self._judge(images))
        return list(map(self._look_at, scores, maps, logits.softmax(1)))

    def _look_at(self, score: Tensor, heatmap: Tensor, shares: Tensor) -> Look:
        called = int(shares.argmax())
        if self.classes[called] == GOOD:
            return Look(score, heatmap, shares)
        marks = Marks(
            torch.full(heatmap.shape, called),
            shares[called].expand(heatmap.shape),
            _HOT * float(heatmap.max()),
        )
        return Look(score, heatmap, shares, marks)

    def _judge(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores and maps as `score` does, and the images' logits (B, C)."""
        output = self._run_stages(images)
        logits = self.logits(self._pool(output)).float()
        local = self.head(self.norm(self._places(output))).float()  # (B, h, w, C)
        scores, maps = self._defectiveness(logits, local)
        size = images.shape[-2:]
        maps = interpolate(maps.unsqueeze(1), size, mode="bilinear").squeeze(1)
        return scores, maps.clamp_min(0.0), logits

    def _defectiveness(self, logits: Tensor, local: Tensor) -> tuple[Tensor, Tensor]:
        if GOOD in self.classes:
            place = self.classes.index(GOOD)
            return _surprise(logits, place), _surprise(local, place)
        shares, called = logits.softmax(1).max(1)
        chosen = called.view(-1, 1, 1, 1).expand(*local.shape[:3], 1)
        return shares, local.softmax(3).gather(3, chosen).squeeze(3)

    def _run_stages(self, images: Tensor) -> Tensor:
        x: Tensor = self.normalize(images)
        if not self._has_class_token:
            # A third faster on CPUs; what is computed stays the same.
            x = x.contiguous(memory_format=torch.channels_last)
        for stage in self.stages:
            x = stage(x)
        return x

    def _pool(self, output: Tensor) -> Tensor:
        pooled = output[:, 0] if self._has_class_token else output.mean((2, 3))
        normed: Tensor = self.norm(pooled)
        return normed

    def _places(self, output: Tensor) -> Tensor:
        """Return (B, h, w, D)."""
        if not self._has_class_token:
            return output.permute(0, 2, 3, 1)
        side = round((output.shape[1] - 1) ** 0.5)
        return output[:, 1:].reshape(len(output), side, side, -1)


def _surprise(logits: Tensor, place: int) -> Tensor:
    """Return −ln of one class's share over the last axis, exact however small it gets."""
    others = torch.cat((logits[..., :place], logits[..., place + 1 :]), -1)
    surprise: Tensor = softplus(others.logsumexp(-1) - logits[..., place])
    return surprise
