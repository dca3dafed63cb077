"""What a detector finds in held-out images, and how often it is right."""

from collections.abc import Callable, Sequence
from typing import Literal

import torch

from inspector_app.domain.dataset import GOOD
from inspector_app.protocol.files import Prediction
from training.data.boxes import BoxBatch, BoxedPictures, Found
from training.inference.average_precision import AveragePrecision
from training.inference.figures import image_auroc
from training.models.yolo_world.model import YoloWorld


@torch.inference_mode()
def find_boxes(model: YoloWorld, device: torch.device, batch: BoxBatch) -> list[Found]:
    """Return the boxes of each image of a batch."""
    return model.detect(batch["img"].to(device))


@torch.inference_mode()
def _search(
    model: YoloWorld, device: torch.device, batch: BoxBatch
) -> tuple[list[Found], torch.Tensor]:
    """Return boxes, and shares of classes as `shares_in` has them."""
    images = batch["img"].to(device)
    answers, _ = model(images)
    return model.found_in(answers, images.shape[2:]), model.shares_in(answers).double()


class Detections:
    """What is found in images, counted and written down."""

    def __init__(self, classes: Sequence[str], threshold: float) -> None:
        """Take classes, good first, and the confidence from which an image is defective."""
        self._classes = classes
        self._threshold = threshold
        self._precision = AveragePrecision(classes)
        self._truths: list[bool] = []
        self._scores: list[float] = []
        self.predictions: list[Prediction] = []

    def add_all(
        self,
        model: YoloWorld,
        device: torch.device,
        boxed: BoxedPictures,
        *,
        split: Literal["val", "test"],
        on_done: Callable[[int], None],
    ) -> None:
        """Look at every image.

        Args:
            on_done: called with the number of images gone through; may raise to end it.
        """
        for batch in boxed.loader(model.config.batch_size):
            found, shares = _search(model, device, batch)
            self._precision.add_batch(found, batch)
            for row in shares.tolist():
                self._add(row, boxed, split)
            on_done(len(self.predictions))

    def _add(
        self, shares: list[float], boxed: BoxedPictures, split: Literal["val", "test"]
    ) -> None:
        index = len(self.predictions)
        score = 1.0 - shares[0]
        surest = 1 + shares[1:].index(max(shares[1:]))
        prediction = Prediction(
            image_path=boxed.pictures.paths[index],
            split=split,
            truth=boxed.main_class(index),
            called=self._classes[surest] if score >= self._threshold else GOOD,
            shares=dict(zip(self._classes, shares, strict=True)),
        )
        self._truths.append(boxed.is_defective(index))
        self._scores.append(score)
        self.predictions.append(prediction)

    def figures(self) -> dict[str, float]:
        """Return those of `AveragePrecision`, and ``image_auroc`` of good and defective images."""
        auroc = image_auroc(self._scores, self._truths)
        return self._precision.figures() | ({} if auroc is None else {"image_auroc": auroc})
