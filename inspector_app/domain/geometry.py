"""Boxes and points in image pixels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

PointXY = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Axis-aligned box in image pixels; right and bottom edges are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        if not (self.left < self.right and self.top < self.bottom):
            raise ValueError(f"box has no area: {self}")

    @classmethod
    def around(cls, first: PointXY, second: PointXY) -> Self:
        """Return the smallest box of whole pixels that two opposite corners span."""
        left, right = sorted((first[0], second[0]))
        top, bottom = sorted((first[1], second[1]))
        return cls(
            int(left // 1),
            int(top // 1),
            int(max(-(-right // 1), left // 1 + 1)),
            int(max(-(-bottom // 1), top // 1 + 1)),
        )

    @classmethod
    def from_yolo(cls, centre_size_01: Sequence[float], width_px: int, height_px: int) -> Self:
        """Return the box of YOLO's centre x, centre y, width, height fractions.

        Edges are rounded to whole pixels and clipped to the image.

        Raises:
            ValueError: if nothing of the box lies inside the image, or a number is not finite.
        """
        if not all(math.isfinite(number) for number in centre_size_01):
            raise ValueError(f"a box has a coordinate that is not a number: {centre_size_01}")
        x, y, w, h = centre_size_01
        return cls(
            max(0, round((x - w / 2) * width_px)),
            max(0, round((y - h / 2) * height_px)),
            min(width_px, round((x + w / 2) * width_px)),
            min(height_px, round((y + h / 2) * height_px)),
        )

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def area(self) -> int:
        return self.width * self.height

    def to_yolo(self, width_px: int, height_px: int) -> tuple[float, float, float, float]:
        """Return centre x, centre y, width, height as fractions of the image."""
        return (
            (self.left + self.right) / 2 / width_px,
            (self.top + self.bottom) / 2 / height_px,
            (self.right - self.left) / width_px,
            (self.bottom - self.top) / height_px,
        )

    def contains(self, x: float, y: float) -> bool:
        return self.left <= x < self.right and self.top <= y < self.bottom

    def clipped(self, width_px: int, height_px: int) -> "Box | None":
        """Return the part inside the image, or None if there is none."""
        left, top = max(0, self.left), max(0, self.top)
        right, bottom = min(width_px, self.right), min(height_px, self.bottom)
        if left >= right or top >= bottom:
            return None
        return Box(left, top, right, bottom)

    def iou(self, other: "Box") -> float:
        """Return intersection over union."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        common = max(0, wide) * max(0, high)
        return common / (self.area + other.area - common)

    def moved(self, dx: int, dy: int) -> "Box":
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)


@dataclass(frozen=True, slots=True)
class PromptPoint:
    """One click prompt: a pixel that belongs (1) or does not belong (0)."""

    x: float
    y: float
    label: Literal[0, 1]
