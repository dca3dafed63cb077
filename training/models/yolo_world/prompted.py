"""YOLO-World as it was published: finds what is named in words, without any training."""

from inspector_app.domain.dataset import GOOD
from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.shelf import refuse_missing
from training.models.start import PUBLISHED
from training.models.yolo_world.card import YoloWorldConfig
from training.models.yolo_world.model import YoloWorld
from training.models.yolo_world.texts import CLIP, WORD_PARTS, clip_texts, tell_apart
from training.weights import WeightsShelf


def prompted(config: YoloWorldConfig, shelf: WeightsShelf) -> YoloWorld:
    """Return a detector of what the settings' words name: “scratch”, “dent on metal”.

    Raises:
        MissingWeightsError: if the network, CLIP or its word parts are not among the weights.
        BadDataError: if the network was not published, or two words are the same to CLIP.
    """
    words = config.word_list
    network = _published(config.network)
    needed = (network, CLIP, WORD_PARTS)
    refuse_missing(map(shelf.look_up, needed), "looking for words")
    vectors = clip_texts(words, shelf)
    if not tell_apart(vectors):
        raise BadDataError(
            f"{config.words}: to CLIP two of these are the same", "name each thing once"
        )
    model = YoloWorld(config, (GOOD, *words), shelf.read(network))
    model.texts.copy_(vectors)
    return model.eval()


def _published(network: str) -> str:
    names = PUBLISHED.get(network, ())
    if not names:
        known = ", ".join(name for name in PUBLISHED if name.startswith("yolo"))
        raise BadDataError(f"{network}: no published weights of it are known", f"choose {known}")
    return names[0]
