"""What every kind of model shares. No torch here: cards are announced without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import Field, ValidationError

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.base import Frozen
from inspector_app.protocol.files import ModelCard

if TYPE_CHECKING:
    from lightning.pytorch import LightningModule

    from training.models.anomaly import ScoringModel


class TrainingConfig(Frozen):
    """Settings that the training run itself reads; each kind adds its own.

    Titles and descriptions are what the operator sees: the form is generated from the schema.
    """

    epochs: int = Field(
        default=40,
        ge=1,
        le=2000,
        title="Epochs",
        description="How often training goes through all good images. More takes longer.",
    )
    image_size_px: int = Field(
        default=128,
        ge=64,
        le=512,
        multiple_of=32,
        title="Image size (px)",
        description=(
            "Images are reduced to this square size. Larger finds smaller defects; "
            "twice the size takes four times as long."
        ),
    )
    batch_size: int = Field(
        default=8,
        ge=1,
        le=256,
        title="Images per step",
        description="Lower it when memory runs out.",
    )
    patience: int = Field(
        default=20,
        ge=1,
        le=2000,
        title="Stop after epochs without progress",
        description="Training ends early when held-out good images have not improved for so long.",
    )
    overkill: float = Field(
        default=0.05,
        gt=0.0,
        lt=1.0,
        title="Good parts that may be rejected",
        description=(
            "Share of good parts that may be called NG; sets the threshold. "
            "0.05 is one in twenty, and needs at least 19 held-out good images to be kept."
        ),
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title="Random seed",
        description="The same seed on the same images and machine gives the same model.",
    )


Config = TypeVar("Config", bound=TrainingConfig)
Model = TypeVar("Model", bound="ScoringModel")


@dataclass(frozen=True)
class ModelKind(Generic[Config, Model]):
    """One kind of model: its card, its settings and, on first use, its torch code."""

    card: ModelCard
    config_type: type[Config]
    build: Callable[[Config, Sequence[str]], Model]
    """Import torch and return the network with fresh weights.

    The names are those of the classes it tells apart: none for one that learns from good parts.
    """
    learner: Callable[[Model, Config], LightningModule]
    """Import Lightning and return the module that says what one step is.

    It keeps the network as ``model`` and logs ``train_loss`` and ``val_loss``.
    """

    def config(self, settings: Mapping[str, Any]) -> Config:
        """Return the complete settings.

        Raises:
            BadDataError: naming the first setting that is unknown or out of range.
        """
        try:
            return self.config_type.model_validate(dict(settings))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ".".join(str(part) for part in first["loc"])
            raise BadDataError(
                f"setting {name!r} of {self.card.title}: {first['msg']}, not {first['input']!r}",
                "correct the setting and start again",
            ) from error
