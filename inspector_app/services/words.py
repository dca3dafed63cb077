"""Looking for what words name, with a published network and without a training. No Qt."""

from collections.abc import Iterable, Mapping
from typing import Any

from inspector_app.domain.dataset import GOOD
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.shelf import Shelf, ShelfItem, refuse_missing

WORDS_KIND = "yolo_world"
_NETWORK = "yolov8l-world"
WEIGHTS = frozenset({"YOLO-World L", "CLIP ViT-B/32", "CLIP word parts"})
"""Names in the manifest."""


def words_config(text: str) -> dict[str, Any]:
    """Return the settings of a model that looks for words, separated by commas.

    Raises:
        BadDataError: if there is no word, or one that stands for parts without a defect.
    """
    words = list(dict.fromkeys(word for part in text.split(",") if (word := part.strip())))
    example = "an example: scratch, dent on metal"
    if not words:
        raise BadDataError(f"{text!r}: no words to look for", example)
    if GOOD in words:
        raise BadDataError(f"{text}: “{GOOD}” is no defect to look for", example)
    return {"network": _NETWORK, "words": ", ".join(words)}


def run_for_words(runs: Iterable[RunRecord], config: Mapping[str, Any]) -> RunRecord | None:
    """Return the completed run that made the model for these settings already."""
    made = (
        run
        for run in runs
        if (run.model_kind, run.state) == (WORDS_KIND, JobState.COMPLETED)
        and dict(run.config) == dict(config)
    )
    return next(made, None)


def can_look_for_words(items: Iterable[ShelfItem]) -> bool:
    """Tell whether all weights that words need are on the shelf."""
    return {item.entry.name for item in items if item.state == "present"} >= WEIGHTS


def refuse_without_weights() -> None:
    """Pass where all weights that words need are on this machine's shelf.

    Raises:
        MissingWeightsError: naming those that are not, and where to get them.
    """
    shelf = Shelf.of_this_machine()
    needed = [entry for entry in shelf.manifest.weights if entry.name in WEIGHTS]
    refuse_missing(map(shelf.glance, needed), "looking for words")
