"""The training of a classifier."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import DATASET_FILE, BundleCard, DatasetItem, Prediction
from training.data.examples import Examples
from training.data.items import read_lines
from training.data.types import Example, Sharing, assign_typed_roles
from training.fit.calibration import Calibrated
from training.fit.labelled import LabelledRun
from training.fit.steps import write_predictions
from training.fit.task_run import Given
from training.fit.typed_threshold import calibrate_types
from training.inference.recognition import predict, recognition_figures
from training.models.classifier.card import ClassifierConfig
from training.models.classifier.model import Classifier
from training.models.classifier.variations import made_up_of
from training.weights import WeightsShelf


class ClassifierRun(LabelledRun[ClassifierConfig, Classifier, Example, Examples]):
    """A job with everything its steps need."""

    @classmethod
    def of(cls, given: Given[ClassifierConfig, Classifier]) -> "ClassifierRun":
        """Return the job of a run folder.

        Raises:
            BadDataError: if the data set cannot be used.
        """
        config = given.config
        dataset = given.folder / DATASET_FILE
        roles = assign_typed_roles(
            read_lines(dataset, DatasetItem),
            answers=config.answers,
            sharing=Sharing(config.split, config.split_seed, config.folds, config.fold),
            source=dataset,
        )
        return cls(given, roles, WeightsShelf.of_this_machine())

    def images_of(self, items: Sequence[Example]) -> Examples:
        return Examples(items, self.config.image_size_px)

    def make(self, state: Mapping[str, Tensor] | None) -> Classifier:
        return Classifier(self.config, self.classes, state)

    def build(self, train: Examples) -> Classifier:
        model = super().build(train)
        model.is_pretrained = not self.is_from_scratch
        model.class_counts.copy_(self._counts(train))
        return model

    def _counts(self, train: Examples) -> Tensor:
        counts = train.counts(len(self.classes))
        if missing := [n for n, c in zip(self.classes, counts, strict=True) if not c]:
            raise BadDataError(
                f"none of the training images of {', '.join(missing)} can be read",
                "the log names what is wrong with each of them",
            )
        return counts

    def loaders(self, train: Examples, val: Examples) -> tuple[Iterable[Any], Iterable[Any]]:
        config = self.config
        change = made_up_of(config, self.classes)
        batches = train.training_loader(
            config.batch_size, config.sampling, seed=config.seed, change=change
        )
        return batches, val.loader(config.batch_size)

    @torch.inference_mode()
    def finish(self, model: Classifier, train: Examples) -> None:
        if model.retrieval is None:
            return
        batches = train.loader(self.config.batch_size)
        features = [model.features(images.to(self.device)) for images, _ in batches]
        places = torch.tensor(train.places, device=self.device)
        model.retrieval.remember(torch.cat(features).float(), places)

    def calibrate(self, model: Classifier, val: Examples) -> Calibrated:
        return calibrate_types(model, self.device, val, self.config)

    def evaluate(self, model: Classifier, _card: BundleCard, train: Examples) -> dict[str, float]:
        """Write what every held-out image is taken for, and count; see `recognition_figures`."""
        predictions = [
            *self._predict(model, "val", self.roles.val),
            *self._predict(model, "test", self.roles.test),
        ]
        write_predictions(self.given.folder, predictions)
        counts = train.counts(len(self.classes)).tolist()
        return recognition_figures(predictions, self.classes, counts)

    def _predict(
        self, model: Classifier, split: Literal["val", "test"], examples: Sequence[Example]
    ) -> list[Prediction]:
        def on_done(done: int) -> None:
            self.given.report(done, len(examples), f"naming {split} images")

        return predict(model, self.device, examples, split=split, on_done=on_done)
