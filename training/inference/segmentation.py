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

    They are of defects of any type; ``mean_dice``, ``mean_iou``, ``macro_recall`` are means over
    the types, ``never_learned`` is how many were drawn and not marked once. ``image_auroc``
    where there are good and defective images. Pixels are of the likeliest class.

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
    figures = {
        "dice": counts.defects.dice,
        "iou": counts.defects.iou,
        "pixel_recall": counts.defects.recall,
        "mean_dice": counts.mean_dice,
        "mean_iou": counts.mean_iou,
        "macro_recall": counts.mean_recall,
        "never_learned": float(sum(each.recall == 0.0 for each in counts.types)),
    }
    return {name: value for name, value in figures.items() if value is not None}
