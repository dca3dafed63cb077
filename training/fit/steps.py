"""Steps that runs of every task share."""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import nn

from inspector_app.domain.files import write_text_atomically
from inspector_app.protocol.files import PREDICTIONS_FILE, Prediction
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


def write_predictions(folder: Path, predictions: Iterable[Prediction]) -> None:
    """Write what held-out images are taken for into a run folder."""
    lines = "".join(f"{prediction.model_dump_json()}\n" for prediction in predictions)
    write_text_atomically(folder / PREDICTIONS_FILE, lines)
