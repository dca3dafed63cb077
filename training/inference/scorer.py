"""Scores of batches, whatever their size."""

import logging
from collections.abc import Callable
from itertools import chain
from typing import TypeVar

import torch
from torch import Tensor

from inspector_app.domain.errors import OutOfMemoryError
from training.memory import is_out_of_memory
from training.models.anomaly import ScoringModel
from training.models.looking import Look

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


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
        parts = self._in_parts(images, self._model.score)
        scores, maps = zip(*parts, strict=True)
        return torch.cat(scores).float().cpu(), torch.cat(maps).float().cpu()

    @torch.inference_mode()
    def look(self, images: Tensor) -> list[Look]:
        """Return what the model says of each image, beyond the score; as `score` otherwise."""
        return list(chain.from_iterable(self._in_parts(images, self._model.look)))

    def _in_parts(self, images: Tensor, work: Callable[[Tensor], Answer]) -> list[Answer]:
        try:
            return [work(images.to(self._device))]
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if len(images) == 1:
                raise OutOfMemoryError(
                    "one image alone does not fit into memory",
                    "close other programs, or train with a smaller image size",
                ) from error
        # Outside of the handler: the exception keeps the failed batch's tensors alive.
        half = len(images) // 2
        _log.warning("memory ran out with %d images at once, halving", len(images))
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        return [*self._in_parts(images[:half], work), *self._in_parts(images[half:], work)]
