"""Images as a training makes them, to be looked at: pictures, and outlines of what is marked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from inspector_app.protocol.messages import Outline, VariedPicture
from training.data.boxes import Boxes

_SHOWN_PX = 256
"""Larger samples are reduced to it before they are written."""


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """One image as it is learned from."""

    image_path: str
    """Of the photo; of several that were put together, of the first one."""
    picture: RgbImage
    outlines: tuple[NDArray[np.float32], ...] = ()
    """Of marked defects, (N, 2) x and y in pixels of the picture each."""


class _Readable(Protocol):
    def read(self, on_read: Any) -> None: ...
    def __len__(self) -> int: ...


Read = TypeVar("Read", bound=_Readable)


def read_all(images: Read) -> Read:
    """Read images that are to be shown.

    Raises:
        BadDataError: if there is not one that can be read.
    """
    images.read(lambda _done: None)
    if not len(images):
        raise BadDataError(
            "none of these images can be learned from",
            "choose others; the check before a training tells what is wrong with which",
        )
    return images


@contextmanager
def drawing_from(seed: int) -> Iterator[None]:
    """Have torch's global generator draw from a seed, and go on as before afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def as_levels(images: Tensor) -> list[RgbImage]:
    """Return (B, 3, H, W) in [0, 1] as pictures."""
    levels = images.float().clamp(0.0, 1.0).mul(255.0).round().byte()
    return list(levels.permute(0, 2, 3, 1).contiguous().numpy())


def outlines_of(mask: NDArray[np.bool_]) -> tuple[NDArray[np.float32], ...]:
    """Return the borders of every part of a mask (H, W), those of holes as well."""
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    # A pixel's place is its corner, its middle lies half a pixel further.
    return tuple(contour.reshape(-1, 2).astype(np.float32) + 0.5 for contour in found)


def outlines_of_boxes(boxes: Boxes, side_px: int) -> tuple[NDArray[np.float32], ...]:
    """Return the corners of the boxes of a square picture."""
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32) / 2
    return tuple(
        np.asarray((box[:2] + corners * box[2:]) * side_px, np.float32) for box in boxes.fractions
    )


def write_samples(samples: Sequence[Sample], folder: Path) -> tuple[VariedPicture, ...]:
    """Write pictures, none larger than needed, and return what is to be told of them.

    Raises:
        OSError: if the folder is gone or the disk is full.
    """
    return tuple(_write(sample, folder, f"{n:02d}.png") for n, sample in enumerate(samples))


def _write(sample: Sample, folder: Path, name: str) -> VariedPicture:
    picture = sample.picture
    scale = min(1.0, _SHOWN_PX / max(picture.shape[:2]))
    if scale < 1.0:
        picture = np.asarray(
            cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    # Nobody looks at them twice: the size of the file does not matter, the time does.
    quickly = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    _, data = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]), quickly)
    # Nor does it matter what a power cut leaves of them, and that would take longer still.
    (folder / name).write_bytes(data.tobytes())
    outlines: list[Outline] = [
        tuple((float(x), float(y)) for x, y in outline * scale) for outline in sample.outlines
    ]
    return VariedPicture(file=name, image_path=sample.image_path, outlines=tuple(outlines))
