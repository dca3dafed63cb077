"""What one training step of the classifier is."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from training.data.examples import Batch
from training.fit.learner import Learner
from training.imbalance.recipe import Recipe
from training.imbalance.reconstruction import MixedReconstruction, ReconstructionRule
from training.models.classifier.card import ClassifierConfig
from training.models.classifier.depth import Depth
from training.models.classifier.model import Classifier
from training.models.classifier.variations import variations_of


class ClassifierLearner(Learner[Classifier, ClassifierConfig, Batch]):
    """Learns classes; the model must know how many training images there are of each.

    Validation gives every class the same weight, whatever the training does about rare ones:
    `val_loss` is the mean over the classes of their mean cross-entropy, `val_recall` that of
    their recalls. Runs with other methods can be compared by them.
    """

    # Batch statistics of one image are none.
    smallest_part = 2

    def __init__(self, model: Classifier, config: ClassifierConfig) -> None:
        super().__init__(model, config)
        counts = model.class_counts
        self.loss = Recipe(config.imbalance, config.beta, config.gamma, config.tau).loss(counts)
        self.mixing = (
            MixedReconstruction(counts.tolist(), _rule(counts))
            if config.mixed_reconstruction
            else None
        )
        self._variations = variations_of(config)
        self._depth = Depth(model)
        self._depth.freeze()
        self._validated: list[tuple[Tensor, Tensor]] = []

    def on_train_start(self) -> None:
        # An epoch that is gone on with has no start of its own.
        self._depth.keep_statistics()

    def on_train_epoch_start(self) -> None:
        self._depth.keep_statistics()

    def loss_of(self, batch: Batch) -> Tensor:
        images, classes = batch
        features = self.model.features(self._variations.apply(images))
        shares = one_hot(classes, len(self.model.classes)).to(features.dtype)
        if self.mixing is not None and 2 * self.current_epoch >= self.config.epochs:
            features, shares = self.mixing(features, shares)
        loss: Tensor = self.loss(self.model.logits(features).float(), shares.float())
        return loss

    def on_validation_epoch_start(self) -> None:
        self._validated = []

    def check(self, batch: Batch) -> None:
        images, classes = batch
        self._validated.append((self.model(images).float(), classes))

    def on_validation_epoch_end(self) -> None:
        logits, classes = map(torch.cat, zip(*self._validated, strict=True))
        losses = cross_entropy(logits, classes, reduction="none")
        hits = (logits.argmax(1) == classes).float()
        self.log("val_loss", mean_over_classes(losses, classes))
        self.log("val_recall", mean_over_classes(hits, classes))

    def compiled_parts(self) -> list[nn.Module]:
        return list(self.model.stages)

    def groups(self) -> list[dict[str, Any]]:
        return self._depth.groups()


def _rule(counts: Tensor) -> ReconstructionRule:
    """Return the paper's rule; of few images, types with half of the most are frequent enough."""
    usual = ReconstructionRule()
    limit = min(usual.few_shot_limit, int(counts.max()) // 2)
    return replace(usual, few_shot_limit=limit)


def mean_over_classes(values: Tensor, classes: Tensor) -> Tensor:
    """Return the mean over the classes that occur of each one's mean of the values (B,)."""
    counts = classes.bincount()
    sums = values.new_zeros(len(counts)).index_add(0, classes, values)
    present = counts > 0
    return (sums[present] / counts[present]).mean()
