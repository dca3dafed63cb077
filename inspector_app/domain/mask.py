"""Masks as run lengths, and every conversion between masks, arrays and polygons.

A mask is pixels. Polygons are a view of it for export and drawing; holes and
separate parts live in the pixels and are never lost here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from inspector_app.domain.geometry import Box
from inspector_app.domain.opencv import cv2

BoolArray = NDArray[np.bool_]
Polygon = NDArray[np.float64]
"""(N, 2) x, y vertices in pixel-edge coordinates: pixel (0, 0) spans 0…1."""

MOST_PIXELS = 2**32 - 1
"""Of an image: pycocotools counts in 32 bits and goes astray beyond them."""
_MAX_DIGITS = 7
"""Characters of five bits each that a run within 32 bits can take."""
_ALPHABET_START = ord("0")


@dataclass(frozen=True)
class Mask:
    """A binary image of one region, kept as COCO's compressed run-length string."""

    height: int
    width: int
    counts: str

    @classmethod
    def from_array(cls, array: NDArray[Any]) -> Self:
        """Return the mask of the non-zero pixels of an (H, W) array."""
        if array.ndim != 2:
            raise ValueError(f"a mask has two dimensions, not {array.ndim}")
        encoded = coco_mask.encode(np.asfortranarray(array != 0, dtype=np.uint8))
        height, width = array.shape
        return cls(height, width, encoded["counts"].decode("ascii"))

    @classmethod
    def from_rle(cls, rle: dict[str, Any]) -> Self:
        """Return the mask of a COCO RLE, compressed or not.

        Raises:
            ValueError: if the run lengths do not add up to the stated size.
        """
        height, width = (int(n) for n in rle["size"])
        counts = rle["counts"]
        if height <= 0 or width <= 0 or height * width > MOST_PIXELS:
            raise ValueError(f"mask of {width}×{height} px")
        if isinstance(counts, bytes):
            counts = counts.decode("ascii")
        if isinstance(counts, str):
            if _run_total(counts) != height * width:
                raise ValueError(f"run lengths do not fill {width}×{height} px")
            return cls(height, width, counts)
        runs = [int(n) for n in counts]
        if any(n < 0 for n in runs) or sum(runs) != height * width:
            raise ValueError(f"run lengths do not fill {width}×{height} px")
        return cls(height, width, _compressed(runs, height, width))

    @classmethod
    def empty(cls, *, height: int, width: int) -> Self:
        """Return the mask of no pixel."""
        return cls(height, width, _compressed([height * width], height, width))

    @classmethod
    def from_box(cls, box: Box, *, height: int, width: int) -> Self:
        """Return the mask of a box's pixels inside the image; the cost follows its width."""
        if (inside := box.clipped(width, height)) is None:
            return cls.empty(height=height, width=width)
        starts = np.arange(inside.left, inside.right) * height + inside.top
        edges = np.stack([starts, starts + inside.height], axis=1)
        return cls._from_edges(edges.ravel(), height=height, width=width)

    @classmethod
    def from_polygons(cls, polygons: Sequence[Sequence[float]], *, height: int, width: int) -> Self:
        """Return the union of flat x, y, x, y… polygons, rasterised as pycocotools does.

        Raises:
            ValueError: if a polygon has fewer than three vertices or a number is not finite.
        """
        flat = [[float(v) for v in polygon] for polygon in polygons]
        for polygon in flat:
            if len(polygon) < 6 or len(polygon) % 2:
                raise ValueError("a polygon needs at least three x, y pairs")
            if not np.isfinite(polygon).all():
                raise ValueError("a polygon has a coordinate that is not a number")
        # pycocotools' rasteriser walks every pixel along an edge, so a vertex at
        # 1e9 would take minutes; clipping to the image's surroundings does not
        # change pixels inside beyond the cut's rounding.
        limit = 4 * max(height, width)
        flat = [list(np.clip(polygon, -limit, limit)) for polygon in flat]
        merged = coco_mask.merge(coco_mask.frPyObjects(flat, height, width))
        return cls(height, width, merged["counts"].decode("ascii"))

    @classmethod
    def from_crop(cls, crop: NDArray[Any], left: int, top: int, *, height: int, width: int) -> Self:
        """Return the mask whose non-zero pixels are those of an (h, w) array placed at left, top.

        The cost follows the part of the crop that is set, not the image.
        """
        x, y, columns, rows = cv2.boundingRect((crop != 0).view(np.uint8))
        left, top = left + x, top + y
        padded = np.zeros((columns, rows + 2), np.int8)
        padded[:, 1:-1] = crop[y : y + rows, x : x + columns].T != 0
        column, row = np.divmod(np.flatnonzero(np.diff(padded, axis=1)), rows + 1)
        return cls._from_edges((left + column) * height + top + row, height=height, width=width)

    @classmethod
    def _from_edges(cls, edges: NDArray[np.int64], *, height: int, width: int) -> Self:
        """Return the mask whose set runs begin and end, in turn, at these places.

        Places count down the columns and do not fall; a run may begin where the last one ended.
        """
        touches = edges[1:] == edges[:-1]
        is_inner = np.zeros(len(edges), np.bool_)
        is_inner[1:] = touches
        is_inner[:-1] |= touches
        runs = np.diff(edges[~is_inner], prepend=0, append=height * width).tolist()
        if runs[-1] == 0:
            runs.pop()
        return cls(height, width, _compressed(runs, height, width))

    @property
    def rle(self) -> dict[str, Any]:
        """COCO's dictionary form: size (height, width) and compressed counts."""
        return {"size": [self.height, self.width], "counts": self.counts}

    @property
    def _encoded(self) -> dict[str, Any]:
        return {"size": [self.height, self.width], "counts": self.counts.encode("ascii")}

    def to_array(self) -> BoolArray:
        """Return the (H, W) boolean image; a new array each time."""
        return np.ascontiguousarray(coco_mask.decode(self._encoded)).astype(bool)

    def crop(self, box: Box, *, step: int = 1) -> BoolArray:
        """Return the (box.height, box.width) part inside a box that lies in the image.

        With a step, every so many-th pixel in both directions. The cost follows what is
        returned and the mask's runs, not the image.
        """
        start, end = box.left * self.height, box.right * self.height
        edges = np.clip(np.cumsum(_runs(self.counts)), start, end) - start
        columns, rows = np.divmod(edges, self.height)
        rows = np.clip(rows - box.top, 0, box.height)
        height, width = -(-box.height // step), -(-box.width // step)
        # Where in the columns that are taken each run ends: what lies between shrinks to 0.
        rows = np.where(columns % step == 0, -(-rows // step), 0)
        edges = -(-columns // step) * height + rows
        runs = np.diff(edges, prepend=0).tolist()
        counts = _compressed(runs, height, width).encode("ascii")
        found = coco_mask.decode({"size": [height, width], "counts": counts})
        return np.ascontiguousarray(found).astype(bool)

    def moved(self, dx: int, dy: int) -> "Mask":
        """Return the mask shifted by whole pixels.

        Raises:
            ValueError: if pixels would leave the image.
        """
        if self.box is None:
            return self
        target = self.box.moved(dx, dy)
        if target.clipped(self.width, self.height) != target:
            raise ValueError(f"a mask in {self.box} moved by {dx}, {dy} px leaves the image")
        return Mask.from_crop(
            self.crop(self.box), target.left, target.top, height=self.height, width=self.width
        )

    @cached_property
    def area(self) -> int:
        """Number of pixels."""
        return int(coco_mask.area(self._encoded))

    @cached_property
    def box(self) -> Box | None:
        """The tightest box, or None for an empty mask."""
        if self.area == 0:
            return None
        x, y, w, h = (int(v) for v in coco_mask.toBbox(self._encoded))
        return Box(x, y, x + w, y + h)

    def iou(self, other: "Mask") -> float:
        """Return intersection over union; 1.0 when both are empty."""
        if self.area == 0 and other.area == 0:
            return 1.0
        result = coco_mask.iou([self._encoded], [other._encoded], [0])
        return float(result[0][0])

    def to_polygons(self) -> list[Polygon]:
        """Return outer outlines and holes along pixel edges, largest first.

        Filling all of them with the even-odd rule gives the mask back exactly.
        """
        return [outline for outline, _ in self.outlines()]

    def outlines(self) -> list[tuple[Polygon, bool]]:
        """Return (polygon, is_hole) pairs along pixel edges, largest first."""
        if (box := self.box) is None:
            return []
        return pixel_edge_outlines(self.crop(box), offset_xy=(box.left, box.top))

    def has_holes(self) -> bool:
        return any(is_hole for _, is_hole in self.outlines())


def pixel_edge_outlines(
    array: NDArray[Any], *, offset_xy: tuple[int, int] = (0, 0)
) -> list[tuple[Polygon, bool]]:
    """Trace the edges between set and unset pixels.

    Args:
        array: (H, W), non-zero is set.
        offset_xy: added to every vertex.

    Returns:
        (polygon, is_hole), polygons (N, 2) float64 on the pixel-corner grid,
        largest area first; pixels that touch only at a corner are separate.
    """
    padded = np.pad(array != 0, 1).astype(np.int8)
    down = np.diff(padded, axis=0)[:, 1:-1]  # +1: top edge of a pixel, -1: bottom edge
    across = np.diff(padded, axis=1)[1:-1, :]  # +1: left edge, -1: right edge
    # Every straight run keeps the region on its right-hand side, so outer
    # outlines run clockwise on screen and holes anticlockwise.
    runs: dict[tuple[int, int, int], tuple[int, int]] = {}
    for y, x0, x1 in _straight_runs(down == 1):
        runs[x0, y, _EAST] = (x1, y)
    for y, x0, x1 in _straight_runs(down == -1):
        runs[x1, y, _WEST] = (x0, y)
    for x, y0, y1 in _straight_runs((across == -1).T):
        runs[x, y0, _SOUTH] = (x, y1)
    for x, y0, y1 in _straight_runs((across == 1).T):
        runs[x, y1, _NORTH] = (x, y0)
    result = [(polygon + np.asarray(offset_xy, np.float64)) for polygon in _chain(runs)]
    pairs = [(polygon, polygon_area(polygon) < 0) for polygon in result]
    pairs.sort(key=lambda item: -abs(polygon_area(item[0])))
    return pairs


_EAST, _SOUTH, _WEST, _NORTH = range(4)


def _straight_runs(edges: BoolArray) -> list[tuple[int, int, int]]:
    """Return (row, first, past-the-last) of every run of set cells in each row."""
    steps = np.diff(np.pad(edges.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)
    return list(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True))


def _chain(runs: dict[tuple[int, int, int], tuple[int, int]]) -> list[Polygon]:
    polygons: list[Polygon] = []
    while runs:
        (x, y, heading), end = runs.popitem()
        start = (x, y)
        vertices = [start]
        while end != start:
            vertices.append(end)
            # Turning right first keeps pixels that touch only at a corner apart.
            turn = (heading + 1) % 4
            if (*end, turn) not in runs:
                turn = (heading - 1) % 4
            heading, end = turn, runs.pop((*end, turn))
        polygons.append(np.asarray(vertices, np.float64))
    return polygons


def polygon_area(polygon: Polygon) -> float:
    """Return the signed area in px² (shoelace formula)."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0


def simplify(polygon: Polygon, *, tolerance_px: float) -> Polygon:
    """Return a polygon with fewer vertices, at most `tolerance_px` off (Douglas–Peucker)."""
    if tolerance_px <= 0 or len(polygon) <= 4:
        return polygon
    thinned = cv2.approxPolyDP(polygon.astype(np.float32)[:, None, :], tolerance_px, True)
    vertices = thinned[:, 0, :].astype(np.float64)
    return vertices if len(vertices) >= 3 else polygon


def _compressed(runs: list[int], height: int, width: int) -> str:
    encoded = coco_mask.frPyObjects({"size": [height, width], "counts": runs}, height, width)
    return str(encoded["counts"].decode("ascii"))


def _run_total(counts: str) -> int:
    """Add up the runs of a compressed COCO RLE string without allocating their pixels.

    pycocotools writes past its buffer when a hostile string's runs exceed the
    stated size, so the sum is checked before anything is decoded.
    """
    return int(_runs(counts).sum())


def _runs(counts: str) -> NDArray[np.int64]:
    """Return the run lengths of a compressed COCO RLE string, zeros first.

    The encoding is LEB128-like: six bits a character, five of them value,
    differences against the run before the previous one (cocoapi, maskApi.c).

    Raises:
        ValueError: if the string is not such an encoding.
    """
    values = _numbers(_six_bits(counts))
    # The first three are no differences.
    for interleaved in (values[1::2], values[2::2]):
        np.cumsum(interleaved, out=interleaved)
    if (values < 0).any():
        raise ValueError("run lengths contain a negative run")
    # Each step is below 2**35: a sum that wraps around 64 bits has been seen on its way.
    if (values > MOST_PIXELS).any():
        raise ValueError("run lengths contain a number beyond all sizes")
    return values


def _six_bits(counts: str) -> NDArray[np.uint8]:
    text = np.frombuffer(counts.encode("utf-32-le", "surrogatepass"), "<u4")
    codes = text - np.uint32(_ALPHABET_START)
    if (codes >= 64).any():
        raise ValueError(f"run lengths contain {counts[int(np.argmax(codes >= 64))]!r}")
    return codes.astype(np.uint8)


def _numbers(codes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the signed numbers, lowest five bits first; 32 says that five more follow."""
    ends = np.flatnonzero(codes & 0x20 == 0) + 1
    sizes = np.diff(ends, prepend=0)
    unfinished = codes.size - int(ends.max(initial=0))
    if sizes.max(initial=unfinished) > _MAX_DIGITS:
        raise ValueError("run lengths contain a number beyond all sizes")
    if unfinished:
        raise ValueError("run lengths end in the middle of a number")
    starts = ends - sizes
    digits = np.arange(codes.size) - np.repeat(starts, sizes)
    parts = (codes & 0x1F).astype(np.int64) << 5 * digits
    values: NDArray[np.int64] = np.add.reduceat(parts, starts) if starts.size else parts
    is_negative = codes[ends - 1] & 0x10 != 0
    values -= is_negative.astype(np.int64) << 5 * sizes
    return values
