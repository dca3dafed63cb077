"""The frozen data set of a run and the roles of its images."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.base import FILE_VERSION, Frozen
from inspector_app.protocol.files import DatasetItem, InspectionJob, TrainingJob

_log = logging.getLogger(__name__)

Line = TypeVar("Line", bound=Frozen)
Job = TypeVar("Job", TrainingJob, InspectionJob)

_REMEDY = "start the job again"

_HOLD_OUT_EVERY = 5


@dataclass(frozen=True, slots=True)
class Roles:
    """Which images a model that learns from good parts uses for what."""

    train: tuple[DatasetItem, ...]
    val: tuple[DatasetItem, ...]
    """Good parts that training does not see: they choose the best epoch and the threshold."""
    test: tuple[DatasetItem, ...]


def read_job(path: Path, kind: type[Job]) -> Job:
    """Return the job that a JSON file describes.

    Raises:
        BadDataError: naming the file, if it is missing, damaged or of another version.
    """
    try:
        job = kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadDataError(f"{path}: cannot be read ({error.strerror})", _REMEDY) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadDataError(f"{path}: {first['msg']} at {where or 'top'}", _REMEDY) from error
    if job.protocol != FILE_VERSION:
        raise BadDataError(
            f"{path}: written for protocol {job.protocol}, this is {FILE_VERSION}", _REMEDY
        )
    return job


def read_lines(path: Path, kind: type[Line]) -> list[Line]:
    """Return one message per line of a JSON-lines file; empty lines are passed over.

    Raises:
        BadDataError: naming file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadDataError(f"{path}: cannot be read", _REMEDY) from error
    return [
        _parse(path, number, line, kind) for number, line in enumerate(lines, 1) if line.strip()
    ]


def _parse(path: Path, number: int, line: str, kind: type[Line]) -> Line:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"]
        raise BadDataError(f"{path}, line {number}: {what}", _REMEDY) from error


def assign_roles(items: Sequence[DatasetItem], *, source: Path) -> Roles:
    """Give good images to training and validation, all test images to testing.

    Where nothing is marked for validation, every fifth good training image is held out, chosen
    by a hash of its path.

    Raises:
        BadDataError: naming `source`, if fewer than two good images are left.
    """
    good = [item for item in items if not item.is_defective]
    train = [item for item in good if item.split == "train"]
    val = [item for item in good if item.split == "val"]
    if len(train) + len(val) < 2 or not train:
        raise BadDataError(
            f"{source}: {len(train)} good images to train on and {len(val)} held out",
            "mark at least two good images for training; one is held out to set the threshold",
        )
    if not val:
        train, val = _hold_out(train)
        _log.warning(
            "no validation images: %d of %d good images are held out to set the threshold",
            len(val),
            len(train) + len(val),
        )
    test = [item for item in items if item.split == "test"]
    return Roles(tuple(train), tuple(val), tuple(test))


def _hold_out(train: list[DatasetItem]) -> tuple[list[DatasetItem], list[DatasetItem]]:
    count = max(1, len(train) // _HOLD_OUT_EVERY)
    by_hash = sorted(train, key=lambda item: hashlib.sha256(item.image_path.encode()).digest())
    held_out = {item.image_path for item in by_hash[:count]}
    kept = [item for item in train if item.image_path not in held_out]
    return kept, [item for item in train if item.image_path in held_out]
