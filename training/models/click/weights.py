"""The click network's weights in half precision, and the card that says where they come from."""

import copy
import hashlib
from pathlib import Path

import safetensors.torch
import torch
from pydantic import ValidationError
from torch.nn import functional

from inspector_app.domain.errors import MissingWeightsError
from inspector_app.domain.files import write_atomically
from training.models.click.card import CARD_FILE, WEIGHTS_FILE, ClickCard
from training.models.click.config import ClickTraining
from training.models.click.network import ADDED, SHOWN, STATISTICS, ClickNetwork

_REMEDY = "install the program again"


def write_click_weights(
    folder: Path,
    network: ClickNetwork,
    config: ClickTraining,
    *,
    epochs: int,
    figures: dict[str, float],
    start: ClickCard | None = None,
) -> ClickCard:
    """Write weights and card.

    Args:
        start: of the weights that the run went on from.

    Raises:
        DiskFullError, BadDataError: if the folder does not take them.
    """
    data = safetensors.torch.save(_halved(network))
    card = ClickCard(
        weights_sha256=hashlib.sha256(data).hexdigest(),
        config=config,
        epochs=epochs,
        figures=figures,
        start=start,
    )
    write_atomically(folder / WEIGHTS_FILE, data)
    write_atomically(folder / CARD_FILE, card.model_dump_json(indent=2).encode() + b"\n")
    return card


def as_written(network: ClickNetwork) -> ClickNetwork:
    """Return a copy as exact as the file is."""
    rounded = copy.deepcopy(network)
    rounded.load_state_dict(_halved(network))
    return rounded


def load_click_network(folder: Path, *, seed: int = 0) -> ClickNetwork:
    """Return the network with its weights, set to evaluation, on the CPU.

    Weights from before the network had attention, was shown as much as now or kept the
    statistics of first looks apart are taken as well; they give what they gave.

    Args:
        seed: of the numbers that what such weights lack begins to learn from.

    Raises:
        MissingWeightsError: if the files are absent, damaged or do not belong together.
    """
    tensors = _read_checked(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ClickNetwork()
    tensors |= _finite(tensors)
    own = network.state_dict()
    added = {name: tensor for name, tensor in own.items() if name.startswith(ADDED)}
    try:
        network.load_state_dict(
            added | _first_statistics(tensors, own) | tensors | _widened(tensors, own)
        )
    except RuntimeError as error:
        message = f"{folder / WEIGHTS_FILE}: another network's weights"
        raise MissingWeightsError(message, _REMEDY) from error
    ready: ClickNetwork = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return ready.eval()


def read_card(folder: Path) -> ClickCard:
    """Return what is told about the weights in a folder.

    Raises:
        MissingWeightsError: if there is no such card.
    """
    path = folder / CARD_FILE
    try:
        return ClickCard.model_validate_json(_read(path))
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"]
        message = f"{path}: no card of a click network ({what})"
        raise MissingWeightsError(message, _REMEDY) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror})"
        raise MissingWeightsError(message, _REMEDY) from error


def _read_checked(folder: Path) -> dict[str, torch.Tensor]:
    card, path = read_card(folder), folder / WEIGHTS_FILE
    data = _read(path)
    if hashlib.sha256(data).hexdigest() != card.weights_sha256:
        raise MissingWeightsError(f"{path}: not the weights that {CARD_FILE} names", _REMEDY)
    try:
        return safetensors.torch.load(data)
    except safetensors.SafetensorError as error:
        raise MissingWeightsError(f"{path}: no tensors ({error})", _REMEDY) from error


def _halved(network: ClickNetwork) -> dict[str, torch.Tensor]:
    return {
        name: tensor.detach().cpu().contiguous().to(_stored_type(name, tensor))
        for name, tensor in network.state_dict().items()
    }


def _first_statistics(
    tensors: dict[str, torch.Tensor], own: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Return those of all looks, for weights that know no others."""
    common = {name: name.replace(".first_", ".running_") for name in own if ".first_" in name}
    return {name: tensors[other] for name, other in common.items() if other in tensors}


def _widened(
    tensors: dict[str, torch.Tensor], own: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Return the weights of what is shown, with zeros for what was not shown earlier."""
    found = {name: tensors[name] for name in SHOWN if name in tensors}
    return {
        name: functional.pad(tensor, (0, 0, 0, 0, 0, own[name].shape[1] - tensor.shape[1]))
        for name, tensor in found.items()
        if tensor.ndim == own[name].ndim and tensor.shape[1] < own[name].shape[1]
    }


def _stored_type(name: str, tensor: torch.Tensor) -> torch.dtype:
    # Variances go beyond what half precision holds; what is divided by infinity is lost.
    is_half = tensor.is_floating_point() and not name.endswith(STATISTICS)
    return torch.float16 if is_half else tensor.dtype


def _finite(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the statistics, with the largest number that fits where there was room for none.

    They were written in half precision once.
    """
    return {
        name: tensor.float().nan_to_num(posinf=torch.finfo(torch.float16).max)
        for name, tensor in tensors.items()
        if name.endswith(STATISTICS)
    }
