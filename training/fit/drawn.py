"""What trainings from drawn defects share: roles, and figures of held-out images."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Self, TypeVar

from inspector_app.protocol.files import DATASET_FILE, BundleCard, DatasetItem, Prediction
from training.data.drawn import assign_drawn_roles
from training.data.items import read_lines
from training.data.marked import MarkedPictures
from training.data.types import Sharing
from training.fit.labelled import LabelledRun
from training.fit.steps import write_predictions
from training.fit.task_run import Given, Model
from training.models.settings import DrawnConfig
from training.weights import WeightsShelf

Config = TypeVar("Config", bound=DrawnConfig)
Marked = TypeVar("Marked", bound=MarkedPictures)


@dataclass(frozen=True, slots=True)
class HeldOut(Generic[Marked]):
    """Images that training has not seen."""

    images: Marked
    split: Literal["val", "test"]
    on_done: Callable[[int], None]
    """Called with the number of images gone through; may raise to end it."""


class DrawnRun(LabelledRun[Config, Model, DatasetItem, Marked]):
    """A training from images whose defects are drawn."""

    @classmethod
    def of(cls, given: Given[Config, Model]) -> Self:
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
            is_made_up=config.learns_made_up,
        )
        return cls(given, roles, WeightsShelf.of_this_machine())

    def images_of(self, items: Sequence[DatasetItem]) -> Marked:
        config = self.config
        return self.marked_type()(items, self.classes, config.image_size_px, config.answers)

    @abstractmethod
    def marked_type(self) -> Callable[..., Marked]:
        """Return what reads images with their marks."""

    @abstractmethod
    def look_at(
        self, model: Model, card: BundleCard, held_out: HeldOut[Marked]
    ) -> tuple[list[Prediction], dict[str, float]]:
        """Return what every image is taken for, and what the task measures."""

    def evaluate(self, model: Model, card: BundleCard, train: Marked) -> dict[str, float]:
        """Write what every held-out image is taken for, and count."""
        split: Literal["val", "test"] = "test" if self.roles.test else "val"
        images = self.read(self.roles.test or self.roles.val)

        def on_done(done: int) -> None:
            self.given.report(done, len(images), f"looking at {split} images")

        predictions, figures = self.look_at(model, card, HeldOut(images, split, on_done))
        write_predictions(self.given.folder, predictions)
        return {"test_images": float(len(self.roles.test))} | figures
