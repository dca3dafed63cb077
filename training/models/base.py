"""What every kind of model shares. No torch here: cards are announced without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import DatasetItem, ModelCard
from training.models.settings import TrainingConfig

if TYPE_CHECKING:
    from training.data.samples import Sample
    from training.fit.learner import Learner
    from training.models.anomaly import ScoringModel


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
    learner: Callable[[Model, Config], Learner[Any, Any, Any]]
    """Import Lightning and return the module that says what one step is.

    It keeps the network as ``model`` and logs ``val_loss``.
    """

    samples: Callable[[Config, Sequence[DatasetItem], int], list[Sample]] | None = None
    """Import torch and return images as training would vary them, drawn from a seed."""

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
