"""The kinds of model that can be trained. Importing this needs no torch."""

from typing import Any

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import ModelCard
from training.models import autoencoder, classifier, unet, yolo_world
from training.models.base import ModelKind

_KINDS: tuple[ModelKind[Any, Any], ...] = (
    *autoencoder.KINDS,
    classifier.KIND,
    unet.KIND,
    yolo_world.KIND,
)

MODEL_KINDS: dict[str, ModelKind[Any, Any]] = {kind.card.kind: kind for kind in _KINDS}

MODEL_CARDS: tuple[ModelCard, ...] = tuple(kind.card for kind in MODEL_KINDS.values())


def find_kind(name: str) -> ModelKind[Any, Any]:
    """Return the kind of model.

    Raises:
        BadDataError: if this version knows no such kind.
    """
    if (kind := MODEL_KINDS.get(name)) is None:
        known = ", ".join(MODEL_KINDS)
        raise BadDataError(f"no model of kind {name!r}", f"choose one of: {known}")
    return kind
