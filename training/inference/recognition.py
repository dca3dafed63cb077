"""What a classifier takes images for, and how often it is right."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import torch
from torch import Tensor

from inspector_app.domain.dataset import GOOD
from inspector_app.domain.recognition import Recognition, count_recognition, tail_types
from inspector_app.protocol.files import Prediction
from training.data.examples import Examples
from training.data.types import Example
from training.inference.figures import image_auroc
from training.models.settings import TrainingConfig

_BATCH = 16


class NamesTypes(Protocol):
    """A network that tells classes apart."""

    classes: tuple[str, ...]

    @property
    def config(self) -> TrainingConfig: ...
    def probabilities(self, images: Tensor) -> Tensor: ...


@torch.inference_mode()
def predict(
    model: NamesTypes,
    device: torch.device,
    examples: Sequence[Example],
    *,
    split: Literal["val", "test"],
    on_done: Callable[[int], None],
) -> list[Prediction]:
    """Return one line per readable image; the others are logged.

    Args:
        on_done: called with the number of images gone through; may raise to end it.
    """
    read = Examples(examples, model.config.image_size_px)
    read.read(on_done)
    predictions: list[Prediction] = []
    for images, places in read.loader(_BATCH) if len(read) else ():
        shares = model.probabilities(images.to(device)).cpu()
        for place, row in zip(places.tolist(), shares, strict=True):
            path = read.paths[len(predictions)]
            predictions.append(_prediction(path, place, row, model.classes, split))
    return predictions


def _prediction(
    path: str,
    place: int,
    shares: torch.Tensor,
    classes: Sequence[str],
    split: Literal["val", "test"],
) -> Prediction:
    called = int(shares.argmax())
    return Prediction(
        image_path=path,
        split=split,
        truth=classes[place],
        called=classes[called],
        shares={name: float(share) for name, share in zip(classes, shares, strict=True)},
    )


def recognition_figures(
    predictions: Sequence[Prediction], classes: Sequence[str], train_counts: Sequence[int]
) -> dict[str, float]:
    """Return ``accuracy``, ``macro_recall``, ``macro_f1``, ``tail_recall``, ``never_learned``.

    Of the test images, else of the validation images; ``never_learned`` is a number of types,
    ``tail_recall`` the mean recall of the third of the types with the fewest training images.
    ``image_auroc`` where good and defective ones are known; ``test_images`` tells how many.
    """
    test = [p for p in predictions if p.split == "test"]
    counted = test or list(predictions)
    recognition = recognise(counted, classes)
    figures: dict[str, float | None] = {
        "test_images": float(len(test)),
        "accuracy": recognition.accuracy,
        "macro_recall": recognition.macro_recall,
        "macro_f1": recognition.macro_f1,
        "tail_recall": recognition.recall_of(tail_types(classes, train_counts)),
        "never_learned": float(len(recognition.never_learned)),
    }
    if GOOD in classes:
        scores = [1.0 - p.shares[GOOD] for p in counted]
        figures["image_auroc"] = image_auroc(scores, [p.truth != GOOD for p in counted])
    return {name: value for name, value in figures.items() if value is not None}


def recognise(predictions: Sequence[Prediction], classes: Sequence[str]) -> Recognition:
    """Count true and called types."""
    place = {name: number for number, name in enumerate(classes)}
    return count_recognition(
        [place[p.truth] for p in predictions], [place[p.called] for p in predictions], classes
    )
