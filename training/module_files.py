"""Tensors of files that hold whole networks as pickles, without running anything of them.

ultralytics publishes its weights so. Each class that such a file names is replaced by an empty
stand-in while torch reads it with ``weights_only``: nothing foreign is imported, called or
constructed.
"""

import builtins
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

_PLACES = ("ema", "model")
"""Where a training checkpoint keeps its network, the better one first."""


class _StandIn:
    """Takes whatever a pickle wants to put into an object of a class."""

    def __new__(cls, *_arguments: Any, **_named: Any) -> "_StandIn":
        return super().__new__(cls)

    def __init__(self, *_arguments: Any, **_named: Any) -> None:
        return


def read_network_tensors(path: Path) -> dict[str, Tensor] | None:
    """Return the state of the network in a file, by the names that ``state_dict`` gives.

    None if there is no network in it.

    Raises:
        RuntimeError, ValueError, pickle.UnpicklingError: if it is no file of torch.
    """
    names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    stand_ins: list[Any] = [(_stand_in(name), name) for name in names]
    with torch.serialization.safe_globals(stand_ins):
        content = torch.load(path, map_location="cpu", weights_only=True)
    places = content if isinstance(content, Mapping) else {"model": content}
    networks = (vars(network) for network in map(places.get, _PLACES) if _is_network(network))
    network = next(networks, None)
    return dict(_tensors(network, "")) if network is not None else None


def _stand_in(name: str) -> type[_StandIn]:
    # A class of its own for each name: torch looks them up in both directions.
    return type(name.rpartition(".")[2], (_StandIn,), {})


def _is_network(value: object) -> bool:
    return isinstance(value, _StandIn) and "_modules" in vars(value)


def _tensors(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Tensor]]:
    passing = module.get("_non_persistent_buffers_set", builtins.set())
    for name, tensor in {**module["_parameters"], **module["_buffers"]}.items():
        if isinstance(tensor, Tensor) and name not in passing:
            yield f"{prefix}{name}", tensor.detach()
    for name, child in module["_modules"].items():
        if _is_network(child):
            yield from _tensors(vars(child), f"{prefix}{name}.")
