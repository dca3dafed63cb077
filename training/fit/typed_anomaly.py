"""The training of an anomaly model that also learns to name types of defect."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from inspector_app.domain.dataset import GOOD
from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import DATASET_FILE, BundleCard, DatasetItem
from training.data.examples import Examples
from training.data.items import read_lines
from training.data.pictures import Pictures
from training.data.types import Example, Sharing, TypedRoles, assign_typed_roles
from training.fit.anomaly import AnomalyRun
from training.fit.steps import tell, write_predictions
from training.fit.task_run import Given
from training.fit.type_head import fit_type_head
from training.inference.recognition import predict, recognition_figures
from training.models.anomaly import AnomalyModel
from training.models.autoencoder.card import ResidualConfig
from training.models.autoencoder.residual import ResidualAutoencoder
from training.models.settings import TrainingConfig

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Roles:
    """Good images to learn from and to hold out; everything else is for the test."""

    train: tuple[DatasetItem, ...]
    val: tuple[DatasetItem, ...]
    test: tuple[DatasetItem, ...]


def anomaly_run(given: Given[TrainingConfig, AnomalyModel]) -> AnomalyRun:
    """Return the job of a run folder, with types where settings and images allow it.

    Raises:
        BadDataError: if the data set cannot be used.
    """
    if isinstance(given.config, ResidualConfig) and given.config.learn_types:
        items = read_lines(given.folder / DATASET_FILE, DatasetItem)
        try:
            return TypedAnomalyRun(given, items)
        except BadDataError as error:
            _log.info("no types are learned: %s", error)
    return AnomalyRun.of(given)


class TypedAnomalyRun(AnomalyRun):
    """Learns from good parts first, then the names of what labelled images show."""

    def __init__(
        self, given: Given[TrainingConfig, AnomalyModel], items: Sequence[DatasetItem]
    ) -> None:
        """Share out the images.

        Raises:
            BadDataError: if there are no types to learn, or too few good images.
        """
        source = given.folder / DATASET_FILE
        self._typed = assign_typed_roles(items, answers="types", sharing=Sharing(), source=source)
        super().__init__(given, _roles(self._typed, items))
        if not (self.roles.train and self.roles.val):
            raise BadDataError(
                f"{source}: too few good images to learn from and to hold out",
                "mark at least three images as good",
            )

    def build(self, train: Pictures) -> AnomalyModel:
        return self.given.kind.build(self.config, self._typed.classes)

    def origin(self) -> dict[str, Any]:
        return {"classes": self._typed.classes}

    def finish(self, model: AnomalyModel, train: Pictures) -> None:
        super().finish(model, train)
        if isinstance(model, ResidualAutoencoder) and model.head is not None:
            tell(self.given.context, 1, 1, "learning the types of defect")
            examples = Examples(self._typed.train, self.config.image_size_px)
            examples.read(lambda _done: None)
            fit_type_head(model, model.head, examples, self.device)

    def evaluate(self, model: AnomalyModel, card: BundleCard, train: Pictures) -> dict[str, float]:
        """Return `evaluate`'s figures and how well types are named, which is also written."""
        figures = super().evaluate(model, card, train)
        if not isinstance(model, ResidualAutoencoder):
            return figures
        roles = self._typed
        predictions = [
            *self._predict(model, "val", roles.val),
            *self._predict(model, "test", roles.test),
        ]
        write_predictions(self.given.folder, predictions)
        counts = [sum(e.place == place for e in roles.train) for place in range(len(roles.classes))]
        return recognition_figures(predictions, roles.classes, counts) | figures

    def _predict(
        self, model: ResidualAutoencoder, split: Literal["val", "test"], of: Sequence[Example]
    ) -> Any:
        def on_done(done: int) -> None:
            self.given.report(done, len(of), f"naming {split} images")

        return predict(model, self.device, of, split=split, on_done=on_done)


def _roles(typed: TypedRoles, items: Sequence[DatasetItem]) -> _Roles:
    by_path = {item.image_path: item for item in items}
    tested = tuple(by_path[example.image_path] for example in typed.test)
    # What has no name cannot be learned from, and still tells how well defects are found.
    nameless = tuple(i for i in items if i.is_defective and i.defect_type in ("", GOOD))
    return _Roles(
        train=_good(typed, typed.train, by_path),
        val=_good(typed, typed.val, by_path),
        test=tested + nameless,
    )


def _good(
    typed: TypedRoles, examples: Sequence[Example], by_path: dict[str, DatasetItem]
) -> tuple[DatasetItem, ...]:
    return tuple(by_path[e.image_path] for e in examples if typed.classes[e.place] == GOOD)
