"""The thumbnails on disk: JPEG files named after what they show, up to a total size."""

import contextlib
import io
import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.files import state_key
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage

_DAY_S = 86_400.0
_QUALITY = 88

_log = logging.getLogger(__name__)


class ThumbnailFiles:
    """A cache: what is damaged or missing is made again; used by several threads at once."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def key(self, path: Path) -> str:
        """Return the name for the file as it is now; another content gets another one.

        Raises:
            BadDataError: if the file is gone.
        """
        return state_key(path)

    def read(self, key: str) -> RgbImage | None:
        data = self._read(key, ".jpg")
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
        return None if image is None else np.ascontiguousarray(image[:, :, ::-1], np.uint8)

    def write(self, key: str, rgb: RgbImage) -> None:
        """Keep a thumbnail; where that fails it will be made again."""
        bgr = np.ascontiguousarray(rgb[:, :, ::-1])
        _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        self._write(key, ".jpg", encoded.tobytes())

    def read_values(self, key: str) -> NDArray[Any] | None:
        """Return an array of any kind of numbers."""
        data = self._read(key, ".npy")
        with contextlib.suppress(ValueError, EOFError):
            return np.asarray(np.load(io.BytesIO(data), allow_pickle=False)) if data else None
        return None

    def write_values(self, key: str, values: NDArray[Any]) -> None:
        """Keep an array as it is; where that fails it will be made again."""
        stream = io.BytesIO()
        np.save(stream, values, allow_pickle=False)
        self._write(key, ".npy", stream.getvalue())

    def _read(self, key: str, suffix: str) -> bytes:
        target = self._target(key, suffix)
        try:
            data = target.read_bytes()
            # The age of a file says when it was used last, to a day.
            if time.time() - target.stat().st_mtime > _DAY_S:
                os.utime(target)
        except OSError:
            return b""
        return data

    def _write(self, key: str, suffix: str, data: bytes) -> None:
        target = self._target(key, suffix)
        beside = target.with_name(f".{key}-{os.getpid()}-{threading.get_ident()}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(data)
            beside.replace(target)
        except OSError as error:
            _log.debug("no thumbnail was kept at %s: %s", target, error)
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)

    def prune(self) -> int:
        """Delete the files unused for longest beyond the total size; return how many."""
        files = sorted(self._files(), reverse=True)
        total, removed = 0, 0
        for _, size, path in files:
            total += size
            if total > self._max_bytes:
                with contextlib.suppress(OSError):
                    Path(path).unlink()
                    removed += 1
        return removed

    def _target(self, key: str, suffix: str) -> Path:
        return self._folder / key[:2] / f"{key}{suffix}"

    def _files(self) -> Iterator[tuple[float, int, str]]:
        """Yield (used last, bytes, path) of every file."""
        with contextlib.suppress(OSError), os.scandir(self._folder) as shards:
            for shard in shards:
                with contextlib.suppress(OSError), os.scandir(shard.path) as entries:
                    for entry in entries:
                        with contextlib.suppress(OSError):
                            status = entry.stat()
                            yield status.st_mtime, status.st_size, entry.path
