"""Which processor a job runs on."""

from typing import Literal

import torch


def pick_device(wanted: Literal["auto", "cpu"]) -> torch.device:
    """Return the first CUDA device if there is one and it is wanted, else the CPU."""
    if wanted == "auto" and torch.cuda.is_available():
        return torch.device("cuda", 0)
    return torch.device("cpu")
