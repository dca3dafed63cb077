"""Weights averaged over the steps: calmer than those of the last one."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class AveragedWeights(Callback):
    """Validates with a moving average of the weights, which is what the bundle gets.

    Lightning's own callback copies the whole learner with all that hangs on it.
    """

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self._average: AveragedModel | None = None
        self._network: nn.Module | None = None

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        network = pl_module.model
        assert isinstance(network, nn.Module)
        average = get_ema_multi_avg_fn(self._decay)  # type: ignore[no-untyped-call]
        self._network = network
        self._average = AveragedModel(network, multi_avg_fn=average, use_buffers=True)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self._average is not None:
            self._average.to(pl_module.device)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if self._average is not None and self._network is not None:
            self._average.update_parameters(self._network)

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._swap()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._swap()

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Put the average in the network's place while the body runs."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def state_dict(self) -> dict[str, Any]:
        return {} if self._average is None else self._average.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        if self._average is not None:
            self._average.load_state_dict(state_dict)

    @torch.no_grad()
    def _swap(self) -> None:
        if self._average is None or self._network is None:
            return
        mine, its = self._average.module.state_dict(), self._network.state_dict()
        for name, value in its.items():
            kept = value.clone()
            value.copy_(mine[name])
            mine[name].copy_(kept)
