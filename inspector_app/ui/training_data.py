"""What there is to learn from, in a sentence."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from inspector_app.domain.dataset import ImageRecord
from inspector_app.services.job_files import training_splits
from inspector_app.ui.wording import count_images


@dataclass(frozen=True, slots=True)
class TrainingData:
    """How many images a training would have, and why it cannot start, if so."""

    sentence: str
    refusal: str = ""


def count_training_data(records: Sequence[ImageRecord]) -> TrainingData:
    """Say how many good images a training would learn from and how many are held out.

    Hashes every path: for a pool thread where there are many.
    """
    if not records:
        return TrainingData("", _tr("There are no images."))
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


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainingData", text)
