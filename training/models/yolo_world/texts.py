"""What YOLO-World takes for the words of its classes: vectors, one of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.models.yolo_world.clip import TextEncoder
from training.models.yolo_world.clip_tokens import Tokenizer
from training.weights import WeightsShelf

CLIP = "CLIP ViT-B/32"
WORD_PARTS = "CLIP word parts"
"""Names in the manifest."""

TEXT_CHANNELS = 512
"""Of CLIP ViT-B/32, which the published weights were trained with."""
_SEED = 20240131
_ALIKE = 0.999
"""Cosine from which two classes could not be told apart."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Vectors of classes, and where they come from."""

    vectors: Tensor
    """(C, 512), each of length 1."""
    description: str


def choose_texts(names: Sequence[str], shelf: WeightsShelf) -> Texts:
    """Return CLIP's vectors of the names if CLIP is at hand, else ones at right angles."""
    if not all(shelf.look_up(each).state == "present" for each in (CLIP, WORD_PARTS)):
        return _closed_set(len(names), "CLIP is not among the weights")
    vectors = clip_texts(names, shelf)
    if not tell_apart(vectors):
        return _closed_set(len(names), "to CLIP two of their names are the same")
    return Texts(vectors, f"classes by their names, {CLIP}")


def tell_apart(vectors: Tensor) -> bool:
    """Tell whether every two of the vectors (N, 512) point into different directions."""
    likeness = (vectors @ vectors.T).fill_diagonal_(-1)
    return bool(likeness.max() <= _ALIKE)


def _closed_set(count: int, reason: str) -> Texts:
    words = f"classes as fixed vectors, a closed set: {reason}"
    return Texts(orthonormal_texts(count), words)


def clip_texts(texts: Sequence[str], shelf: WeightsShelf) -> Tensor:
    """Return CLIP's vectors of texts, (N, 512).

    Raises:
        MissingWeightsError: if CLIP or its word parts are not among the weights.
    """
    tokenizer = Tokenizer.read(shelf.verified(WORD_PARTS))
    # Published as TorchScript, which the safe reader does not know; of it only tensors are taken,
    # and the file is the one that the manifest pins by its full hash.
    script = torch.jit.load(str(shelf.verified(CLIP)), "cpu")  # type: ignore[no-untyped-call]
    vectors: Tensor = TextEncoder.of(script.state_dict())(tokenizer.numbers(texts))
    return vectors


def orthonormal_texts(count: int) -> Tensor:
    """Return vectors of length 1 that are always the same, (count, 512).

    At right angles as long as there is room for it, and random beyond: two random ones of so
    many channels are nearly so.
    """
    generator = torch.Generator().manual_seed(_SEED)
    square = torch.randn(TEXT_CHANNELS, TEXT_CHANNELS, generator=generator, dtype=torch.float64)
    basis, _ = torch.linalg.qr(square)
    rest = torch.randn(max(0, count - TEXT_CHANNELS), TEXT_CHANNELS, generator=generator)
    rest = torch.nn.functional.normalize(rest)
    return torch.cat((basis.float()[:count], rest))
