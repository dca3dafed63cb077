"""Image files as tensors of one size."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.huge import refuse_huge
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage, decode_rgb
from inspector_app.domain.tiff_pages import read_page
from inspector_app.protocol.files import DatasetItem, InspectionItem
from training.data.loading import ShuffledPasses, loader_of
from training.data.prefetch import prefetch

_log = logging.getLogger(__name__)

CACHE_LIMIT_BYTES = 1 << 30
"""Reduced pictures of one role stay in memory up to this size; more are decoded on every pass."""


def read_picture(path: str, size_px: int) -> RgbImage:
    """Return (size_px, size_px, 3) uint8; every pixel is the mean of the area it stands for.

    Raises:
        BadDataError: naming the file, if it cannot be read.
    """
    return read_picture_and_size(path, size_px)[0]


def read_picture_and_size(path: str, size_px: int) -> tuple[RgbImage, tuple[int, int]]:
    """Return what `read_picture` does, and the file's own width and height.

    Raises:
        BadDataError: naming the file, if it cannot be read.
    """
    refuse_huge(Path(path))
    try:
        data = read_page(Path(path))
    except OSError as error:
        raise BadDataError(
            f"{path}: cannot be read ({error.strerror})", "check that the file is still there"
        ) from error
    image = decode_rgb(data, name=path)
    # INTER_AREA must not enlarge: it would repeat pixels.
    enlarges = min(image.shape[:2]) < size_px
    resized = cv2.resize(
        image, (size_px, size_px), interpolation=cv2.INTER_LINEAR if enlarges else cv2.INTER_AREA
    )
    return np.asarray(resized, np.uint8), (image.shape[1], image.shape[0])


def to_batch(pictures: Sequence[RgbImage]) -> Tensor:
    """Return (B, 3, H, W) float32 in [0, 1]."""
    stacked = torch.from_numpy(np.stack(pictures))
    return stacked.permute(0, 3, 1, 2).contiguous().float().div_(255.0)


def truth_mask(item: DatasetItem | InspectionItem, size_px: int) -> NDArray[np.bool_] | None:
    """Return what is known of the pixels, (size_px, size_px): defect where half of the area is.

    None where nothing is known of the part, or it is defective and nobody has said where.
    """
    if item.is_defective is False:
        return np.zeros((size_px, size_px), np.bool_)
    if item.is_defective is None or item.mask_size is None or not item.mask_counts:
        return None
    try:
        mask = Mask.from_rle({"size": item.mask_size, "counts": item.mask_counts}).to_array()
    except ValueError as error:
        _log.warning("%s: mask left out: %s", item.image_path, error)
        return None
    size = (size_px, size_px)
    reduced = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(reduced >= 0.5)


class Pictures(Dataset[RgbImage]):
    """The readable ones of a list of image files, reduced to one size."""

    def __init__(self, paths: Sequence[str], size_px: int) -> None:
        self.paths = list(paths)
        self.size_px = size_px
        self.skipped: list[str] = []
        self._cache: list[RgbImage] = []

    def read(self, on_read: Callable[[int], None]) -> None:
        """Decode every file once; the unreadable ones are logged and left out.

        Args:
            on_read: called with the number of files gone through; may raise to end it.
        """
        readable: list[str] = []
        capacity = CACHE_LIMIT_BYTES // (3 * self.size_px**2)
        keep = len(self.paths) <= capacity
        for number, (path, picture) in enumerate(prefetch(self._try_to_read, self.paths), 1):
            if picture is None:
                self.skipped.append(path)
            else:
                readable.append(path)
                if keep:
                    self._cache.append(picture)
            on_read(number)
        self.paths = readable

    def loader(self, batch_size: int) -> DataLoader[Tensor]:
        """Return batches as `to_batch` makes them, in order."""
        return loader_of(self, batch_size, to_batch)

    def training_loader(self, batch_size: int, *, seed: int) -> DataLoader[Tensor]:
        """Return batches in a new order on every pass; see `loader_of`."""
        return loader_of(self, batch_size, to_batch, sampler=ShuffledPasses(len(self), seed=seed))

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> RgbImage:
        return self._cache[index] if self._cache else read_picture(self.paths[index], self.size_px)

    def __getitems__(self, indices: list[int]) -> list[RgbImage]:
        if self._cache:
            return [self._cache[index] for index in indices]
        return list(prefetch(self.__getitem__, indices))

    def _try_to_read(self, path: str) -> tuple[str, RgbImage | None]:
        try:
            return path, read_picture(path, self.size_px)
        except BadDataError as error:
            _log.warning("image left out: %s", error)
            return path, None
