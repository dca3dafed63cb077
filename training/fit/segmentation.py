"""The training of a U-Net."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import Tensor

from inspector_app.protocol.files import BundleCard, Prediction
from training.data.made_up import GoodAndMadeUp
from training.data.tiles import DrawnPictures
from training.fit.calibration import Calibrated
from training.fit.drawn import DrawnRun, HeldOut
from training.fit.drawn_threshold import calibrate_drawn
from training.inference.segmentation import mark, segmentation_figures
from training.models.unet.card import UNetConfig
from training.models.unet.model import UNet
from training.models.unet.variations import tiles_of


class SegmentationRun(DrawnRun[UNetConfig, UNet, DrawnPictures]):
    """A job with everything its steps need."""

    def marked_type(self) -> Callable[..., DrawnPictures]:
        return DrawnPictures

    def make(self, state: Mapping[str, Tensor] | None) -> UNet:
        model = UNet(self.config, self.classes, state)
        # A run that is gone on with has them in its checkpoint.
        model.is_pretrained = not self.is_from_scratch
        return model

    def loaders(
        self, train: DrawnPictures, val: DrawnPictures
    ) -> tuple[Iterable[Any], Iterable[Any]]:
        held_out = val if val.defective() else GoodAndMadeUp(val, seed=self.config.seed)
        # Held-out images whole and one by one, as they are judged later.
        tiles = tiles_of(self.config, train)
        return tiles.training_loader(self.config.batch_size), held_out.loader(1)

    def calibrate(self, model: UNet, val: DrawnPictures) -> Calibrated:
        return calibrate_drawn(model, self.device, val, self.config)

    def look_at(
        self, model: UNet, card: BundleCard, held_out: HeldOut[DrawnPictures]
    ) -> tuple[list[Prediction], dict[str, float]]:
        """Mark every image; see `segmentation_figures`."""
        marked = mark(
            model,
            self.device,
            held_out.images,
            split=held_out.split,
            on_done=held_out.on_done,
        )
        return [each.prediction for each in marked], segmentation_figures(marked)
