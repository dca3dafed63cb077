"""A model bundle: weights as safetensors and a card with everything else."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from pydantic import ValidationError

from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.protocol.base import FILE_VERSION
from inspector_app.protocol.files import BUNDLE_CARD_FILE, BUNDLE_WEIGHTS_FILE, BundleCard
from training.files import write_folder_atomically
from training.models import find_kind
from training.models.anomaly import ScoringModel

_REMEDY = "train the model again, or copy the bundle again from its source"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A trained model, ready to score."""

    card: BundleCard
    model: ScoringModel


def weights_bytes(model: ScoringModel) -> bytes:
    """Return everything the model has learnt as a safetensors file."""
    state = {name: tensor.contiguous().cpu() for name, tensor in model.state_dict().items()}
    return safetensors.torch.save(state)


def write_bundle(folder: Path, card: BundleCard, weights: bytes) -> None:
    """Put the bundle in place of an older one; never leaves half of one.

    Raises:
        OSError: if the disk does not take it.
    """
    card_text = card.model_dump_json(indent=2).encode("utf-8")
    write_folder_atomically(folder, {BUNDLE_WEIGHTS_FILE: weights, BUNDLE_CARD_FILE: card_text})


def load_bundle(folder: Path, device: torch.device) -> Bundle:
    """Return the bundle with its model on `device`, set to score.

    Raises:
        BadDataError: if the card is missing, damaged or of another version.
        MissingWeightsError: if the weights are missing or not those the card was written for.
    """
    card = _read_card(folder / BUNDLE_CARD_FILE)
    path = folder / BUNDLE_WEIGHTS_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MissingWeightsError(f"{path}: cannot be read ({error.strerror})", _REMEDY) from error
    if hashlib.sha256(data).hexdigest() != card.weights_sha256:
        raise MissingWeightsError(f"{path}: not the weights that {BUNDLE_CARD_FILE} names", _REMEDY)
    kind = find_kind(card.kind)
    model = kind.build(kind.config(card.config), card.classes)
    try:
        model.load_state_dict(safetensors.torch.load(data))
    except (RuntimeError, safetensors.SafetensorError) as error:
        raise MissingWeightsError(
            f"{path}: does not fit the settings in {BUNDLE_CARD_FILE}", _REMEDY
        ) from error
    return Bundle(card, model.to(device).eval())


def _read_card(path: Path) -> BundleCard:
    try:
        card = BundleCard.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadDataError(f"{path}: cannot be read ({error.strerror})", _REMEDY) from error
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"]
        raise BadDataError(f"{path}: no card of a model bundle ({what})", _REMEDY) from error
    if card.protocol != FILE_VERSION:
        raise BadDataError(
            f"{path}: written for protocol {card.protocol}, this is {FILE_VERSION}",
            "train the model again with this version",
        )
    return card
