"""How the click network is trained; kept in the card of its weights."""

from typing import Self

from pydantic import Field, model_validator

from inspector_app.protocol.base import Frozen


class ClickTraining(Frozen):
    """The whole of what decides about the weights, apart from the generator's version."""

    seed: int = 0
    start_sha256: str = ""
    """Of the weights that the run starts from; empty if from random ones."""
    epochs: int = Field(default=30, ge=1)
    """Of `steps` optimizer steps each; a run is resumed at the start of an epoch."""
    steps: int = Field(default=150, ge=1)
    batch_size: int = Field(default=8, ge=1)
    """Scenes per step of all processes together, each clicked `rounds` times."""
    processes: int = Field(default=1, ge=1)
    """That learn together, each from its share of every batch, whose statistics are its own."""
    rounds: int = Field(default=3, ge=1)
    learning_rate: float = Field(default=2e-3, gt=0)
    side_px: int = Field(default=160, ge=64, multiple_of=32)
    first_side_px: int = Field(default=128, ge=64, multiple_of=32)
    """Of the scenes in the first part of the run, which so takes half the time."""
    first_share: float = Field(default=0.75, ge=0, le=1)
    validation_scenes: int = Field(default=64, ge=1)

    @model_validator(mode="after")
    def _batches_are_shared_evenly(self) -> Self:
        if self.batch_size % self.processes:
            raise ValueError("the batch size is no multiple of the number of processes")
        return self

    def side_of_epoch(self, epoch: int) -> int:
        return self.first_side_px if epoch < self.first_share * self.epochs else self.side_px
