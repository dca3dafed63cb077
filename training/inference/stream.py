"""Files to scores, decoding ahead of the model."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.picture import RgbImage
from training.data.pictures import read_picture_and_size, to_batch
from training.data.prefetch import prefetch
from training.inference.scorer import Scorer
from training.models.looking import Look


@dataclass(frozen=True, slots=True)
class Scored:
    """What the model says of one file."""

    path: str
    look: Look
    size: tuple[int, int]
    """Width and height of the file's image."""
    seconds: float
    """This image's share of the time since the batch before it."""

    @property
    def score(self) -> float:
        return float(self.look.score)

    @property
    def heatmap(self) -> NDArray[np.float32]:
        """(H, W) at model resolution, ≥ 0."""
        return np.asarray(self.look.heatmap.numpy(), np.float32)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is no picture."""

    path: str
    error: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A file's picture, reduced, and the size it had."""

    path: str
    picture: RgbImage
    size: tuple[int, int]


def score_files(
    scorer: Scorer, paths: Sequence[str], *, size_px: int, batch_size: int = 8
) -> Iterator[Scored | Unreadable]:
    """Yield one outcome per file; the unreadable ones of a batch come before the others."""
    started = time.monotonic()
    waiting: list[_Read] = []
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


def _read(path: str, size_px: int) -> _Read | Unreadable:
    try:
        return _Read(path, *read_picture_and_size(path, size_px))
    except BadDataError as error:
        return Unreadable(path, str(error))


def _score(scorer: Scorer, batch: list[_Read], started: float) -> Iterator[Scored]:
    looks = scorer.look(to_batch([read.picture for read in batch]))
    seconds = (time.monotonic() - started) / len(batch)
    for read, look in zip(batch, looks, strict=True):
        yield Scored(read.path, look, read.size, seconds)
