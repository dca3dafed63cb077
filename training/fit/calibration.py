"""From held-out good images to the thresholds of a bundle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from inspector_app.domain.decision import calibrate_on_good
from inspector_app.domain.errors import KnownError
from inspector_app.protocol.files import ThresholdCard
from training.data.pictures import Pictures
from training.inference.scorer import Scorer
from training.models.anomaly import ScoringModel
from training.models.settings import TrainingConfig


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What good parts look like to a model."""

    threshold: ThresholdCard
    scores: tuple[float, ...]
    """Ascending."""
    pixel_threshold: float
    pixel_median: float


def calibrate_on_files(
    model: ScoringModel, device: torch.device, good_paths: Sequence[str], config: TrainingConfig
) -> Calibrated:
    """Calibrate with files of good images, at least one, that training has not seen."""
    good = Pictures(good_paths, config.image_size_px)
    good.read(lambda _done: None)
    scorer = Scorer(model, device)
    return calibrate(scorer, good, overkill=config.overkill, batch_size=config.batch_size)


def calibrate(scorer: Scorer, good: Pictures, *, overkill: float, batch_size: int) -> Calibrated:
    """Score good images that training has not seen, and put the thresholds above them.

    Raises:
        KnownError: if the model gives something that is no number.
    """
    scores: list[float] = []
    maxima: list[float] = []
    samples: list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = []
    for images in good.loader(batch_size):
        batch_scores, maps = scorer.score(images)
        scores += batch_scores.tolist()
        maxima += maps.amax((1, 2)).tolist()
        # Every fourth row and column is enough for a median and keeps thousands of maps small.
        samples.append(maps[:, ::4, ::4].numpy().ravel())
    if not np.isfinite(scores + maxima).all():
        raise KnownError(
            "the trained model gives invalid numbers", "lower the learning rate and start again"
        )
    image = calibrate_on_good(scores, overkill=overkill)
    pixel = calibrate_on_good(maxima, overkill=overkill)
    return Calibrated(
        threshold=ThresholdCard(
            value=image.threshold,
            method=image.method,
            good_count=image.good_count,
            overkill_asked=image.overkill_asked,
            overkill_bound=image.overkill_bound,
        ),
        scores=tuple(sorted(scores)),
        pixel_threshold=pixel.threshold,
        pixel_median=float(np.median(np.concatenate(samples))),
    )
