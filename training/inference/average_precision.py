"""How well boxes are found: average precision as COCO defines it."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torchmetrics.detection import MeanAveragePrecision
from torchvision.ops import box_convert

from training.data.boxes import BoxBatch, Found

_MOST_BOXES = [1, 10, 100]


class AveragePrecision:
    """Average precision of all images that were added.

    A box is right if it overlaps a drawn one of its class enough: by an IoU of 0.5 for “50”,
    by 0.5, 0.55 … 0.95 in turn, and the mean taken, for “50–95”.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = classes
        self._metric = MeanAveragePrecision(
            backend="pycocotools", max_detection_thresholds=_MOST_BOXES, extended_summary=True
        )
        self._drawn: set[int] = set()

    def add_batch(self, found: Sequence[Found], batch: BoxBatch) -> None:
        """Count the boxes of a batch of images."""
        truths = list(_truths(batch))
        self._metric.update([_answer(each) for each in found], truths)
        self._drawn |= {int(place) for truth in truths for place in truth["labels"]}

    def figures(self) -> dict[str, float]:
        """Return ``map50``, ``map50_95`` and, of several types, ``ap50/TYPE`` and ``ap/TYPE``.

        Nothing where no defect was drawn. ``never_learned`` is how many types were drawn and
        not found once.
        """
        if not self._drawn:
            return {}
        result: dict[str, Any] = self._metric.compute()
        # (IoU, recall, class, area, boxes): of all areas, with the most boxes.
        curves = result["precision"][..., 0, -1].mean(1)
        places = result["classes"].reshape(-1).tolist()
        by_place = {p: curves[:, i] for i, p in enumerate(places) if p in self._drawn}
        means = torch.stack(list(by_place.values())).clamp(min=0)
        figures = {"map50": float(means[:, 0].mean()), "map50_95": float(means.mean())}
        if len(self._classes) > 2:
            named = {self._classes[place]: precision for place, precision in by_place.items()}
            figures["never_learned"] = float((means[:, 0] == 0).sum())
            figures |= {f"ap50/{name}": float(each[0]) for name, each in named.items()}
            figures |= {f"ap/{name}": float(each.mean()) for name, each in named.items()}
        return figures


class BoxThreshold:
    """The confidence from which boxes are right most often and still miss few."""

    def __init__(self) -> None:
        # As if all types were one: the threshold is of images, whatever is wrong with them.
        self._metric = MeanAveragePrecision(
            backend="pycocotools",
            average="micro",
            max_detection_thresholds=_MOST_BOXES,
            extended_summary=True,
        )

    def add_batch(self, found: Sequence[Found], batch: BoxBatch) -> None:
        """Count the boxes of a batch of images."""
        self._metric.update([_answer(each) for each in found], list(_truths(batch)))

    def value(self) -> float | None:
        """Return the confidence with the best F1 at an IoU of 0.5; None if no box is right."""
        result: dict[str, Any] = self._metric.compute()
        precision = result["precision"][0, :, 0, 0, -1].clamp(min=0)
        recall = torch.linspace(0, 1, len(precision))
        f1 = 2 * precision * recall / (precision + recall).clamp(min=1e-9)
        best = int(f1.argmax())
        return float(result["scores"][0, best, 0, 0, -1]) if f1[best] > 0 else None


def _answer(found: Found) -> dict[str, Tensor]:
    return {
        "boxes": found.edges.cpu(),
        "scores": found.confidences.cpu(),
        "labels": found.places.cpu(),
    }


def _truths(batch: BoxBatch) -> Iterator[dict[str, Tensor]]:
    height, width = batch["img"].shape[2:]
    edges = box_convert(batch["bboxes"].cpu(), "cxcywh", "xyxy")
    edges = edges * edges.new_tensor([width, height, width, height])
    places = batch["cls"].cpu().flatten().long() + 1
    of = batch["batch_idx"].cpu()
    for number in range(len(batch["img"])):
        yield {"boxes": edges[of == number], "labels": places[of == number]}
