"""The training of a U-Net."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from torch import Tensor

from inspector_app.protocol.files import DATASET_FILE, BundleCard, DatasetItem
from training.data.drawn import assign_drawn_roles
from training.data.items import read_lines
from training.data.made_up import GoodAndMadeUp
from training.data.tiles import DrawnPictures, Tiles
from training.data.types import Sharing
from training.fit.calibration import Calibrated
from training.fit.drawn_threshold import calibrate_drawn
from training.fit.labelled import LabelledRun
from training.fit.steps import write_predictions
from training.fit.task_run import Given
from training.inference.segmentation import mark, segmentation_figures
from training.models.unet.card import UNetConfig
from training.models.unet.model import UNet
from training.weights import WeightsShelf


class SegmentationRun(LabelledRun[UNetConfig, UNet, DatasetItem, DrawnPictures]):
    """A job with everything its steps need."""

    @classmethod
    def of(cls, given: Given[UNetConfig, UNet]) -> "SegmentationRun":
        """Return the job of a run folder.

        Raises:
            BadDataError: if the data set cannot be used.
        """
        config = given.config
        dataset = given.folder / DATASET_FILE
        roles = assign_drawn_roles(
            read_lines(dataset, DatasetItem),
            answers=config.answers,
            sharing=Sharing(config.split, config.split_seed),
            source=dataset,
            is_made_up=config.made_up > 0.0,
        )
        return cls(given, roles, WeightsShelf.of_this_machine())

    def images_of(self, items: Sequence[DatasetItem]) -> DrawnPictures:
        config = self.config
        return DrawnPictures(items, self.classes, config.image_size_px, config.answers)

    def make(self, state: Mapping[str, Tensor] | None) -> UNet:
        return UNet(self.config, self.classes, state)

    def loaders(
        self, train: DrawnPictures, val: DrawnPictures
    ) -> tuple[Iterable[Any], Iterable[Any]]:
        config = self.config
        tiles = Tiles(
            train,
            tile_px=config.tile_size_px,
            per_image=config.tiles_per_image,
            background=config.background,
            seed=config.seed,
            # A made-up defect is of no type.
            made_up=config.made_up if config.answers == "defect" else 0.0,
        )
        held_out = val if val.defective() else GoodAndMadeUp(val, seed=config.seed)
        # Held-out images whole and one by one, as they are judged later.
        return tiles.training_loader(config.batch_size), held_out.loader(1)

    def calibrate(self, model: UNet, val: DrawnPictures) -> Calibrated:
        return calibrate_drawn(model, self.device, val, self.config)

    def evaluate(self, model: UNet, _card: BundleCard, _train: DrawnPictures) -> dict[str, float]:
        """Write what every held-out image is taken for, and count; see `segmentation_figures`."""
        split: Literal["val", "test"] = "test" if self.roles.test else "val"
        held_out = self.read(self.roles.test or self.roles.val)
        marked = mark(
            model,
            self.device,
            held_out,
            split=split,
            on_done=lambda done: self.given.report(done, len(held_out), f"marking {split} images"),
        )
        write_predictions(self.given.folder, [each.prediction for each in marked])
        return {"test_images": float(len(self.roles.test))} | segmentation_figures(marked)
