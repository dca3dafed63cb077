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
            found = find_boxes(model, device, batch)
            self._precision.add_batch(found, batch)
            for each in found:
                self._add(each, boxed, split)
            on_done(len(self.predictions))

    def _add(self, found: Found, boxed: BoxedPictures, split: Literal["val", "test"]) -> None:
        index = len(self.predictions)
        shares = self._shares(found)
        score = 1.0 - shares[GOOD]
        is_found = score >= self._threshold and len(found.places) > 0
        prediction = Prediction(
            image_path=boxed.pictures.paths[index],
            split=split,
            truth=boxed.main_class(index),
            called=self._classes[int(found.places[0])] if is_found else GOOD,
            shares=shares,
        )
        self._truths.append(boxed.is_defective(index))
        self._scores.append(score)
        self.predictions.append(prediction)

    def _shares(self, found: Found) -> dict[str, float]:
        """Return the surest box's confidence, shared out as the surest box of each type has it."""
        surest = dict.fromkeys(self._classes[1:], 0.0)
        for place, confidence in zip(
            found.places.tolist(), found.confidences.tolist(), strict=True
        ):
            name = self._classes[place]
            surest[name] = max(surest[name], confidence)
        best, total = max(surest.values()), sum(surest.values()) or 1.0
        return {GOOD: 1.0 - best} | {name: best * each / total for name, each in surest.items()}

    def figures(self) -> dict[str, float]:
        """Return those of `AveragePrecision`, and ``image_auroc`` of good and defective images."""
        auroc = image_auroc(self._scores, self._truths)
        return self._precision.figures() | ({} if auroc is None else {"image_auroc": auroc})
