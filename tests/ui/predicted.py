"""Predictions as a trained classifier leaves them."""

from collections.abc import Sequence
from pathlib import Path

from inspector_app.protocol.files import PREDICTIONS_FILE, Prediction

CLASSES = ("good", "dent", "scratch")


def prediction(path: str, truth: str, called: str, share: float = 0.8) -> Prediction:
    rest = (1 - share) / (len(CLASSES) - 1)
    shares = {name: share if name == called else rest for name in CLASSES}
    return Prediction(image_path=path, split="test", truth=truth, called=called, shares=shares)


def write_predictions(run_folder: Path, lines: Sequence[Prediction]) -> None:
    run_folder.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line.model_dump_json()}\n" for line in lines)
    (run_folder / PREDICTIONS_FILE).write_text(text, encoding="utf-8")
