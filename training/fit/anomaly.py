"""The training of a model that learns from good parts only."""

from collections.abc import Iterable, Sequence
from itertools import islice

from torch import Tensor

from inspector_app.protocol.files import DATASET_FILE, BundleCard, DatasetItem
from training.data.items import assign_roles, read_lines
from training.data.pictures import Pictures
from training.fit.calibration import Calibrated, calibrate
from training.fit.steps import tell
from training.fit.task_run import Given, TaskRun
from training.inference.evaluation import evaluate, evaluate_made_up
from training.inference.heatmaps import heatmap_scale
from training.inference.redrawing import write_redrawn
from training.inference.scorer import Scorer
from training.models.anomaly import AnomalyModel
from training.models.autoencoder.redrawing import Redrawing
from training.models.settings import TrainingConfig

_FINISHING_IMAGES = 256
"""Training images whose statistics go into a bundle: more change little and delay a cancel."""

_JUDGED_MADE_UP = 64
"""Good images that get made-up defects: enough for two digits, and soon done."""


class AnomalyRun(TaskRun[TrainingConfig, AnomalyModel, DatasetItem, Pictures]):
    """A job with everything its steps need."""

    @classmethod
    def of(cls, given: Given[TrainingConfig, AnomalyModel]) -> "AnomalyRun":
        """Return the job of a run folder.

        Raises:
            BadDataError: if the data set cannot be used.
        """
        dataset = given.folder / DATASET_FILE
        return cls(given, assign_roles(read_lines(dataset, DatasetItem), source=dataset))

    def images_of(self, items: Sequence[DatasetItem]) -> Pictures:
        return Pictures([item.image_path for item in items], self.config.image_size_px)

    def build(self, train: Pictures) -> AnomalyModel:
        return self.given.kind.build(self.config, ())

    def loaders(self, train: Pictures, val: Pictures) -> tuple[Iterable[Tensor], Iterable[Tensor]]:
        size = self.config.batch_size
        return train.training_loader(size, seed=self.config.seed), val.loader(size)

    def finish(self, model: AnomalyModel, train: Pictures) -> None:
        tell(self.given.context, 1, 1, "setting the threshold")
        size = self.config.batch_size
        batches = islice(
            train.training_loader(size, seed=self.config.seed), -(-_FINISHING_IMAGES // size)
        )
        model.finish(images.to(self.device) for images in batches)

    def calibrate(self, model: AnomalyModel, val: Pictures) -> Calibrated:
        config = self.config
        scorer = Scorer(model, self.device)
        return calibrate(scorer, val, overkill=config.overkill, batch_size=config.batch_size)

    def evaluate(self, model: AnomalyModel, card: BundleCard, _train: Pictures) -> dict[str, float]:
        return self._scored(model, card) | self._redrawn(model)

    def _redrawn(self, model: AnomalyModel) -> dict[str, float]:
        if not isinstance(model, Redrawing):
            return {}
        has_good = any(not item.is_defective for item in self.roles.test)
        items = self.roles.test if has_good else (*self.roles.test, *self.roles.val)

        def on_done(done: int) -> None:
            self.given.report(done, len(items), "redrawing held-out images")

        return write_redrawn(self.given.folder, model, self.device, items, on_done=on_done)

    def _scored(self, model: AnomalyModel, card: BundleCard) -> dict[str, float]:
        items = self.roles.test
        scorer, scale = Scorer(model, self.device), heatmap_scale(card)
        figures = evaluate(
            scorer,
            items,
            size_px=self.config.image_size_px,
            scale=scale,
            on_scored=lambda done: self.given.report(done, len(items), "scoring test images"),
        )
        if any(item.is_defective for item in items):
            return figures
        good = self.read((*self.roles.val, *items)[:_JUDGED_MADE_UP])
        return figures | evaluate_made_up(scorer, good, scale=scale, seed=self.config.seed)
