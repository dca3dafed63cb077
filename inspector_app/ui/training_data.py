"""What there is to learn from, in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.ui.wording import count_images


@dataclass(frozen=True, slots=True)
class TrainingData:
    """How many images a training would have, and why it cannot start, if so."""

    sentence: str
    refusal: str = ""


def count_training_data(records: Sequence[ImageRecord]) -> TrainingData:
    good = [record for record in records if record.is_defective is False]
    is_known = any(record.is_defective is not None for record in records)
    if not is_known:
        return _nothing_known(len(records))
    in_train = [record for record in good if record.split is Split.TRAIN]
    if any(record.split is Split.TRAIN for record in records):
        return _with_split(in_train, good)
    if not good:
        return TrainingData("", _tr("No image is known to be good: mark good parts as OK first."))
    sentence = _tr(
        "{good} known to be good: most of them to learn from, some held out to set the threshold "
        "and to test."
    )
    return TrainingData(sentence.format(good=count_images(len(good))))


def _with_split(in_train: list[ImageRecord], good: list[ImageRecord]) -> TrainingData:
    if not in_train:
        return TrainingData("", _tr("There is no good image in the train split to learn from."))
    held_out = sum(record.split is Split.VALIDATION for record in good)
    if held_out:
        sentence = _tr("{train} to learn from, {held_out} held out to set the threshold.")
    else:
        sentence = _tr("{train} to learn from; one in seven is held out to set the threshold.")
    return TrainingData(
        sentence.format(train=count_images(len(in_train)), held_out=count_images(held_out))
    )


def _nothing_known(count: int) -> TrainingData:
    if count == 0:
        return TrainingData("", _tr("There are no images."))
    sentence = _tr(
        "Nothing is known of the {images}, so all are taken as good. "
        "If there are defective ones among them, mark them first."
    )
    return TrainingData(sentence.format(images=count_images(count)))


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainingData", text)
