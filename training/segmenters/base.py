"""What every click segmenter is given and gives."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import numpy as np

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray, Mask
from training.segmenters.picture import Picture, PictureKey

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Prompts:
    """Everything the operator has shown for one region, in the order it was given."""

    points: tuple[PromptPoint, ...] = ()
    box: Box | None = None
    stays_in_box: bool = False
    """Nothing outside the box belongs."""
    rough: Mask | None = None
    """A mask drawn by hand, of the picture's size; the wanted one is near it."""
    refines: int = field(default=0, compare=False)
    """Which candidate of the last answer added points work on."""

    @property
    def show_something(self) -> bool:
        """Whether anything is said to belong; “not this” alone names no region."""
        return (
            self.box is not None
            or self.rough is not None
            or any(point.label == 1 for point in self.points)
        )

    def continues(self, earlier: "Prompts") -> bool:
        """Whether points were only added to `earlier`."""
        count = len(earlier.points)
        return (
            (self.box, self.rough, self.stays_in_box)
            == (earlier.box, earlier.rough, earlier.stays_in_box)
            and len(self.points) > count
            and self.points[:count] == earlier.points
        )

    def lie_in(self, view: Box) -> bool:
        """Whether a part of the picture shows all of them."""
        boxes = [box for box in (self.box, self.rough.box if self.rough else None) if box]
        return all(view.contains(point.x, point.y) for point in self.points) and all(
            box.clipped(view.right, view.bottom) == box
            and view.left <= box.left
            and view.top <= box.top
            for box in boxes
        )

    def seen_in(self, view: Box) -> "Prompts":
        """Return the same prompts with their coordinates counted from a part's corner."""
        return Prompts(
            tuple(PromptPoint(p.x - view.left, p.y - view.top, p.label) for p in self.points),
            self.box.moved(-view.left, -view.top) if self.box else None,
            self.stays_in_box,
            Mask.from_array(self.rough.crop(view)) if self.rough else None,
            self.refines,
        )


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """One proposed mask, (H, W) at the picture's size, and the model's own estimate of its IoU."""

    mask: BoolArray
    quality_01: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The candidates, best first, and the model that found them."""

    click_model: str
    candidates: tuple[Candidate, ...]
    image_size: tuple[int, int] = (0, 0)
    """Height and width of the image; the masks are of `view`."""
    view: Box | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a picture that was prepared."""

    is_kept: bool = False
    """The cache on disk holds it."""
    was_kept: bool = False
    """It did before."""


class Interrupted(Exception):  # noqa: N818  (it is no error)
    """Work ahead was given up because something was asked for."""


def box_of(mask: BoolArray) -> Box | None:
    """Return the tightest box about the set pixels, None if there are none."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def limited_to(mask: BoolArray, box: Box) -> BoolArray:
    """Return the mask without what lies outside of a box."""
    limited = np.zeros_like(mask)
    part = slice(max(0, box.top), box.bottom), slice(max(0, box.left), box.right)
    limited[part] = mask[part]
    return limited


class Segmenter(Protocol):
    """One click model."""

    @property
    def name(self) -> str:
        """For people: “SAM ViT-B”."""

    def prepare(self, picture: Picture, should_stop: Callable[[], bool] | None = None) -> Kept:
        """Do what can be done before the first click.

        Raises:
            Interrupted: if `should_stop` came true meanwhile.
        """

    def segment(self, picture: Picture, prompts: Prompts) -> list[Candidate]:
        """Return up to three candidates, best first; none if the model finds nothing."""

    def glance(self, picture: Picture, prompts: Prompts) -> Candidate | None:
        """Return the best candidate if that takes no preparing; nothing refines it."""


class Recent(Generic[Value]):
    """The few values used last, one per picture."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[PictureKey, Value] = OrderedDict()

    def __contains__(self, picture: Picture) -> bool:
        return picture.key in self._values

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
