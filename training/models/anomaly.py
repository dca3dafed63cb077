"""What training and inspection ask of models."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from torch import Tensor, nn

from training.models.looking import Look, plain_looks


class ScoringModel(nn.Module, ABC):
    """A network that scores images; everything it has learnt is in its `state_dict`."""

    @abstractmethod
    def score(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Score images; the caller sets `eval` and `inference_mode`.

        Args:
            images: (B, 3, H, W) float32 in [0, 1], RGB, already resized to the model's input.

        Returns:
            Image scores (B,) and pixel maps (B, H, W), both ≥ 0 and not calibrated;
            larger means more anomalous. Maps are at input resolution.
        """

    def look(self, images: Tensor) -> list[Look]:
        """Score images and say what else is seen in each; as `score` otherwise."""
        return list(plain_looks(*self.score(images)))


class AnomalyModel(ScoringModel):
    """A network that learns from good parts only."""

    @abstractmethod
    def finish(self, batches: Iterable[Tensor]) -> None:
        """Learn, after the last step, what descent does not: statistics of good training images.

        Args:
            batches: (B, 3, H, W) each, as for `score`; may be gone through once only.
        """
