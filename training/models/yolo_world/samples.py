"""Examples of the views that YOLO-World learns from."""

from collections.abc import Sequence

from inspector_app.domain.dataset import GOOD
from inspector_app.protocol.files import DatasetItem
from training.data.boxes import BoxedPictures
from training.data.drawn import masks_of, usable_items
from training.data.samples import Sample, outlines_of_boxes, read_all
from training.data.types import ordered_classes
from training.models.yolo_world.card import YoloWorldConfig
from training.models.yolo_world.views import Views


def samples(config: YoloWorldConfig, items: Sequence[DatasetItem], seed: int) -> list[Sample]:
    """Return a view of each image as an epoch would show it."""
    usable = usable_items(items, config.answers)
    drawn = {name for item in usable for name in masks_of(item, config.answers)}
    classes = ordered_classes({GOOD} | drawn)
    pictures = read_all(BoxedPictures(usable, classes, config.image_size_px, config.answers))
    views = Views(pictures, config.model_copy(update={"seed": seed}))
    found = []
    for number in range(len(views)):
        picture, boxes = views[number]
        path = pictures.pictures.paths[views.picture_of(number)]
        found.append(Sample(path, picture, outlines_of_boxes(boxes, picture.shape[0])))
    return found
