"""What class weights, losses and samplers are worth in numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy, one_hot

from training.imbalance.losses import (
    FocalLoss,
    LogitAdjustedCrossEntropy,
    WeightedCrossEntropy,
)
from training.imbalance.samplers import ResumableSampler, SamplingRule, example_weights
from training.imbalance.weights import (
    class_balanced_weights,
    effective_numbers,
    inverse_frequency_weights,
    log_priors,
)

LONG_TAIL = [500, 100, 10, 1]
COUNTS = st.lists(st.integers(1, 10_000), min_size=2, max_size=8)
LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, -0.3], [-2.0, 1.0, 3.0], [40.0, -40.0, 0.0]])
CLASSES = torch.tensor([0, 1, 2, 1])
SHARES = one_hot(CLASSES, 3).float()


@pytest.mark.parametrize(
    ("beta", "expected"),
    [
        (0.0, [1.0, 1.0, 1.0, 1.0]),
        (0.9, [0.2955221051, 0.2955299548, 0.4537268890, 2.9552210511]),
        (0.99, [0.0356190273, 0.0558151392, 0.3700665236, 3.5384993099]),
        (0.999, [0.0091262745, 0.0377310660, 0.3608488757, 3.5922937838]),
        (0.9999, [0.0073742788, 0.0361448702, 0.3598272402, 3.5966536108]),
    ],
)
def test_that_class_balanced_weights_are_those_of_the_paper(
    beta: float, expected: list[float]
) -> None:
    np.testing.assert_allclose(class_balanced_weights(LONG_TAIL, beta), expected, atol=1e-9)


def test_that_effective_numbers_are_those_of_the_paper() -> None:
    expected = [99.3429517, 63.39676587, 9.5617925, 1.0]
    np.testing.assert_allclose(effective_numbers(LONG_TAIL, 0.99), expected, atol=1e-6)


def test_that_inverse_frequency_weights_sum_to_the_number_of_classes() -> None:
    expected = np.array([0.002, 0.01, 0.1, 1.0]) * 4 / 1.112
    np.testing.assert_allclose(inverse_frequency_weights(LONG_TAIL), expected)


@given(COUNTS, st.floats(0, 0.99999))
def test_that_no_rarer_class_counts_less(counts: list[int], beta: float) -> None:
    by_count = np.argsort(counts)[::-1]
    for weights in (class_balanced_weights(counts, beta), inverse_frequency_weights(counts)):
        assert (np.diff(weights[by_count]) >= -1e-9).all()
        assert weights.sum() == pytest.approx(len(counts))


def test_that_priors_are_shares() -> None:
    np.testing.assert_allclose(np.exp(log_priors([30, 10])), [0.75, 0.25])


@pytest.mark.parametrize("counts", [[], [3, 0]])
def test_that_a_class_without_examples_is_refused(counts: list[int]) -> None:
    with pytest.raises(ValueError, match="every class needs an example"):
        inverse_frequency_weights(counts)


@pytest.mark.parametrize("beta", [-0.1, 1.0])
def test_that_beta_outside_of_its_range_is_refused(beta: float) -> None:
    with pytest.raises(ValueError, match="β"):
        class_balanced_weights(LONG_TAIL, beta)


def test_that_equal_weights_give_plain_cross_entropy() -> None:
    loss = WeightedCrossEntropy(torch.ones(3))(LOGITS, SHARES)
    torch.testing.assert_close(loss, cross_entropy(LOGITS, CLASSES))


def test_that_an_example_counts_as_its_class_says() -> None:
    weights = torch.tensor([2.0, 0.5, 1.0])
    each = cross_entropy(LOGITS, CLASSES, reduction="none")
    expected = (each * torch.tensor([2.0, 0.5, 1.0, 0.5])).mean()
    torch.testing.assert_close(WeightedCrossEntropy(weights)(LOGITS, SHARES), expected)


def test_that_focal_loss_without_focus_is_weighted_cross_entropy() -> None:
    weights = torch.tensor([2.0, 0.5, 1.0])
    expected = WeightedCrossEntropy(weights)(LOGITS, SHARES)
    torch.testing.assert_close(FocalLoss(weights, 0.0)(LOGITS, SHARES), expected)


def test_that_focal_loss_is_that_of_the_paper() -> None:
    # p = 0.9 and 0.6 of the true class: (1 − p)² · −ln p by hand.
    logits = torch.tensor([[0.9, 0.1], [0.4, 0.6]]).log()
    loss = FocalLoss(torch.ones(2), 2.0)(logits, torch.eye(2))
    assert float(loss) == pytest.approx((0.01 * 0.1053605 + 0.16 * 0.5108256) / 2, rel=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_that_focal_loss_has_a_slope_everywhere(gamma: float) -> None:
    logits = (100 * LOGITS).requires_grad_()
    FocalLoss(torch.ones(3), gamma)(logits, SHARES).backward()
    assert logits.grad is not None
    assert bool(logits.grad.isfinite().all())


def test_that_logit_adjustment_adds_the_priors() -> None:
    priors = torch.from_numpy(log_priors([80, 15, 5])).float()
    loss = LogitAdjustedCrossEntropy(priors)(LOGITS, SHARES)
    torch.testing.assert_close(loss, cross_entropy(LOGITS + priors, CLASSES))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("as_they_are", [0.9, 0.1]), ("square_root", [0.75, 0.25]), ("balanced", [0.5, 0.5])],
)
def test_that_classes_are_drawn_as_the_rule_says(rule: SamplingRule, expected: list[float]) -> None:
    classes = [0] * 90 + [1] * 10
    weights = example_weights(classes, rule)
    shares = torch.stack([weights[:90].sum(), weights[90:].sum()]) / weights.sum()
    assert shares.tolist() == pytest.approx(expected)


def test_that_drawn_examples_have_the_shares_asked_for() -> None:
    drawn = list(ResumableSampler([0] * 1900 + [1] * 100, "balanced", seed=3))
    assert sum(index >= 1900 for index in drawn) / 2000 == pytest.approx(0.5, abs=0.05)


def test_that_without_a_rule_every_example_is_seen_once() -> None:
    assert sorted(ResumableSampler([0, 1, 0, 1, 1], "as_they_are", seed=0)) == [0, 1, 2, 3, 4]


def test_that_every_pass_has_its_own_order() -> None:
    sampler = ResumableSampler([0, 1] * 20, "as_they_are", seed=0)
    assert list(sampler) != list(sampler)


def test_that_the_order_follows_from_the_seed_alone() -> None:
    first = list(ResumableSampler([0, 1] * 20, "square_root", seed=5))
    torch.rand(7)
    assert list(ResumableSampler([0, 1] * 20, "square_root", seed=5)) == first
    assert list(ResumableSampler([0, 1] * 20, "square_root", seed=6)) != first


@pytest.mark.parametrize("rule", ["as_they_are", "square_root", "balanced"])
@pytest.mark.parametrize("stop", [0, 1, 7, 12])
def test_that_an_interrupted_pass_goes_on_where_it_stopped(rule: SamplingRule, stop: int) -> None:
    classes = [0] * 9 + [1] * 3
    whole = ResumableSampler(classes, rule, seed=1)
    first, second, third = list(whole), list(whole), list(whole)

    again = ResumableSampler(classes, rule, seed=1)
    again.set_epoch(1)
    again.start_at(stop)
    assert [list(again), list(again)] == [second[stop:], third]
    assert first != second


def test_that_a_pass_that_is_not_ended_is_not_gone_on_with() -> None:
    sampler = ResumableSampler([0, 1] * 5, "as_they_are", seed=0)
    next(iter(sampler))
    assert len(list(sampler)) == 10
