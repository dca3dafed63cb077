"""The training of YOLO-World."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from torch import Tensor

from inspector_app.protocol.files import BundleCard, Prediction
from training.data.boxes import BoxedPictures
from training.fit.calibration import Calibrated, calibrate_on_files
from training.fit.drawn import DrawnRun, HeldOut
from training.fit.typed_threshold import fixed_threshold
from training.inference.average_precision import BoxThreshold
from training.inference.detection import Detections, find_boxes
from training.models.yolo_world.card import YoloWorldConfig
from training.models.yolo_world.model import YoloWorld
from training.models.yolo_world.texts import Texts, choose_texts
from training.models.yolo_world.views import Views


class DetectionRun(DrawnRun[YoloWorldConfig, YoloWorld, BoxedPictures]):
    """A job with everything its steps need."""

    def marked_type(self) -> Callable[..., BoxedPictures]:
        return BoxedPictures

    def make(self, state: Mapping[str, Tensor] | None) -> YoloWorld:
        model = YoloWorld(self.config, self.classes, state)
        model.texts.copy_(self._texts.vectors)
        return model

    @cached_property
    def _texts(self) -> Texts:
        return choose_texts(self.classes[1:], self.shelf)

    def build(self, train: BoxedPictures) -> YoloWorld:
        model = super().build(train)
        if self.is_from_scratch:
            model.expect_boxes(train.usual_size())
        return model

    def origin(self) -> dict[str, Any]:
        known = super().origin()
        return known | {"started_from": f"{known['started_from']}; {self._texts.description}"}

    def loaders(
        self, train: BoxedPictures, val: BoxedPictures
    ) -> tuple[Iterable[Any], Iterable[Any]]:
        batch_size = self.config.batch_size
        return Views(train, self.config).training_loader(batch_size), val.loader(batch_size)

    def calibrate(self, model: YoloWorld, val: BoxedPictures) -> Calibrated:
        """Return what good parts look like; without one, where boxes are right most often."""
        if good := val.good():
            paths = [val.pictures.paths[index] for index in good]
            return calibrate_on_files(model, self.device, paths, self.config)
        threshold = BoxThreshold()
        for batch in val.loader(self.config.batch_size):
            threshold.add_batch(find_boxes(model, self.device, batch), batch)
        value = threshold.value()
        method = "equal_odds" if value is None else "best_boxes"
        even = 0.5 if value is None else value
        return fixed_threshold(even, method, self.config.overkill, pixel_threshold=even)

    def look_at(
        self, model: YoloWorld, card: BundleCard, held_out: HeldOut[BoxedPictures]
    ) -> tuple[list[Prediction], dict[str, float]]:
        """Search every image; see `Detections`."""
        detections = Detections(self.classes, card.threshold.value)
        detections.add_all(
            model,
            self.device,
            held_out.images,
            split=held_out.split,
            on_done=held_out.on_done,
        )
        return detections.predictions, detections.figures()
