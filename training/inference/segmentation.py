"""How well a network marks the defects of held-out images."""

from collections.abc import Callable
from functools import reduce
from operator import add

import torch

from inspector_app.domain.overlap import PixelCounts, count_pixels
from training.data.pictures import to_batch
from training.data.tiles import DrawnPictures
from training.inference.figures import image_auroc
from training.models.unet.model import UNet


@torch.inference_mode()
def segmentation_figures(
    model: UNet, device: torch.device, drawn: DrawnPictures, *, on_done: Callable[[int], None]
) -> dict[str, float]:
    """Return ``dice``, ``iou`` and ``pixel_recall``, all pixels of all images taken together.

    They are of defects of any type. Of several types also ``dice/TYPE`` and
    ``pixel_recall/TYPE`` of each, ``mean_dice``, ``mean_iou`` and ``mean_pixel_recall`` over
    them, and ``never_learned``, how many were drawn and not marked once. ``image_auroc`` where
    there are good and defective images. Pixels are of the likeliest class.

    Args:
        on_done: called with the number of images gone through; may raise to end it.
    """
    counts: list[PixelCounts] = []
    scores: list[float] = []
    truths: list[bool] = []
    for index in range(len(drawn)):
        picture, labels = drawn[index]
        image = to_batch([picture]).to(device)
        called = model.logits_of(image[0]).argmax(0).cpu().numpy()
        counts.append(count_pixels(labels, called, model.classes))
        scores.append(float(model.score(image)[0]))
        truths.append(drawn.is_defective(index))
        on_done(index + 1)
    figures = overlap_figures(reduce(add, counts))
    auroc = image_auroc(scores, truths)
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
