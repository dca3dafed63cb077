"""From held-out good images to the thresholds of a network that marks pixels."""

import math

import torch

from training.data.tiles import DrawnPictures
from training.fit.calibration import Calibrated, calibrate_on_files
from training.fit.typed_threshold import fixed_threshold
from training.models.unet.card import UNetConfig
from training.models.unet.model import UNet

_SMALLEST_AREA_PERCENT = 0.1
"""Share of the image that is a defect where no good part says what is usual."""


def calibrate_drawn(
    model: UNet, device: torch.device, val: DrawnPictures, config: UNetConfig
) -> Calibrated:
    """Return what good parts look like to the network.

    Without a held-out good part the line is where good and defective are equally likely.
    """
    paths = [val.pictures.paths[index] for index in val.good()]
    if not paths:
        even = math.log(2.0)
        value = even if config.judged_by == "peak" else _SMALLEST_AREA_PERCENT
        return fixed_threshold(value, "equal_odds", config.overkill, pixel_threshold=even)
    return calibrate_on_files(model, device, paths, config)
