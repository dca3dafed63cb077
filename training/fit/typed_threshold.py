"""From held-out good images to the threshold of a classifier, where it knows good parts."""

import math

import torch

from inspector_app.domain.dataset import GOOD
from inspector_app.protocol.files import ThresholdCard
from training.data.examples import Examples
from training.fit.calibration import Calibrated, calibrate_on_files
from training.models.classifier.card import ClassifierConfig
from training.models.classifier.model import Classifier


def calibrate_types(
    model: Classifier, device: torch.device, val: Examples, config: ClassifierConfig
) -> Calibrated:
    """Return what good parts look like to the classifier.

    Without a held-out good part the line is where good and defective are equally likely;
    without a class of good parts every part is defective, whatever its type.
    """
    if GOOD not in model.classes:
        return fixed_threshold(0.0, "all_defective", config.overkill)
    place = model.classes.index(GOOD)
    paths = [path for path, of in zip(val.paths, val.places, strict=True) if of == place]
    if not paths:
        return fixed_threshold(math.log(2.0), "equal_odds", config.overkill)
    return calibrate_on_files(model, device, paths, config)


def fixed_threshold(
    value: float, method: str, overkill: float, *, pixel_threshold: float | None = None
) -> Calibrated:
    """Return a threshold that no good image has a say in."""
    threshold = ThresholdCard(
        value=value, method=method, good_count=0, overkill_asked=overkill, overkill_bound=1.0
    )
    # Shares of a type, and −ln of the share of “good”, are worth a contour from one half on.
    contour = max(value, 0.5) if pixel_threshold is None else pixel_threshold
    return Calibrated(threshold, (), pixel_threshold=contour, pixel_median=0.0)
