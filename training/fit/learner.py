"""What the learners of all tasks share: a step of as many parts as memory asks for."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Generic, TypeVar

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, distributed, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from training.fit.optimizing import Schedule, optimizer_and_schedules
from training.memory import give_back_memory, is_out_of_memory
from training.models.settings import TrainingConfig

Model = TypeVar("Model", bound=nn.Module)
Config = TypeVar("Config", bound=TrainingConfig)
Batch = TypeVar("Batch")

_log = logging.getLogger(__name__)


class Learner(LightningModule, ABC, Generic[Model, Config, Batch]):
    """Learns from whole batches; where one does not fit into memory, part by part.

    The gradients of the parts add up to those of the batch, so rates and schedules stay right.
    Only batch statistics are of smaller parts then.
    """

    smallest_part = 1
    """Images that a part must have at least."""

    def __init__(self, model: Model, config: Config) -> None:
        super().__init__()
        # Lightning's own way wants one backward pass a step.
        self.automatic_optimization = False
        self.model = model
        self.config = config
        self.parts = 1
        """Into how many parts a batch is cut at present."""
        self.tell: Callable[[str], None] = _log.warning
        """Takes what the operator should know."""

    def count_of(self, batch: Batch) -> int:
        """Return how many images a batch has."""
        return size_of(batch)  # type: ignore[arg-type]  # of tensors, unless overridden

    def cut(self, batch: Batch, parts: int) -> Sequence[Batch]:
        """Return so many parts of a batch, alike in size, or as many as it has images."""
        return cut(batch, parts)  # type: ignore[type-var]  # of tensors, unless overridden

    @abstractmethod
    def loss_of(self, batch: Batch) -> Tensor:
        """Return the mean loss of training images."""

    @abstractmethod
    def groups(self) -> list[dict[str, Any]]:
        """Return the optimizer's groups of parameters, each with its rate as ``lr``."""

    @abstractmethod
    def check(self, batch: Batch) -> None:
        """Go through held-out images; what is logged comes last, for a part may be repeated."""

    def compiled_parts(self) -> list[nn.Module]:
        """Return what most of a step's time is spent in."""
        return [self.model]

    def on_fit_start(self) -> None:
        # Of the module in its place: names of weights stay what they are.
        if self.config.compiling == "auto" and can_compile(self.device):
            for module in self.compiled_parts():
                module.compile()

    def training_step(self, batch: Batch, _index: int) -> dict[str, Any]:
        optimizer = self.optimizers(use_pl_optimizer=True)
        while (loss := self._try_to_descend(batch, optimizer)) is None:
            # Only here the failed step's tensors are free.
            give_back_memory()
        optimizer.step()  # type: ignore[union-attr]  # there is one
        self._follow_schedule()
        # Of all processes that learn along: what one decides by it, all must decide.
        whole = self.trainer.strategy.reduce(loss, reduce_op="mean")
        return {"loss": whole, "count": self.count_of(batch)}

    def on_validation_start(self) -> None:
        if self.trainer.world_size > 1:
            # Every process goes through all held-out images; with the same batch statistics
            # all get the same figures.
            for buffer in self.model.buffers():
                distributed.broadcast(buffer, 0)

    def validation_step(self, batch: Batch, _index: int) -> None:
        waiting = list(self.cut(batch, self.parts))
        while waiting:
            if self._try_to_check(waiting[0]):
                del waiting[0]
            else:
                give_back_memory()
                waiting[:1] = self.cut(waiting[0], 2)

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        # Here and not after the backward pass: half precision's factor is out by now.
        clip = self.config.gradient_clip
        self.trainer.precision_plugin.clip_gradients(optimizer, clip)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        total_steps = int(self.trainer.estimated_stepping_batches)
        return optimizer_and_schedules(self.groups(), self.config, total_steps=total_steps)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["parts"] = self.parts

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.parts = checkpoint["parts"]

    def _follow_schedule(self) -> None:
        for schedule in self._schedules():
            if not isinstance(schedule, ReduceLROnPlateau):
                schedule.step()

    def on_validation_end(self) -> None:
        # Before the epoch's checkpoint is saved, which has to know of it.
        for schedule in self._schedules():
            if isinstance(schedule, ReduceLROnPlateau):
                schedule.step(float(self.trainer.callback_metrics["val_loss"]))

    def _schedules(self) -> list[Schedule]:
        schedules = self.lr_schedulers()
        if schedules is None:
            return []
        return list(schedules) if isinstance(schedules, list) else [schedules]

    def _try_to_descend(self, batch: Batch, optimizer: Any) -> Tensor | None:
        """Return the batch's loss, its gradients in place; None if it must be cut smaller."""
        optimizer.zero_grad()
        try:
            return self._gather_gradients(batch)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error) or not self._cut_smaller(self.count_of(batch)):
                raise
            return None

    def _gather_gradients(self, batch: Batch) -> Tensor:
        total = torch.zeros((), device=self.device)
        for part in self.cut(batch, self.parts):
            loss = self.loss_of(part) * (self.count_of(part) / self.count_of(batch))
            self.manual_backward(loss)
            total += loss.detach()
        return total

    def _cut_smaller(self, size: int) -> bool:
        """Halve the parts; False if they are as small as can be."""
        largest = -(-size // self.parts)
        parts = min(2 * self.parts, size // self.smallest_part)
        # Other processes would wait for as many backward passes as they make themselves.
        if largest <= self.smallest_part or parts <= self.parts or self.trainer.world_size > 1:
            return False
        self.parts = parts
        smaller = -(-size // parts)
        self.tell(
            f"memory ran out: steps of {size} images are now made from {smaller} at a time; "
            f"they take longer and the model learns the same"
        )
        return True

    def _try_to_check(self, part: Batch) -> bool:
        """Go through a part; False if it must be cut smaller."""
        try:
            self.check(part)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error) or self.count_of(part) == 1:
                raise
            return False
        return True


def can_compile(device: torch.device) -> bool:
    """Tell whether compiling pays off: it needs a GPU, and what torch writes its code with."""
    return device.type == "cuda" and find_spec("triton") is not None


def size_of(batch: Tensor | Sequence[Tensor]) -> int:
    """Return how many images a batch has."""
    return len(batch) if isinstance(batch, Tensor) else len(batch[0])


Tensors = TypeVar("Tensors", bound=Tensor | Sequence[Tensor])


def cut(batch: Tensors, parts: int) -> list[Tensors]:
    """Return so many parts of a batch, alike in size, or as many as it has images."""
    parts = min(parts, size_of(batch))
    if isinstance(batch, Tensor):
        return list(batch.tensor_split(parts))  # type: ignore[arg-type]  # it is a tensor
    pieces = [each.tensor_split(parts) for each in batch]
    return list(zip(*pieces, strict=True))  # type: ignore[arg-type]
