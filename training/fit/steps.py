"""Steps that runs of every task share."""

from pathlib import Path

import torch
from torch import nn

from inspector_app.protocol.messages import Progress
from training.context import Cancelled, JobContext


def report(context: JobContext, done: int, total: int, note: str) -> None:
    """Announce progress; a cancelled run ends here.

    Raises:
        Cancelled: if it is.
    """
    if context.is_cancelled:
        raise Cancelled
    tell(context, done, total, note)


def tell(context: JobContext, done: int, total: int, note: str) -> None:
    """Announce progress of what a cancelled run does as well."""
    context.emit(Progress(job_id=context.job_id, done=done, total=total, note=note))


def load_network(model: nn.Module, checkpoint: Path) -> None:
    """Load the network of a Lightning checkpoint, whose learner keeps it as ``model``."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)["state_dict"]
    model.load_state_dict({name.removeprefix("model."): value for name, value in state.items()})
