"""How a model does on a test split."""

import logging
from collections.abc import Callable, Sequence

import numpy as np

from inspector_app.protocol.files import DatasetItem
from training.data.pictures import Pictures, to_batch, truth_mask
from training.data.synthetic import with_defect
from training.inference.figures import PixelAuroc, image_auroc
from training.inference.heatmaps import to_levels
from training.inference.scorer import Scorer
from training.inference.stream import Unreadable, score_files

_log = logging.getLogger(__name__)


def evaluate_made_up(
    scorer: Scorer, good: Pictures, *, scale: float, seed: int
) -> dict[str, float]:
    """Return ``made_up_auroc`` and ``made_up_pixel_auroc``, where no defect was seen yet.

    Every good picture is scored as it is and with a made-up defect. That says whether the model
    sees that kind of thing at all, not how it will do on real defects.
    """
    scores: list[float] = []
    pixels = PixelAuroc()
    for number in range(len(good)):
        changed, mask = with_defect(good[number], (seed, number))
        image_scores, maps = scorer.score(to_batch([good[number], changed]))
        scores += image_scores.tolist()
        for heatmap, truth in zip(maps.numpy(), (np.zeros_like(mask), mask), strict=True):
            pixels.add(to_levels(heatmap, scale), truth)
    auroc = image_auroc(scores, [False, True] * len(good))
    figures = {"made_up_auroc": auroc, "made_up_pixel_auroc": pixels.value()}
    return {name: value for name, value in figures.items() if value is not None}


def evaluate(
    scorer: Scorer,
    items: Sequence[DatasetItem],
    *,
    size_px: int,
    scale: float,
    on_scored: Callable[[int], None],
) -> dict[str, float]:
    """Return ``image_auroc`` and ``pixel_auroc``, each only where both sides are known.

    Args:
        scale: of the heatmaps, see `heatmap_scale`.
        on_scored: called with the number of images gone through; may raise to end it.
    """
    by_path = {item.image_path: item for item in items}
    scores: list[float] = []
    truths: list[bool] = []
    pixels = PixelAuroc()
    for number, outcome in enumerate(score_files(scorer, list(by_path), size_px=size_px), 1):
        on_scored(number)
        if isinstance(outcome, Unreadable):
            _log.warning("test image left out: %s", outcome.error)
            continue
        item = by_path[outcome.path]
        scores.append(outcome.score)
        truths.append(item.is_defective)
        truth = truth_mask(item, size_px)
        if truth is not None:
            pixels.add(to_levels(outcome.heatmap, scale), truth)
    figures = {"image_auroc": image_auroc(scores, truths), "pixel_auroc": pixels.value()}
    return {name: value for name, value in figures.items() if value is not None}
