"""What every click segmenter is given and gives."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

import numpy as np

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray
from inspector_app.domain.picture import RgbImage, decode_rgb

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Prompts:
    """Everything the operator has shown for one region, in the order it was given."""

    points: tuple[PromptPoint, ...] = ()
    box: Box | None = None

    @property
    def show_something(self) -> bool:
        """Whether anything is said to belong; “not this” alone names no region."""
        return self.box is not None or any(point.label == 1 for point in self.points)

    def continues(self, earlier: "Prompts") -> bool:
        """Whether points were only added to `earlier`."""
        count = len(earlier.points)
        return (
            self.box == earlier.box
            and len(self.points) > count
            and self.points[:count] == earlier.points
        )


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """One proposed mask, (H, W) at image size, and the model's own estimate of its IoU."""

    mask: BoolArray
    quality_01: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The candidates, best first, and the model that found them."""

    click_model: str
    candidates: tuple[Candidate, ...]


def box_of(mask: BoolArray) -> Box | None:
    """Return the tightest box about the set pixels, None if there are none."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


class Segmenter(Protocol):
    """One click model."""

    @property
    def name(self) -> str:
        """For people: “SAM ViT-B”."""

    def prepare(self, picture: "Picture") -> None:
        """Do what can be done before the first click."""

    def segment(self, picture: "Picture", prompts: Prompts) -> list[Candidate]:
        """Return up to three candidates, best first; none if the model finds nothing."""


PictureKey = tuple[Path, int, int]
"""Path, size and time of change of an image file."""


@dataclass(frozen=True)
class Picture:
    """One state of an image file; decoded when its pixels are asked for."""

    key: PictureKey

    @property
    def path(self) -> Path:
        return self.key[0]

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the file's present state.

        Raises:
            BadDataError: if there is no such file.
        """
        try:
            status = path.stat()
        except OSError as error:
            raise _unreadable(path, error) from error
        return cls((path, status.st_size, status.st_mtime_ns))

    @cached_property
    def rgb(self) -> RgbImage:
        """(H, W, 3) uint8, upright.

        Raises:
            BadDataError: if the file is no complete image.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise _unreadable(self.path, error) from error
        return decode_rgb(data, name=str(self.path))


def _unreadable(path: Path, error: OSError) -> BadDataError:
    return BadDataError(
        f"{path}: {error.strerror or error}", "check that the file is still there and may be read"
    )


class Recent(Generic[Value]):
    """The few values used last, one per picture."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[PictureKey, Value] = OrderedDict()

    def get(self, picture: Picture, make: Callable[[Picture], Value]) -> Value:
        """Return the picture's value, made if it is not among the recent ones."""
        if picture.key not in self._values:
            self._values[picture.key] = make(picture)
            if len(self._values) > self._capacity:
                self._values.popitem(last=False)
        self._values.move_to_end(picture.key)
        return self._values[picture.key]

    def clear(self) -> None:
        self._values.clear()
