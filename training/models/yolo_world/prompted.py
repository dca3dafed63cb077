"""YOLO-World as it was published: finds what is named in words, without any training."""

from collections.abc import Sequence

from inspector_app.domain.dataset import GOOD
from training.models.start import PUBLISHED
from training.models.yolo_world.card import NetworkName, YoloWorldConfig
from training.models.yolo_world.model import YoloWorld
from training.models.yolo_world.texts import clip_texts
from training.weights import WeightsShelf


def prompted(
    words: Sequence[str],
    shelf: WeightsShelf,
    *,
    network: NetworkName = "yolov8l-world",
    size_px: int = 640,
) -> YoloWorld:
    """Return a detector of what the words name: “scratch”, “dent on metal”.

    Raises:
        MissingWeightsError: if the network, CLIP or its word parts are not among the weights.
    """
    config = YoloWorldConfig(network=network, image_size_px=size_px)
    [name] = PUBLISHED[network]
    model = YoloWorld(config, (GOOD, *words), shelf.read(name))
    model.texts.copy_(clip_texts(words, shelf))
    return model.eval()
