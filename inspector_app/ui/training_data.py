"""What there is to learn from, in a sentence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from inspector_app.domain.dataset import GOOD, ImageRecord
from inspector_app.services.job_files import training_splits
from inspector_app.ui.wording import count_images, defect_type_name

ANOMALY = "anomaly"
CLASSIFICATION = "classification"
SEGMENTATION = "segmentation"
DETECTION = "detection"
TASKS = (ANOMALY, SEGMENTATION, CLASSIFICATION, DETECTION)

_FEWEST_GOOD = 3
"""Good images that made-up defects can be put on, with one of them held out."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """How many images a training would have, and why it cannot start, if so."""

    sentence: str
    refusal: str = ""


def count_training_data(records: Sequence[ImageRecord]) -> Mapping[str, TrainingData]:
    """Say for each task (see `ModelCard.task`) what a training would learn from.

    Hashes every path: for a pool thread where there are many.
    """
    if not records:
        nothing = TrainingData("", _tr("There are no images."))
        return dict.fromkeys(TASKS, nothing)
    return {
        ANOMALY: _count_good(records),
        CLASSIFICATION: _count_types(records),
        SEGMENTATION: _count_drawn(records, may_be_made_up=True),
        DETECTION: _count_drawn(records, may_be_made_up=False),
    }


def _count_good(records: Sequence[ImageRecord]) -> TrainingData:
    splits = training_splits(records)
    good = Counter(
        splits[record.relative_path]
        for record in records
        if record.relative_path in splits and not record.is_defective
    )
    if not good["train"]:
        return TrainingData(
            "", _tr("No image of a good part to learn from: mark some as OK first.")
        )
    sentence = _tr("{train} of good parts to learn from, {held_out} more to set the threshold.")
    sentence = sentence.format(train=count_images(good["train"]), held_out=good["val"])
    if all(record.is_defective is None for record in records):
        sentence += " " + _tr("Nothing is known of them: if some are defective, mark those first.")
    return TrainingData(sentence)


def _count_types(records: Sequence[ImageRecord]) -> TrainingData:
    types = Counter(kind for record in records if (kind := _type_of(record)) is not None)
    if len(types) < 2:
        return TrainingData(
            "", _tr("At least two types are needed: mark good parts, and defects with their class.")
        )
    rarest, fewest = min(types.items(), key=lambda pair: (pair[1], str(pair[0])))
    sentence = _tr("{images} of {count} types; the rarest, {name}, has {fewest}.")
    name = _tr("a class of drawn defects") if isinstance(rarest, int) else defect_type_name(rarest)
    return TrainingData(
        sentence.format(
            images=count_images(types.total()), count=len(types), name=name, fewest=fewest
        )
    )


def _count_drawn(records: Sequence[ImageRecord], *, may_be_made_up: bool) -> TrainingData:
    defective = [record for record in records if record.is_defective]
    drawn = [record for record in defective if record.region_count]
    good = sum(record.is_defective is False for record in records)
    if not drawn and not (may_be_made_up and good >= _FEWEST_GOOD):
        return TrainingData("", _tr("No drawn defect to learn from: draw some in Annotate first."))
    if not drawn:
        advice = _tr(
            "No drawn defect yet, but {good} of good parts: set “Made-up defects” above 0."
        )
        return TrainingData(advice.format(good=count_images(good)))
    sentence = _tr("{drawn} with drawn defects and {good} of good parts.")
    sentence = sentence.format(drawn=count_images(len(drawn)), good=count_images(good))
    if left_out := len(defective) - len(drawn):
        undrawn = _tr("{count} of defective parts without a drawn defect are left out.")
        sentence += " " + undrawn.format(count=count_images(left_out))
    return TrainingData(sentence)


def _type_of(record: ImageRecord) -> str | int | None:
    """Return the folder's type, else the class of what is drawn; None where it is not known."""
    if record.is_defective is None:
        return None
    if not record.is_defective:
        return GOOD
    if record.defect_type and record.defect_type != GOOD:
        return record.defect_type
    return min(record.class_ids, default=None)


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainingData", text)
