"""Scores of batches, whatever their size."""

import logging

import torch
from torch import Tensor

from inspector_app.domain.errors import OutOfMemoryError
from training.memory import is_out_of_memory
from training.models.anomaly import ScoringModel

_log = logging.getLogger(__name__)


class Scorer:
    """Scores images with a model that is set to `eval` and lies on `device`."""

    def __init__(self, model: ScoringModel, device: torch.device) -> None:
        self._model = model
        self._device = device

    @torch.inference_mode()
    def score(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Score images; results are on the CPU.

        Args:
            images: (B, 3, H, W) float32 in [0, 1], RGB, already resized to the model's input.

        Returns:
            Image scores (B,) and pixel maps (B, H, W), both ≥ 0; larger means more anomalous.
            Maps are at input resolution.

        Raises:
            OutOfMemoryError: if one image alone does not fit; larger batches are halved first.
        """
        try:
            scores, maps = self._model.score(images.to(self._device))
            return scores.float().cpu(), maps.float().cpu()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if len(images) == 1:
                raise OutOfMemoryError(
                    "one image alone does not fit into memory",
                    "close other programs, or train with a smaller image size",
                ) from error
        # Outside of the handler: the exception keeps the failed batch's tensors alive.
        return self._score_halves(images)

    def _score_halves(self, images: Tensor) -> tuple[Tensor, Tensor]:
        half = len(images) // 2
        _log.warning("memory ran out with %d images at once, halving", len(images))
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        first = self.score(images[:half])
        second = self.score(images[half:])
        return torch.cat((first[0], second[0])), torch.cat((first[1], second[1]))
