"""The click network, adapted to what has been marked in one project; never for the worse.

A fifth of the regions is held out. They are clicked at before and after, by the same rule by
which click models are compared (each click into the deepest place of the largest error); only
if the mean IoU has risen are the new weights kept.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer, seed_everything
from torch.utils.data import DataLoader

from inspector_app.domain.errors import BadDataError, KnownError
from inspector_app.protocol.adapting import LEAST_REGIONS, REGIONS_FILE, ClickRegion
from inspector_app.protocol.messages import Progress, Remark
from training.context import Cancelled, JobContext
from training.data.clicked import Clicked, ClickedDataset, View, read_clicked, views_of
from training.data.clicks import next_click
from training.data.items import read_lines
from training.faults import known_faults
from training.fit.callbacks import FiniteLoss, Heed
from training.fit.trainer import quiet_lightning, silent_trainer
from training.models.click.card import shipped_folder
from training.models.click.config import ClickTraining
from training.models.click.learner import Batch, ClickLearner
from training.models.click.network import ClickNetwork
from training.models.click.weights import (
    as_written,
    load_click_network,
    read_card,
    write_click_weights,
)
from training.segmenters.base import Prompts, Recent
from training.segmenters.click_network import ClickNetworkSegmenter
from training.segmenters.crops import SIDE_PX
from training.segmenters.picture import Picture
from training.stopwatch import Stopwatch

ADAPTING = ClickTraining(
    epochs=8,
    steps=30,
    learning_rate=3e-4,
    side_px=SIDE_PX,
    first_side_px=SIDE_PX,
)
"""Two to four minutes on two cores."""
_HELD_OUT_EVERY = 5
_MOST_HELD_OUT = 40
_MOST_LEARNED = 300
_VIEWS = 5
"""Of each region: from close by to all of the picture."""
_CLICKS = 5
_COUNTED = (1, 3, 5)
_MEMORY_HINT = "close other programs and try again"


def adapt_click_model(
    folder: Path,
    context: JobContext,
    *,
    config: ClickTraining = ADAPTING,
    start: Path | None = None,
) -> dict[str, float]:
    """Train on the regions of a folder; leave weights and card there if they are better.

    Args:
        start: the weights to begin with, the program's own by default.

    Returns:
        ``learned``, ``held_out``, ``before_1``, ``after_1``, … (mean IoU on the held-out regions
        after 1, 3 and 5 clicks) and ``is_kept``, 1 or 0.

    Raises:
        Cancelled: if it is.
        BadDataError: if there are too few regions that can be read.
        MissingWeightsError: if there are no weights to begin with.
        OutOfMemoryError, DiskFullError: see there.
    """
    start = start or shipped_folder()
    regions = read_lines(folder / REGIONS_FILE, ClickRegion)
    with known_faults("adapting the click model", memory_hint=_MEMORY_HINT):
        learned, held_out = parted(regions, config.seed)
        config = config.model_copy(update={"start_sha256": read_card(start).weights_sha256})
        work = _Work(context, config, len(held_out))
        shown = work.readable(held_out)
        views = work.views(learned)
        if len(shown) + work.learned < LEAST_REGIONS or not shown:
            raise BadDataError(
                f"{len(shown) + work.learned} regions can be read, {LEAST_REGIONS} are needed",
                "mark more defects, or put missing images back",
            )
        before = work.ious(shown, load_click_network(start))
        network = work.train(load_click_network(start), views, folder)
        after = work.ious(shown, network)
        is_kept = sum(after.values()) > sum(before.values())
        figures = {
            **{f"before_{clicks}": iou for clicks, iou in before.items()},
            **{f"after_{clicks}": iou for clicks, iou in after.items()},
        }
        if is_kept:
            rounded = {name: round(value, 5) for name, value in figures.items()}
            write_click_weights(folder, network, config, epochs=config.epochs, figures=rounded)
        counts = {"learned": float(work.learned), "held_out": float(len(shown))}
        return counts | figures | {"is_kept": float(is_kept)}


def parted(
    regions: Sequence[ClickRegion], seed: int
) -> tuple[list[ClickRegion], list[ClickRegion]]:
    """Return regions to learn from and held-out ones; no image is in both."""
    paths = sorted({region.image_path for region in regions})
    np.random.default_rng(seed).shuffle(paths)
    wanted = max(1, len(regions) // _HELD_OUT_EVERY)
    held_out: list[ClickRegion] = []
    learned: list[ClickRegion] = []
    for path in paths:
        # The last image is always learned from: one alone cannot be compared with.
        is_held_out = len(held_out) < wanted and path != paths[-1]
        part = held_out if is_held_out else learned
        part += [region for region in regions if region.image_path == path]
    return learned[:_MOST_LEARNED], held_out[:_MOST_HELD_OUT]


def click_ious(
    clicked: Clicked, segmenter: ClickNetworkSegmenter, clicks: int = _CLICKS
) -> list[float]:
    """Return the IoU after each of some clicks; once it is right, it stays so."""
    points, found, ious = [], np.zeros_like(clicked.mask), []
    for _ in range(clicks):
        click = next_click(found, clicked.mask)
        if click is None:
            ious.append(1.0)
            continue
        points.append(click)
        candidates = segmenter.segment(clicked.picture, Prompts(tuple(points)))
        found = candidates[0].mask if candidates else np.zeros_like(clicked.mask)
        both, either = (found & clicked.mask).sum(), (found | clicked.mask).sum()
        ious.append(float(both / max(1, either)))
    return ious


class _Work:
    """The steps of one adaptation, with what they tell."""

    def __init__(self, context: JobContext, config: ClickTraining, held_out: int) -> None:
        self._context = context
        self._config = config
        self._rng = np.random.default_rng(config.seed)
        self._pictures: Recent[Picture] = Recent(1)
        self.learned = 0
        self._tell = _Teller(context, 2 * held_out + config.epochs * config.steps)

    def readable(self, regions: Sequence[ClickRegion]) -> list[ClickRegion]:
        # Read again when they are clicked at: forty large pictures would fill the memory.
        return [region for region in regions if self._read(region) is not None]

    def views(self, regions: Sequence[ClickRegion]) -> list[View]:
        views: list[View] = []
        for region in regions:
            if (clicked := self._read(region)) is not None:
                views += views_of(clicked, _VIEWS, self._rng)
                self.learned += 1
        return views

    def ious(self, shown: Sequence[ClickRegion], network: ClickNetwork) -> dict[int, float]:
        """Return the mean IoU by the number of clicks."""
        segmenter = ClickNetworkSegmenter("", as_written(network), "cpu")
        rows = []
        for region in shown:
            self._heed()
            rows.append(click_ious(read_clicked(region, self._pictures), segmenter))
            self._tell.step("clicking at held-out regions")
        means = np.mean(rows, axis=0)
        return {clicks: float(means[clicks - 1]) for clicks in _COUNTED}

    def train(self, network: ClickNetwork, views: Sequence[View], folder: Path) -> ClickNetwork:
        seed_everything(self._config.seed, verbose=False)
        learner = AdaptingLearner(network, self._config, views).train()
        trainer = silent_trainer(
            folder,
            # A training may have the GPU, and minutes are minutes.
            torch.device("cpu"),
            max_epochs=self._config.epochs,
            gradient_clip_val=1.0,
            reload_dataloaders_every_n_epochs=1,
            limit_val_batches=0,
            callbacks=[FiniteLoss(), Heed(self._context), _Steps(self._tell)],
        )
        with quiet_lightning():
            trainer.fit(learner)
        learner.eval()
        return network

    def _read(self, region: ClickRegion) -> Clicked | None:
        self._heed()
        try:
            return read_clicked(region, self._pictures)
        except KnownError as error:
            # One bad file never stops the work.
            self._context.emit(Remark(job_id=self._context.job_id, text=str(error)))
            return None

    def _heed(self) -> None:
        if self._context.is_cancelled:
            raise Cancelled


class AdaptingLearner(ClickLearner):
    """Learns from views of a project's regions."""

    def __init__(self, network: ClickNetwork, config: ClickTraining, views: Sequence[View]) -> None:
        super().__init__(network, config, workers=0)
        self._views = views

    def train_dataloader(self) -> DataLoader[Batch]:
        count = self.config.steps * self.config.batch_size
        first = self.current_epoch * count
        return self._loader(ClickedDataset(self._views, self.config.seed, first, count))


class _Teller:
    def __init__(self, context: JobContext, total: int) -> None:
        self._context, self._total, self._done = context, total, 0
        self._clock = Stopwatch(total)

    def step(self, note: str) -> None:
        self._done += 1
        self._context.emit(
            Progress(
                job_id=self._context.job_id,
                done=self._done,
                total=self._total,
                seconds_left=self._clock.step(),
                note=note,
            )
        )


class _Steps(Callback):
    def __init__(self, teller: _Teller) -> None:
        self._teller = teller

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, *_args: object, **_named: object
    ) -> None:
        self._teller.step("learning")
