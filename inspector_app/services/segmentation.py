"""Clicks to masks through the inference worker: the latest request wins, late answers are dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import Mask
from inspector_app.services.workers import Workers


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the click model proposes for the latest prompts; best first, maybe none."""

    image_path: Path
    masks: tuple[Mask, ...]
    qualities_01: tuple[float, ...]
    click_model: str
    seconds: float


class Segmentation(QObject):
    """At most one request is under way and one waits."""

    ready = Signal(object)
    """Candidates."""
    failed = Signal(str, str)
    busy_changed = Signal(bool)

    def __init__(self, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def prepare(self, image_path: Path) -> None:
        """Have the image encoded ahead of the first click."""
        raise NotImplementedError

    def request(
        self, image_path: Path, points: Sequence[PromptPoint], box: Box | None = None
    ) -> None:
        raise NotImplementedError

    def forget(self) -> None:
        """Whatever is under way does not count any more (Esc, other image)."""
        raise NotImplementedError
