"""How well a network marks the defects of held-out images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Literal

import torch

from inspector_app.domain.overlap import PixelCounts, count_pixels
from inspector_app.protocol.files import Prediction
from training.data.pictures import to_batch
from training.data.tiles import DrawnPictures
from training.inference.figures import image_auroc
from training.models.unet.model import UNet


@dataclass(frozen=True, slots=True)
class Marked:
    """What a network says of one held-out image, and what is known of it."""

    counts: PixelCounts
    score: float
    is_defective: bool
    prediction: Prediction


@torch.inference_mode()
def mark(
    model: UNet,
    device: torch.device,
    drawn: DrawnPictures,
    *,
    split: Literal["val", "test"],
    on_done: Callable[[int], None],
) -> list[Marked]:
    """Mark every image; pixels are of their likeliest class.

    An image's type is the one that most of its drawn area is of; it is taken for the
    likeliest class of the place that is least likely good.

    Args:
        on_done: called with the number of images gone through; may raise to end it.
    """
    marked: list[Marked] = []
    for index, path in enumerate(drawn.pictures.paths):
        picture, labels = drawn[index]
        logits = model.logits_of(to_batch([picture])[0].to(device))
        score, surprise = model.judge(logits)
        shares = model.peak_shares(logits, surprise).tolist()
        called = logits.argmax(0).cpu().numpy()
        prediction = Prediction(
            image_path=path,
            split=split,
            truth=drawn.main_class(index),
            called=model.classes[shares.index(max(shares))],
            shares=dict(zip(model.classes, shares, strict=True)),
        )
        counts = count_pixels(labels, called, model.classes)
        marked.append(Marked(counts, float(score), drawn.is_defective(index), prediction))
        on_done(index + 1)
    return marked


def segmentation_figures(marked: Sequence[Marked]) -> dict[str, float]:
    """Return ``dice``, ``iou`` and ``pixel_recall``, all pixels of all images taken together.

    They are of defects of any type. Of several types also ``dice/TYPE`` and
    ``pixel_recall/TYPE`` of each, ``mean_dice``, ``mean_iou`` and ``mean_pixel_recall`` over
    them, and ``never_learned``, how many were drawn and not marked once. ``image_auroc`` where
    there are good and defective images.
    """
    figures = overlap_figures(reduce(add, [each.counts for each in marked]))
    truths = [each.is_defective for each in marked]
    auroc = image_auroc([each.score for each in marked], truths)
    return figures if auroc is None else figures | {"image_auroc": auroc}


def overlap_figures(counts: PixelCounts) -> dict[str, float]:
    """Return those that can be said; a share of nothing cannot."""
    all_types = counts.defects
    figures = {"dice": all_types.dice, "iou": all_types.iou, "pixel_recall": all_types.recall}
    if len(counts.types) > 1:
        figures |= {
            "mean_dice": counts.mean_dice,
            "mean_iou": counts.mean_iou,
            "mean_pixel_recall": counts.mean_recall,
            "never_learned": float(sum(each.recall == 0.0 for each in counts.types)),
        }
        figures |= {f"dice/{each.name}": each.dice for each in counts.types}
        figures |= {f"pixel_recall/{each.name}": each.recall for each in counts.types}
    return {name: value for name, value in figures.items() if value is not None}
