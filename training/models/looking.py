"""What a model says of one image, beyond its score."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Marks:
    """Where types of defect are seen."""

    types: Tensor
    """(H, W) int64: at each pixel the place of its likeliest type among the model's classes."""
    shares: Tensor
    """(H, W): how likely that is."""
    level: float
    """A pixel is of its type where the heatmap reaches this."""


@dataclass(frozen=True, slots=True)
class FoundBox:
    """One defect of a detector."""

    place: int
    """Of its class among the model's."""
    score_01: float
    centre_size_01: tuple[float, float, float, float]
    """Centre x, centre y, width, height as shares of the image."""


@dataclass(frozen=True, slots=True)
class Look:
    """Everything a model says of one image; all of it is on the CPU.

    Score and heatmap are those of `ScoringModel.score`. Who learnt from good parts only has
    nothing to add.
    """

    score: Tensor
    heatmap: Tensor
    shares: Tensor | None = None
    """(C,), how likely the image, or its likeliest defect, is of each class; they sum to 1."""
    marks: Marks | None = None
    boxes: tuple[FoundBox, ...] = ()


def plain_looks(scores: Tensor, maps: Tensor) -> Iterator[Look]:
    """Yield looks of a model that has nothing to add to (B,) scores and (B, H, W) maps."""
    for score, heatmap in zip(scores.float().cpu(), maps.float().cpu(), strict=True):
        yield Look(score, heatmap)
