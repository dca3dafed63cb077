"""Segment Anything (ViT-B, L, H), and what its relatives share with it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from segment_anything import SamPredictor, sam_model_registry
from segment_anything.modeling import Sam
from torch import Tensor

from inspector_app.domain.errors import MissingWeightsError
from inspector_app.protocol.embeddings import EmbeddingFiles
from training.segmenters.base import Candidate, Interrupted, Kept, Prompts, limited_to
from training.segmenters.embeddings import Embeddings, Encoded
from training.segmenters.picture import Picture, PictureKey
from training.segmenters.prompting import SamPrompts, sam_prompts
from training.segmenters.upscaling import upscaled_masks
from training.weights import StateDict


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
class _Answer:
    """The last answer, from which added points refine."""

    picture: PictureKey
    prompts: Prompts
    logits: NDArray[np.float32]  # (candidates, 256, 256), best first


class SamSegmenter:
    """Any network of the SAM family."""

    def __init__(
        self,
        name: str,
        network: Sam,
        device: str,
        *,
        encoder: str = "",
        files: EmbeddingFiles | None = None,
    ) -> None:
        """Keep embeddings in `files` under the name of the `encoder`, if files are given."""
        self.name = name
        self._network = network.to(torch.device(device))
        self._predictor = SamPredictor(self._network)
        self._embeddings = Embeddings(encoder, files, torch.device(device), self._encode)
        self._should_stop: Callable[[], bool] | None = None
        self._last: _Answer | None = None
        for module in network.image_encoder.modules():
            if not list(module.children()):
                module.register_forward_pre_hook(self._stop_if_wanted)
        with torch.inference_mode():
            self._places = network.prompt_encoder.get_dense_pe()

    def prepare(self, picture: Picture, should_stop: Callable[[], bool] | None = None) -> Kept:
        self._should_stop = should_stop
        try:
            return self._embeddings.prepare(picture)
        finally:
            self._should_stop = None

    def segment(self, picture: Picture, prompts: Prompts) -> list[Candidate]:
        encoded = self._embeddings.get(picture)
        candidates, logits = self._answer(encoded, prompts, self._refined(picture, prompts))
        self._last = _Answer(picture.key, prompts, logits)
        return candidates

    def glance(self, picture: Picture, prompts: Prompts) -> Candidate | None:
        encoded = self._embeddings.get_at_once(picture)
        if encoded is None:
            return None
        candidates, _ = self._answer(encoded, prompts, None, most=1)
        return candidates[0] if candidates else None

    def _answer(
        self,
        encoded: Encoded,
        prompts: Prompts,
        refined: NDArray[np.float32] | None,
        most: int = 3,
    ) -> tuple[list[Candidate], NDArray[np.float32]]:
        """Return the candidates and all logits (C, 256, 256), both best first."""
        # One click is ambiguous (the scratch, the cap, the bottle); more prompts are not.
        is_ambiguous = not prompts.box and not prompts.rough and len(prompts.points) == 1
        given = sam_prompts(prompts, encoded.size, refined)
        logits, qualities = self._decode(encoded, given, is_ambiguous=is_ambiguous)
        order = np.argsort(-qualities)
        masks = upscaled_masks(logits[order[:most]], encoded.size)
        if prompts.stays_in_box and prompts.box:
            masks = [limited_to(mask, prompts.box) for mask in masks]
        found = [
            Candidate(mask, quality_01(float(qualities[i])))
            for i, mask in zip(order, masks, strict=False)
            if mask.any()
        ]
        return found, logits[order]

    @torch.inference_mode()
    def _decode(
        self, encoded: Encoded, given: SamPrompts, *, is_ambiguous: bool
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return logits (C, 256, 256) and estimated IoUs (C,)."""
        device = self._places.device
        points, boxes, masks = (
            part.to(device) if part is not None else None
            for part in (given.points, given.box, given.logits)
        )
        labelled = (points, given.labels.to(device)) if points is not None else None
        sparse, dense = self._network.prompt_encoder(points=labelled, boxes=boxes, masks=masks)
        logits, qualities = self._network.mask_decoder(
            image_embeddings=encoded.features,
            image_pe=self._places,
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=is_ambiguous,
        )
        return logits[0].float().cpu().numpy(), qualities[0].float().cpu().numpy()

    def _refined(self, picture: Picture, prompts: Prompts) -> NDArray[np.float32] | None:
        """Return the logits (256, 256) of the candidate that added points work on."""
        last = self._last
        if last is None or last.picture != picture.key or not prompts.continues(last.prompts):
            return None
        return np.asarray(last.logits[min(prompts.refines, len(last.logits) - 1)])

    def _encode(self, picture: Picture) -> Tensor:
        self._predictor.set_image(picture.rgb)
        features: Tensor = self._predictor.features
        return features

    def _stop_if_wanted(self, *_: object) -> None:
        # Between two layers: what runs ahead gives way within a tenth of a second.
        if self._should_stop is not None and self._should_stop():
            raise Interrupted


def quality_01(estimate: float) -> float:
    """Return a network's IoU estimate, which no layer keeps within bounds, as a share."""
    return min(1.0, max(0.0, estimate)) if math.isfinite(estimate) else 0.0
