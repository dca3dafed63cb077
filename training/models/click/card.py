"""The files of a trained click network, and what is told about it. No torch here."""

from pathlib import Path

from inspector_app import paths
from inspector_app.protocol.base import Frozen
from training.data.scenes.scene import GENERATOR_VERSION
from training.models.click.config import ClickTraining

WEIGHTS_FILE = "click.safetensors"
CARD_FILE = "click.json"
SHIPPED_FOLDER = "click_model"
"""Among the program's resources."""


class ClickCard(Frozen):
    """What made the weights, and how good they are on scenes they have not seen."""

    weights_sha256: str
    generator_version: int = GENERATOR_VERSION
    config: ClickTraining
    epochs: int
    """How many of the configured ones were done."""
    figures: dict[str, float]
    """Mean IoU on the validation scenes after so many clicks: ``iou_1`` …"""
    start: "ClickCard | None" = None
    """Of the weights that the run went on from."""


def shipped_folder() -> Path:
    """Where the program's own weights are, or would be."""
    return paths.resources_folder() / SHIPPED_FOLDER


def has_click_weights(folder: Path) -> bool:
    return (folder / WEIGHTS_FILE).is_file() and (folder / CARD_FILE).is_file()
