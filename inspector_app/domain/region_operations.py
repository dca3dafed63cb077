"""Masks made from other masks: set operations, growing, splitting, mirroring.

The cost of each follows the boxes of the masks that take part, not the image.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from inspector_app.domain.geometry import Box, PointXY
from inspector_app.domain.mask import BoolArray, Mask, Polygon
from inspector_app.domain.opencv import cv2

_SUBPIXEL_BITS = 4


def union(masks: Sequence[Mask]) -> Mask:
    """Return the pixels that are in any of the masks, which share one size.

    Raises:
        ValueError: if there is no mask, or sizes differ.
    """
    _same_size(masks)
    return _merged(masks, is_intersection=False)


def intersection(masks: Sequence[Mask]) -> Mask:
    """Return the pixels that are in all of the masks; see `union`."""
    _same_size(masks)
    return _merged(masks, is_intersection=True)


def difference(mask: Mask, *others: Mask) -> Mask:
    """Return the pixels of `mask` that are in none of the others."""
    _same_size([mask, *others])
    if (box := mask.box) is None:
        return mask
    taken = [other.crop(box) for other in others]
    kept = reduce(lambda pixels, other: pixels & ~other, taken, mask.crop(box))
    return _placed(kept, box, mask)


def symmetric_difference(masks: Sequence[Mask]) -> Mask:
    """Return the pixels that are in an odd number of the masks; see `union`."""
    _same_size(masks)
    whole = _merged(masks, is_intersection=False)
    if (box := whole.box) is None:
        return whole
    pixels = reduce(
        lambda found, mask: found ^ mask.crop(box), masks, np.zeros_like(whole.crop(box))
    )
    return _placed(pixels, box, whole)


def filled(polygons: Sequence[Polygon], *, height: int, width: int) -> Mask:
    """Return the pixels inside closed outlines by the even-odd rule, so that holes stay holes.

    Args:
        polygons: (N, 2) x, y in pixel-edge coordinates, each with at least three vertices.
    """
    return symmetric_difference(
        [
            Mask.from_polygons([polygon.ravel().tolist()], height=height, width=width)
            for polygon in polygons
        ]
    )


def grown(mask: Mask, distance_px: int) -> Mask:
    """Return the mask with everything within a distance of it, inside the image.

    A negative distance shrinks: pixels nearer than that to the outside go. Pixels beyond
    the image's edge count as inside, so a defect at the edge does not come off it.
    """
    if (box := mask.box) is None or distance_px == 0:
        return mask
    if distance_px < 0:
        padded = np.pad(mask.crop(box), 1).astype(np.uint8)
        _set_beyond_the_edge(padded, box, mask)
        kept = cv2.erode(
            padded, _disc(-distance_px), borderType=cv2.BORDER_REPLICATE, borderValue=0
        )
        return _placed(kept[1:-1, 1:-1] != 0, box, mask)
    around = Box(
        box.left - distance_px,
        box.top - distance_px,
        box.right + distance_px,
        box.bottom + distance_px,
    ).clipped(mask.width, mask.height)
    assert around is not None
    wide = cv2.dilate(mask.crop(around).astype(np.uint8), _disc(distance_px))
    return _placed(wide != 0, around, mask)


def without_holes(mask: Mask) -> Mask:
    """Return the mask with everything that it encloses."""
    if (box := mask.box) is None:
        return mask
    # Pixels that touch only at a corner do not close a ring, so the surroundings
    # get through there: eight neighbours, as in Mask.outlines.
    empty = np.pad(~mask.crop(box), 1, constant_values=True).astype(np.uint8)
    _, areas = cv2.connectedComponents(empty, connectivity=8)
    return _placed((areas != areas[0, 0])[1:-1, 1:-1], box, mask)


def parts(mask: Mask) -> list[Mask]:
    """Return the separate parts, largest first; pixels that touch at a corner belong together."""
    if (box := mask.box) is None:
        return []
    count, labels = cv2.connectedComponents(mask.crop(box).astype(np.uint8), connectivity=8)
    found = [_placed(labels == label, box, mask) for label in range(1, count)]
    return sorted(found, key=lambda part: -part.area)


def split(mask: Mask, line: Sequence[PointXY]) -> list[Mask]:
    """Return the parts that a drawn line cuts the mask into, largest first.

    The line's own pixels go to the part that they touch, so no pixel is lost. A line that
    does not cut through gives the parts there were.

    Args:
        line: at least two points, image pixels.
    """
    if (box := mask.box) is None:
        return []
    pixels = mask.crop(box)
    cut = np.zeros(pixels.shape, np.uint8)
    scale = 1 << _SUBPIXEL_BITS
    points = (np.asarray(line, np.float64) - (box.left, box.top) - 0.5) * scale
    # Two pixels wide, or pixels that touch at a corner would hold the halves together.
    cv2.polylines(cut, [np.rint(points).astype(np.int32)], False, 1, 2, cv2.LINE_8, _SUBPIXEL_BITS)
    count, labels = cv2.connectedComponents((pixels & (cut == 0)).astype(np.uint8), connectivity=4)
    if count <= 1:
        return [mask]
    nearest = _nearest_label(labels.astype(np.int32), pixels)
    found = [_placed(nearest == label, box, mask) for label in range(1, count)]
    return sorted(found, key=lambda part: -part.area)


def mirrored(mask: Mask, *, is_upside_down: bool = False) -> Mask:
    """Return the mask flipped within the image: left to right, or top to bottom."""
    if (box := mask.box) is None:
        return mask
    pixels = mask.crop(box)
    if is_upside_down:
        return Mask.from_crop(
            pixels[::-1],
            box.left,
            mask.height - box.bottom,
            height=mask.height,
            width=mask.width,
        )
    return Mask.from_crop(
        pixels[:, ::-1], mask.width - box.right, box.top, height=mask.height, width=mask.width
    )


def _nearest_label(labels: NDArray[np.int32], inside: BoolArray) -> NDArray[np.int32]:
    """Give pixels of `inside` without a label the one of the nearest labelled pixel."""
    _, owner = cv2.distanceTransformWithLabels(
        (labels == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    label_of_owner = np.zeros(int(owner.max()) + 1, np.int32)
    is_labelled = labels > 0
    label_of_owner[owner[is_labelled]] = labels[is_labelled]
    return np.where(inside, label_of_owner[owner], 0)


def _merged(masks: Sequence[Mask], *, is_intersection: bool) -> Mask:
    rle = coco_mask.merge([mask.rle for mask in masks], intersect=is_intersection)
    return Mask(masks[0].height, masks[0].width, rle["counts"].decode("ascii"))


def _set_beyond_the_edge(padded: NDArray[np.uint8], box: Box, mask: Mask) -> None:
    for is_edge, inner, outer in (
        (box.left == 0, padded[:, 1], padded[:, 0]),
        (box.right == mask.width, padded[:, -2], padded[:, -1]),
        (box.top == 0, padded[1], padded[0]),
        (box.bottom == mask.height, padded[-2], padded[-1]),
    ):
        if is_edge:
            outer[:] = inner


def _disc(radius_px: int) -> NDArray[np.uint8]:
    side = 2 * radius_px + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _placed(pixels: NDArray[np.bool_], box: Box, mask: Mask) -> Mask:
    return Mask.from_crop(pixels, box.left, box.top, height=mask.height, width=mask.width)


def _same_size(masks: Sequence[Mask]) -> None:
    if not masks:
        raise ValueError("no mask to work on")
    if len({(mask.height, mask.width) for mask in masks}) > 1:
        raise ValueError("masks of different images cannot be combined")
