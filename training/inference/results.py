"""The results of a batch as they are kept on disk; what has a line is not scored again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

from pydantic import ValidationError

from inspector_app.protocol.messages import ImageScored


class ResultLog:
    """Appends one line per image; a line is on its way to the disk when `append` returns."""

    def __init__(self, file: BinaryIO, results: dict[str, ImageScored]) -> None:
        self._file = file
        self.by_path = results

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Read what is there, cut off a half-written end, and go on behind it."""
        path.touch()
        with path.open("r+b") as file:
            results: dict[str, ImageScored] = {}
            end = 0
            for line in file:
                if not line.endswith(b"\n"):
                    break
                end += len(line)
                if (result := _parse(line)) is not None:
                    results[result.image_path] = result
            file.seek(end)
            file.truncate()
            yield cls(file, results)
            file.flush()
            os.fsync(file.fileno())

    def append(self, result: ImageScored) -> None:
        self._file.write(result.model_dump_json().encode("utf-8") + b"\n")
        self._file.flush()
        self.by_path[result.image_path] = result


def _parse(line: bytes) -> ImageScored | None:
    """Return the result, or None for a damaged line: its image is scored again."""
    try:
        return ImageScored.model_validate_json(line)
    except ValidationError:
        return None
