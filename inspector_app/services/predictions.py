"""What a classifier took its held-out images for, as its run folder tells. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.recognition import Recognition, count_recognition
from inspector_app.formats.reading import read_bytes
from inspector_app.protocol.files import PREDICTIONS_FILE, Prediction

_LARGEST_MB = 1024
_REMEDY = "train the model again"


@dataclass(frozen=True, slots=True)
class Predictions:
    """Held-out images of one run."""

    classes: tuple[str, ...]
    """In the order of the model's answers."""
    lines: tuple[Prediction, ...]

    @property
    def recognition(self) -> Recognition:
        """Of the test images, else, where there are none, of the validation images."""
        places = {name: place for place, name in enumerate(self.classes)}
        counted = self._counted()
        return count_recognition(
            [places[line.truth] for line in counted],
            [places[line.called] for line in counted],
            self.classes,
        )

    @property
    def counted_paths(self) -> frozenset[str]:
        """The images that `recognition` is about."""
        return frozenset(line.image_path for line in self._counted())

    def cell(self, truth: str, called: str) -> list[Prediction]:
        """Return the images behind one cell of the confusion matrix, the surest first."""
        found = [line for line in self._counted() if (line.truth, line.called) == (truth, called)]
        return sorted(found, key=lambda line: -line.shares[called])

    def _counted(self) -> Sequence[Prediction]:
        return [line for line in self.lines if line.split == "test"] or self.lines


def load_predictions(run_folder: Path) -> Predictions | None:
    """Return the predictions of a run, None if it made none.

    Raises:
        BadDataError: naming file and line, if one cannot be understood.
    """
    path = run_folder / PREDICTIONS_FILE
    if not path.is_file():
        return None
    written = read_bytes(path, limit_mb=_LARGEST_MB).splitlines()
    lines = tuple(_parse(path, number, line) for number, line in enumerate(written, 1))
    return Predictions(tuple(lines[0].shares) if lines else (), lines)


def _parse(path: Path, number: int, line: bytes) -> Prediction:
    try:
        prediction = Prediction.model_validate_json(line)
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"]
        raise BadDataError(f"{path}, line {number}: {what}", _REMEDY) from error
    if not {prediction.truth, prediction.called} <= set(prediction.shares):
        raise BadDataError(f"{path}, line {number}: a type without a share", _REMEDY)
    return prediction
