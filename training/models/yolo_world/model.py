"""YOLO-World (Cheng et al. 2024, arXiv 2401.17270) of ultralytics, and its score."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.ops import batched_nms, box_convert

from training.data.boxes import Found
from training.models.anomaly import ScoringModel
from training.models.looking import FoundBox, Look
from training.models.yolo_world.card import YoloWorldConfig
from training.models.yolo_world.parts import (
    ROOT,
    IterableSimpleNamespace,
    WorldModel,
    yaml_model_load,
)
from training.models.yolo_world.texts import orthonormal_texts

_LOSS_GAINS = {"box": 7.5, "cls": 0.5, "dfl": 1.5}
"""Of ultralytics' default settings."""
_MOMENTUM = 0.1
"""ultralytics' 0.03 suits weeks: after a hundred steps the network would still be judged by
statistics of its first weights."""
_OVERLAP = 0.7
"""IoU from which two boxes of a class are of one defect."""
_USUAL_SIDE = 0.2
"""Of a defect, as a share of the image, until the drawn ones are known."""
_MOST_BOXES = 100
_MOST_CANDIDATES = 3000
LEAST_CONFIDENCE = 0.001
"""Average precision looks at the unsure boxes as well; the threshold leaves them out."""

_LEAST_SHOWN = 0.05
"""Boxes that are less sure are of use to nobody at the drawing table."""


class YoloWorld(ScoringModel):
    """Boxes and the likeness of what is in them to each class's words; class 0 is good."""

    texts: Tensor

    def __init__(
        self,
        config: YoloWorldConfig,
        classes: Sequence[str],
        state: Mapping[str, Tensor] | None = None,
    ) -> None:
        """Build with fresh weights, or with published ones.

        Raises:
            RuntimeError: if they do not fit.
        """
        super().__init__()
        self.config = config
        self.classes = tuple(classes)
        texts = orthonormal_texts(len(classes) - 1)
        # Part of what is learnt: a bundle needs no words any more.
        self.register_buffer("texts", texts)
        self.network = _build_network(config.network, len(texts))
        if state is None:
            _expect_few_boxes(self.network)
            self.expect_boxes([_USUAL_SIDE * config.image_size_px] * 2)
        else:
            # Half-precision files are common; the network computes in single precision.
            self.network.load_state_dict({name: value.float() for name, value in state.items()})

    @torch.no_grad()
    def expect_boxes(self, size: Sequence[float]) -> None:
        """Let the untrained network answer boxes of one size, (width, height) in pixels.

        ultralytics' are 120 px and wider. Small defects overlap them so little that training
        would not choose a place to learn them from.
        """
        head = self.network.model[-1]
        bins = torch.arange(head.reg_max)
        for branch, stride in zip(head.cv2, head.stride.tolist(), strict=True):
            width, height = (0.5 * side / stride for side in size)
            sides = torch.tensor([width, height, width, height]).clamp(0.5, head.reg_max / 2)
            branch[-1].bias.copy_(-(bins - sides[:, None]).abs().flatten())

    def forward(self, images: Tensor) -> Any:
        """Return ultralytics' answer to images (B, 3, H, W) in [0, 1]; H and W multiples of 32.

        In training raw boxes and scores; else a tuple of (B, 4 + C, A), centre x, centre y,
        width, height in pixels and the confidence of each class, and the raw ones.
        """
        return self.network.predict(images, txt_feats=self.texts[None])

    def detect(self, images: Tensor) -> list[Found]:
        """Return the boxes of each image (3, H, W) in [0, 1]."""
        answers, _ = self(images)
        return self.found_in(answers, images.shape[2:])

    def found_in(self, answers: Tensor, size: Sequence[int]) -> list[Found]:
        """Return the boxes of decoded answers (B, 4 + C, A) to images of `size`, (H, W)."""
        return [_select(answer.float(), size) for answer in answers]

    def shares_in(self, answers: Tensor) -> Tensor:
        """Return the shares of all classes, good first, (B, 1 + C); they sum to 1.

        Good has what the surest place lacks in confidence; the types share it out as they do
        there.
        """
        confidences = answers[:, 4:].float()
        places = confidences.amax(1).argmax(1)
        surest = confidences[torch.arange(len(places)), :, places]
        defective = surest.amax(1, keepdim=True)
        types = defective * surest / surest.sum(1, keepdim=True).clamp_min(1e-9)
        shares = torch.cat((1 - defective, types), 1)
        return shares / shares.sum(1, keepdim=True)

    def score(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Score by confidence: of the surest box, and in the map of the surest box there."""
        answers, _ = self(images)
        found = self.found_in(answers, images.shape[2:])
        maps = torch.stack([_paint(each, images.shape[2:]) for each in found])
        return answers[:, 4:].float().amax((1, 2)), maps

    def look(self, images: Tensor) -> list[Look]:
        """See the boxes, and what the surest one may hold."""
        answers, _ = self(images)
        size = images.shape[2:]
        answers = answers.float().cpu()
        seen = zip(self.found_in(answers, size), self.shares_in(answers), strict=True)
        return [_look_of(found, shares, size) for found, shares in seen]


def _build_network(name: str, count: int) -> WorldModel:
    # By its full path: a file of that name in the working folder must not win.
    layers = yaml_model_load(ROOT / "cfg" / "models" / "v8" / f"{name}.yaml")
    network = WorldModel(layers | {"nc": count}, nc=count, verbose=False)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = _MOMENTUM
    network.args = IterableSimpleNamespace(**_LOSS_GAINS)
    return network


def _expect_few_boxes(network: WorldModel) -> None:
    """Set how likely a place is of a class to one in a hundred (Lin et al. 2017, section 4.1).

    ultralytics begins with one in 20,000, which hours of training on large data sets make up for.
    """
    for head in network.model[-1].cv4:
        nn.init.constant_(head.bias, -math.log(99.0))


def _look_of(found: Found, shares: Tensor, size: Sequence[int]) -> Look:
    height, width = size
    boxes = box_convert(found.edges, "xyxy", "cxcywh") / found.edges.new_tensor(
        [width, height, width, height]
    )
    return Look(
        1 - shares[0],
        _paint(found, size),
        shares,
        boxes=tuple(
            FoundBox(place, confidence, (x, y, w, h))
            for place, confidence, (x, y, w, h) in zip(
                found.places.tolist(), found.confidences.tolist(), boxes.tolist(), strict=True
            )
            if confidence >= _LEAST_SHOWN
        ),
    )


def _select(answer: Tensor, size: Sequence[int]) -> Found:
    """Return the boxes of one image's answer (4 + C, A), each once."""
    confidences, places = answer[4:].max(0)
    candidates = confidences.topk(min(_MOST_CANDIDATES, len(confidences))).indices
    candidates = candidates[confidences[candidates] >= LEAST_CONFIDENCE]
    edges = box_convert(answer[:4, candidates].T, "cxcywh", "xyxy")
    edges = edges.clamp(edges.new_zeros(4), edges.new_tensor([size[1], size[0]] * 2))
    kept = batched_nms(edges, confidences[candidates], places[candidates], _OVERLAP)[:_MOST_BOXES]
    chosen = candidates[kept]
    return Found(edges[kept], confidences[chosen], places[chosen] + 1)


def _paint(found: Found, size: Sequence[int]) -> Tensor:
    """Return each pixel's surest box, (H, W); 0 where there is none."""
    painted = found.confidences.new_zeros(size[0], size[1])
    inner = torch.cat((found.edges[:, :2].floor(), found.edges[:, 2:].ceil()), 1)
    edges = inner.int().tolist()
    # The surest last, on top of the others.
    for (left, top, right, bottom), confidence in zip(
        reversed(edges), found.confidences.flip(0), strict=True
    ):
        painted[top:bottom, left:right] = confidence
    return painted
