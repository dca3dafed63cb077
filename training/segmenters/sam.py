"""Segment Anything (ViT-B, L, H), and what its relatives share with it."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from segment_anything import SamPredictor, sam_model_registry
from segment_anything.modeling import Sam
from torch import Tensor

from inspector_app.domain.errors import MissingWeightsError
from training.segmenters.base import Candidate, Picture, PictureKey, Prompts, Recent
from training.weights import StateDict

_KEPT_EMBEDDINGS = 16
"""4 MB each."""


def build_sam(variant: str, weights: StateDict) -> Sam:
    """Return the network with its weights, on the CPU.

    Args:
        variant: segment-anything's key: ``vit_b``, ``vit_l``, ``vit_h``.

    Raises:
        MissingWeightsError: if the weights are another network's.
    """
    # On the meta device nothing is initialised: ViT-H would spend seconds and
    # 2.5 GB on random numbers that the weights replace.
    with torch.device("meta"):
        network = sam_model_registry[variant]()
    return load_weights(network, weights, assign=True)


def load_weights(network: Sam, weights: StateDict, *, assign: bool = False) -> Sam:
    """Put weights into a network that they must fit exactly, and set it to evaluation.

    Raises:
        MissingWeightsError: if they do not fit.
    """
    try:
        network.load_state_dict(weights, strict=True, assign=assign)
    except RuntimeError as error:
        raise MissingWeightsError(
            f"the weights are another network's: {str(error)[:300]}",
            "import the published file again under Weights…",
        ) from error
    # After the weights, not before: TinyViT derives its attention biases in eval().
    return network.eval()


@dataclass(frozen=True, eq=False, slots=True)
class _Embedding:
    """What `SamPredictor` knows of an encoded image."""

    features: Tensor  # (1, 256, 64, 64)
    original_size: tuple[int, int]
    input_size: tuple[int, int]


@dataclass(frozen=True, eq=False, slots=True)
class _Answer:
    """The last answer, from which added points refine."""

    picture: PictureKey
    prompts: Prompts
    logits: NDArray[np.float32]  # (1, 256, 256)


class SamSegmenter:
    """Any network of the SAM family behind `SamPredictor`."""

    def __init__(self, name: str, network: Sam, device: str) -> None:
        self.name = name
        self._predictor = SamPredictor(network.to(torch.device(device)))
        self._embeddings: Recent[_Embedding] = Recent(_KEPT_EMBEDDINGS)
        self._last: _Answer | None = None

    def prepare(self, picture: Picture) -> None:
        self._embeddings.get(picture, self._encode)

    def segment(self, picture: Picture, prompts: Prompts) -> list[Candidate]:
        self._restore(self._embeddings.get(picture, self._encode))
        height, width = self._predictor.original_size
        box = prompts.box.clipped(width, height) if prompts.box else None
        # One click is ambiguous (the scratch, the cap, the bottle); more prompts are not.
        is_ambiguous = box is None and len(prompts.points) == 1
        masks, qualities, logits = self._predictor.predict(
            point_coords=np.array([(p.x, p.y) for p in prompts.points]) if prompts.points else None,
            point_labels=np.array([p.label for p in prompts.points]) if prompts.points else None,
            box=np.array([box.left, box.top, box.right, box.bottom]) if box else None,
            mask_input=self._logits_to_refine(picture, prompts),
            multimask_output=is_ambiguous,
        )
        order = np.argsort(-qualities)
        self._last = _Answer(picture.key, prompts, logits[order[0]][None])
        return [
            Candidate(masks[i], quality_01(float(qualities[i]))) for i in order if masks[i].any()
        ]

    def _logits_to_refine(self, picture: Picture, prompts: Prompts) -> NDArray[np.float32] | None:
        last = self._last
        if last is None or last.picture != picture.key or not prompts.continues(last.prompts):
            return None
        return last.logits

    def _encode(self, picture: Picture) -> _Embedding:
        self._predictor.set_image(picture.rgb)
        return _Embedding(
            self._predictor.features, self._predictor.original_size, self._predictor.input_size
        )

    def _restore(self, embedding: _Embedding) -> None:
        self._predictor.features = embedding.features
        self._predictor.original_size = embedding.original_size
        self._predictor.input_size = embedding.input_size
        self._predictor.is_image_set = True


def quality_01(estimate: float) -> float:
    """Return a network's IoU estimate, which no layer keeps within bounds, as a share."""
    return min(1.0, max(0.0, estimate)) if math.isfinite(estimate) else 0.0
