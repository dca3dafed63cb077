"""A detector that looks for what words name: a bundle without any training."""

from typing import Any

from training.fit.task_run import Given, write_model
from training.fit.typed_threshold import fixed_threshold
from training.models.yolo_world.prompted import prompted
from training.weights import WeightsShelf

_SURE = 0.25
"""Confidence from which a part is called NG: ultralytics' default for showing a box."""


def bundle_for_words(given: Given[Any, Any], shelf: WeightsShelf) -> dict[str, float]:
    """Write a bundle of the published network for the words of the settings.

    Returns:
        ``epochs`` and ``best_epoch``, both 0, and ``threshold``.

    Raises:
        MissingWeightsError: if the network, CLIP or its word parts are not among the weights.
        BadDataError: if the words cannot be told apart, or the network was not published.
        DiskFullError: if the disk is full.
    """
    given.report(0, 1, "reading the published weights")
    model = prompted(given.config, shelf)
    # Nothing here has been seen by the network: no image can say where the line is.
    good = fixed_threshold(_SURE, "words", given.config.overkill, pixel_threshold=_SURE)
    card = write_model(
        given,
        model,
        good,
        classes=model.classes,
        started_from=f"published weights, looking for: {', '.join(model.classes[1:])}",
    )
    given.report(1, 1, "reading the published weights")
    return {"epochs": 0.0, "best_epoch": 0.0, "threshold": card.threshold.value}
