"""Held-out images as a model redraws them, as its run folder tells. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.picture import RgbImage, decode_rgb
from inspector_app.formats.reading import read_bytes
from inspector_app.protocol.files import REDRAWN_FILE, REDRAWN_FOLDER, RedrawnImage

_LARGEST_MB = 64
_REMEDY = "train the model again"


@dataclass(frozen=True, eq=False, slots=True)
class RedrawnPictures:
    """One image, its copy and their difference, (H, W, 3) each."""

    line: RedrawnImage
    given: RgbImage
    redrawn: RgbImage
    error: RgbImage


@dataclass(frozen=True, eq=False, slots=True)
class Redrawn:
    """Some held-out images of a run, good ones first, and the mean losses of all of them."""

    images: tuple[RedrawnPictures, ...]
    good_loss: float | None
    defective_loss: float | None


def load_redrawn(run_folder: Path, figures: Mapping[str, float]) -> Redrawn | None:
    """Return what a run left of redrawn images, None if it left nothing.

    Args:
        figures: the run's.

    Raises:
        BadDataError: naming the file that is missing or damaged.
    """
    path = run_folder / REDRAWN_FILE
    if not path.is_file():
        return None
    written = read_bytes(path, limit_mb=_LARGEST_MB).splitlines()
    images = tuple(_load(path, number, line) for number, line in enumerate(written, 1))
    return Redrawn(images, figures.get("redrawn_loss/good"), figures.get("redrawn_loss/defective"))


def _load(path: Path, number: int, written: bytes) -> RedrawnPictures:
    try:
        line = RedrawnImage.model_validate_json(written)
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"]
        raise BadDataError(f"{path}, line {number}: {what}", _REMEDY) from error
    given, redrawn, error_map = (
        _picture(path.parent / REDRAWN_FOLDER / f"{line.number:02d}-{what}.png")
        for what in ("given", "redrawn", "error")
    )
    return RedrawnPictures(line, given, redrawn, error_map)


def _picture(path: Path) -> RgbImage:
    return decode_rgb(read_bytes(path, limit_mb=_LARGEST_MB), name=str(path))
