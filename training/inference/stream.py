"""Files to scores, decoding ahead of the model."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.picture import RgbImage
from training.data.pictures import read_picture, to_batch
from training.data.prefetch import prefetch
from training.inference.scorer import Scorer


@dataclass(frozen=True, slots=True)
class Scored:
    """What the model says of one file, or why it could not look at it."""

    path: str
    score: float
    heatmap: NDArray[np.float32]
    """(H, W) at model resolution, ≥ 0."""
    seconds: float
    """This image's share of the time since the batch before it."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is no picture."""

    path: str
    error: str


def score_files(
    scorer: Scorer, paths: Sequence[str], *, size_px: int, batch_size: int = 8
) -> Iterator[Scored | Unreadable]:
    """Yield one outcome per file; the unreadable ones of a batch come before the others."""
    started = time.monotonic()
    waiting: list[tuple[str, RgbImage]] = []
    outcomes = prefetch(lambda path: _read(path, size_px), paths, ahead=2 * batch_size)
    for number, outcome in enumerate(outcomes, 1):
        if isinstance(outcome, Unreadable):
            yield outcome
        else:
            waiting.append(outcome)
        if waiting and (len(waiting) == batch_size or number == len(paths)):
            yield from _score(scorer, waiting, started)
            waiting = []
            started = time.monotonic()


def _read(path: str, size_px: int) -> tuple[str, RgbImage] | Unreadable:
    try:
        return path, read_picture(path, size_px)
    except BadDataError as error:
        return Unreadable(path, str(error))


def _score(scorer: Scorer, batch: list[tuple[str, RgbImage]], started: float) -> Iterator[Scored]:
    scores, maps = scorer.score(to_batch([picture for _, picture in batch]))
    seconds = (time.monotonic() - started) / len(batch)
    for (path, _), score, heatmap in zip(batch, scores.tolist(), maps.numpy(), strict=True):
        yield Scored(path, score, heatmap, seconds)
