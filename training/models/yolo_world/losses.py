"""How far YOLO-World is from the drawn boxes of held-out images."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot
from torch.nn.utils.rnn import pad_sequence
from torchvision.ops import box_convert, complete_box_iou_loss

from training.data.boxes import BoxBatch
from training.models.yolo_world.parts import v8DetectionLoss


@dataclass(frozen=True, slots=True)
class HeldOutLoss:
    """A sum over places, and how many of them should tell of a defect."""

    total: float = 0.0
    count: int = 0

    def __add__(self, other: "HeldOutLoss") -> "HeldOutLoss":
        return HeldOutLoss(self.total + other.total, self.count + other.count)

    @property
    def mean(self) -> float:
        return self.total / max(1, self.count)


def held_out_loss(
    loss: v8DetectionLoss, answers: Tensor, raw: dict[str, Tensor], batch: BoxBatch
) -> HeldOutLoss:
    """Return cross-entropy of classes and 1 − CIoU of boxes, at the places of the drawn ones.

    Places are those that training would choose. Its targets are no measure for epochs: they are
    as high as a box fits already, so that who finds nothing has little to lose. Here every
    chosen place should be sure of its class.

    Args:
        answers: decoded, (B, 4 + C, A).
    """
    (chosen, numbers, targets, *_), _, _ = loss.get_assigned_targets_and_loss(raw, batch)
    scores = raw["scores"].permute(0, 2, 1).float()  # (B, A, C)
    wanted = torch.zeros_like(scores)
    wanted[chosen] = one_hot(_classes_at(chosen, numbers, batch), scores.shape[2]).to(scores.dtype)
    total = binary_cross_entropy_with_logits(scores, wanted, reduction="sum")
    found = box_convert(answers[:, :4].permute(0, 2, 1)[chosen], "cxcywh", "xyxy").float()
    total = total + complete_box_iou_loss(found, targets[chosen].float(), reduction="sum")
    return HeldOutLoss(float(total), int(chosen.sum()))


def _classes_at(chosen: Tensor, numbers: Tensor, batch: BoxBatch) -> Tensor:
    """Return the class of each chosen place, whose boxes are numbered within their image."""
    places = batch["cls"].flatten().long()
    if not len(places):
        return places
    of_images = [places[batch["batch_idx"] == image] for image in range(len(chosen))]
    return pad_sequence(of_images, batch_first=True).gather(1, numbers)[chosen]
