"""Losses of class maps against values computed by hand."""

import math

import pytest
import torch
from torch import Tensor

from training.models.unet.losses import (
    LOSSES,
    LossName,
    dice_loss,
    focal_loss,
    lovasz_softmax,
    tversky_loss,
)


def row(*shares: float) -> Tensor:
    """Return logits (1, 2, 1, N) whose softmax gives a defect these shares."""
    defect = torch.tensor(shares, dtype=torch.float64)
    return torch.stack((1 - defect, defect)).log().view(1, 2, 1, -1)


def labels(*places: int) -> Tensor:
    return torch.tensor(places).view(1, 1, -1)


# Four pixels, two of them defective; of the defect 0.8 + 0.6 is found, 0.1 + 0.3 is too much.
LOGITS = row(0.8, 0.6, 0.1, 0.3)
LABELS = labels(1, 1, 0, 0)


def test_that_dice_is_twice_the_common_part_over_both_masks() -> None:
    # One pixel is added above and below: (2·1.4 + 1) / (1.8 + 2 + 1).
    assert dice_loss(LOGITS, LABELS).item() == pytest.approx(1 - 3.8 / 4.8)


def test_that_tversky_charges_misses_more_than_false_alarms() -> None:
    # (1.4 + 0.5) / (1.4 + 0.3·0.4 + 0.7·0.6 + 0.5)
    assert tversky_loss(LOGITS, LABELS).item() == pytest.approx(1 - 1.9 / 2.44)


def test_that_focal_weighs_each_pixel_by_what_is_missing_to_certainty() -> None:
    right = (0.8, 0.6, 0.9, 0.7)
    expected = sum((1 - p) ** 2 * -math.log(p) for p in right) / 4
    assert focal_loss(LOGITS, LABELS).item() == pytest.approx(expected)


def test_that_cross_entropy_of_two_classes_is_the_binary_one() -> None:
    expected = -sum(map(math.log, (0.8, 0.6, 0.9, 0.7))) / 4
    assert LOSSES["bce"](LOGITS, LABELS).item() == pytest.approx(expected)


def test_that_dice_and_cross_entropy_are_added() -> None:
    expected = dice_loss(LOGITS, LABELS) + LOSSES["bce"](LOGITS, LABELS).float()
    assert LOSSES["dice_bce"](LOGITS, LABELS).item() == pytest.approx(expected.item())


def test_that_lovasz_weighs_sorted_errors_by_the_growth_of_the_jaccard_loss() -> None:
    # Defect: errors .4 (1) .3 (0) .2 (1) .1 (0); Jaccard losses 1/2, 2/3, 1, 1.
    defect = 0.4 * 1 / 2 + 0.3 * (2 / 3 - 1 / 2) + 0.2 * (1 - 2 / 3)
    # Background: the same errors, the other truths; Jaccard losses 1/3, 2/3, 3/4, 1.
    good = 0.4 * 1 / 3 + 0.3 * 1 / 3 + 0.2 * (3 / 4 - 2 / 3) + 0.1 * 1 / 4
    assert lovasz_softmax(LOGITS, LABELS).item() == pytest.approx((defect + good) / 2)


def test_that_lovasz_of_hard_answers_is_the_jaccard_loss() -> None:
    loss = lovasz_softmax(row(1.0, 0.0, 1.0, 0.0).clamp_min(-40.0), LABELS)
    # One of three pixels in common, for the defect and for the background.
    assert loss.item() == pytest.approx(1 - 1 / 3)


def test_that_lovasz_passes_over_types_that_do_not_occur() -> None:
    three = torch.cat((LOGITS, torch.full_like(LOGITS[:, :1], -40.0)), 1)
    assert lovasz_softmax(three, LABELS).item() == pytest.approx(
        lovasz_softmax(LOGITS, LABELS).item()
    )


@pytest.mark.parametrize("name", list(LOSSES))
def test_that_every_loss_nears_zero_where_all_is_right(name: LossName) -> None:
    certain = torch.tensor([[-20.0, -20.0, 20.0, 20.0], [20.0, 20.0, -20.0, -20.0]])
    assert LOSSES[name](certain.view(1, 2, 1, 4), LABELS).item() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("name", list(LOSSES))
def test_that_every_loss_pulls_a_false_alarm_down_where_no_defect_is(name: LossName) -> None:
    logits = row(0.6, 0.6).requires_grad_()
    [slope] = torch.autograd.grad(LOSSES[name](logits, labels(0, 0)), logits)
    assert (slope[:, 1] > 0).all()
