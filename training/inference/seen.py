"""What a model sees in an image, in the pixels of the image's file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.dataset import DEFECTIVE, GOOD
from inspector_app.domain.geometry import Box
from inspector_app.domain.hot_areas import MOST_AREAS, hot_areas
from inspector_app.domain.tidy import Tidying
from inspector_app.protocol.messages import RleMask, SeenRegion
from training.models.looking import FoundBox, Look, Marks

_SPECK = 4
"""Pixels of the model's picture; smaller areas are noise more often than defects."""


@dataclass(frozen=True, slots=True)
class Called:
    """What an image is taken for."""

    name: str = ""
    share_01: float | None = None


def called(look: Look, classes: Sequence[str]) -> Called:
    """Return the likeliest class; nothing for a model that does not name any."""
    if look.shares is None:
        return Called()
    place = int(look.shares.argmax())
    return Called(classes[place], float(look.shares[place]))


def seen_regions(
    look: Look, classes: Sequence[str], *, width: int, height: int
) -> tuple[SeenRegion, ...]:
    """Return the defects that a model sees, the surest first, at most `MOST_AREAS`."""
    names = [_type_name(name, classes) for name in classes]
    found = [_of_box(box, names, width, height) for box in look.boxes]
    if look.marks is not None:
        heatmap = look.heatmap.numpy()
        found += _of_marks(heatmap, look.marks, names, width, height)
    found.sort(key=lambda region: -region.score_01)
    return tuple(found[:MOST_AREAS])


def _type_name(name: str, classes: Sequence[str]) -> str:
    """Return the type of defect that a class stands for; none where there are no types."""
    return "" if set(classes) == {GOOD, DEFECTIVE} else name


def _of_box(found: FoundBox, names: Sequence[str], width: int, height: int) -> SeenRegion:
    box = Box.from_yolo(found.centre_size_01, width, height)
    return SeenRegion(
        class_name=names[found.place],
        score_01=found.score_01,
        box=(box.left, box.top, box.right, box.bottom),
    )


def _of_marks(
    heatmap: NDArray[np.float32], marks: Marks, names: Sequence[str], width: int, height: int
) -> Iterator[SeenRegion]:
    types, shares = marks.types.numpy(), marks.shares.numpy()
    speck_px = _SPECK * width * height // heatmap.size
    for place in np.unique(types[heatmap >= marks.level]).tolist():
        of_type = np.where(types == place, heatmap, np.float32(0.0))
        tidying = Tidying(speck_px=speck_px)
        for mask in hot_areas(of_type, marks.level, width=width, height=height, tidying=tidying):
            assert mask.box is not None
            inside = _reduced(mask.box, heatmap.shape, width, height)
            is_hot = of_type[inside] >= marks.level
            yield SeenRegion(
                class_name=names[place],
                score_01=float(shares[inside][is_hot].mean()),
                box=(mask.box.left, mask.box.top, mask.box.right, mask.box.bottom),
                mask=RleMask(size=(mask.height, mask.width), counts=mask.counts),
            )


def _reduced(box: Box, shape: tuple[int, ...], width: int, height: int) -> tuple[slice, slice]:
    """Return the rows and columns of the model's picture that a box of the image is made from.

    One more on each side than it touches: the image's pixels lie between the picture's.
    """
    rows, columns = shape
    top, left = box.top * rows // height, box.left * columns // width
    return (
        slice(max(0, top - 1), -(-box.bottom * rows // height) + 1),
        slice(max(0, left - 1), -(-box.right * columns // width) + 1),
    )
