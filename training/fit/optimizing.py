"""How weights move: the optimizer and the course of its rate, the same for every task."""

from typing import Any

from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR


def optimizer_and_schedule(
    groups: list[dict[str, Any]], *, total_steps: int
) -> OptimizerLRScheduler:
    """Return what a learner's `configure_optimizers` has to return."""
    optimizer = AdamW(groups)
    # Up in a tenth of the steps, then down to nothing: sharp results after few epochs.
    schedule = OneCycleLR(
        optimizer, [group["lr"] for group in groups], total_steps=total_steps, pct_start=0.1
    )
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
