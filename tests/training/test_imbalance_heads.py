"""Long-tail mixed reconstruction and the retrieval head."""

import numpy as np
import pytest
import torch
from torch.nn.functional import one_hot

from training.imbalance.reconstruction import (
    MixedReconstruction,
    ReconstructionRule,
    contributions,
    pair_mixing,
    reconstruction_weights,
)
from training.imbalance.retrieval import RetrievalHead, combine

LONG_TAIL = [1, 10, 100, 1000]


@pytest.mark.parametrize(
    ("epsilon", "expected"),
    [
        (0.1, [0.5, 0.0139003986, 0.0034954731, 0.0]),
        (1.1, [0.5, 0.1125122189, 0.0298778001, 0.0]),
    ],
)
def test_that_contributions_are_those_of_the_paper(epsilon: float, expected: list[float]) -> None:
    rule = ReconstructionRule(limit=0.5, decay=1.0, epsilon=epsilon)
    np.testing.assert_allclose(contributions(LONG_TAIL, rule), expected, atol=1e-9)


def test_that_equally_frequent_classes_are_not_rebuilt() -> None:
    assert contributions([30, 30, 30], ReconstructionRule()).tolist() == [0.0, 0.0, 0.0]


def test_that_constants_without_a_logarithm_are_refused() -> None:
    with pytest.raises(ValueError, match="above 1"):
        contributions(LONG_TAIL, ReconstructionRule(epsilon=0.0))


def test_that_neither_itself_nor_few_shot_examples_contribute() -> None:
    torch.manual_seed(0)
    weights = reconstruction_weights(torch.randn(4, 8), torch.tensor([True, True, False, True]))
    assert not weights.diagonal().any()
    assert not weights[:, 2].any()
    torch.testing.assert_close(weights.sum(1), torch.ones(4))


def test_that_more_similar_examples_contribute_more() -> None:
    features = torch.tensor([[1.0, 0.0, 0.0], [0.9, 0.1, 0.0], [0.0, 0.0, 1.0]])
    weights = reconstruction_weights(features, torch.ones(3, dtype=torch.bool))
    assert weights[0, 1] > weights[0, 2]


def test_that_an_example_is_rebuilt_by_its_classs_share() -> None:
    head = MixedReconstruction([1, 1000], ReconstructionRule(limit=0.5))
    features = torch.tensor([[1.0, 2.0], [5.0, 0.0], [3.0, 1.0]])
    rebuilt = head.reconstruct(features, torch.tensor([0, 1, 1]))
    weights = reconstruction_weights(features, torch.tensor([False, True, True]))
    torch.testing.assert_close(rebuilt[0], 0.5 * (weights @ features)[0] + 0.5 * features[0])
    torch.testing.assert_close(rebuilt[1:], features[1:])


def test_that_a_batch_of_rare_examples_stays_as_it_is() -> None:
    head = MixedReconstruction([1, 1000], ReconstructionRule())
    features = torch.randn(5, 4)
    assert torch.equal(head.reconstruct(features, torch.zeros(5, dtype=torch.int64)), features)


def test_that_a_single_example_stays_as_it_is() -> None:
    head = MixedReconstruction([1, 1000], ReconstructionRule())
    features, shares = torch.randn(1, 4), torch.tensor([[1.0, 0.0]])
    mixed, labels = head(features, shares)
    assert torch.equal(mixed, features)
    assert torch.equal(labels, shares)


def test_that_half_of_the_rows_mix_two_examples() -> None:
    torch.manual_seed(0)
    mixing = pair_mixing(10)
    torch.testing.assert_close(mixing.sum(1), torch.ones(10))
    assert int((mixing > 0).sum(1).max()) == 2
    # A partner may be the example itself.
    assert 3 <= int(((mixing > 0).sum(1) == 2).sum()) <= 5


def test_that_features_and_shares_are_mixed_alike() -> None:
    torch.manual_seed(0)
    head = MixedReconstruction([50, 50], ReconstructionRule())
    shares = one_hot(torch.tensor([0, 1, 1, 0, 1]), 2).float()
    mixed, labels = head(shares.clone(), shares)
    torch.testing.assert_close(mixed, labels)
    torch.testing.assert_close(labels.sum(1), torch.ones(5))


def head_of(features: torch.Tensor, classes: list[int], neighbours: int) -> RetrievalHead:
    count = max(classes) + 1
    head = RetrievalHead(features.shape[1], count, neighbours, tau=0.0)
    head.remember(features, torch.tensor(classes))
    return head


COMPASS = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [-1.0, 0.0]])


def test_that_the_nearest_examples_vote_by_their_similarity() -> None:
    head = head_of(COMPASS, [0, 1, 1, 2], neighbours=2)
    query = torch.tensor([[2.0, 0.0]])
    similar = torch.tensor([1.0, 0.9 / 0.82**0.5])
    expected = (similar / 0.07).softmax(0)
    torch.testing.assert_close(head.votes(query)[0, :2], expected)
    assert float(head.votes(query)[0, 2]) == 0.0


def test_that_a_remembered_example_does_not_vote_for_itself() -> None:
    head = head_of(COMPASS, [0, 1, 1, 2], neighbours=1)
    alone = head.votes(COMPASS[:1], torch.tensor([0]))
    assert alone.tolist() == [[0.0, 1.0, 0.0]]


def test_that_more_neighbours_than_examples_are_no_fault() -> None:
    votes = head_of(COMPASS, [0, 1, 1, 2], neighbours=50).votes(COMPASS)
    torch.testing.assert_close(votes.sum(1), torch.ones(4))


def test_that_frequent_classes_get_no_start() -> None:
    features = torch.tensor([[1.0, 0.0]] * 4)
    head = head_of(features, [0, 0, 0, 1], neighbours=4)
    head.tau = 1.0
    logits = head(features[:1])
    assert float(logits[0, 0] - logits[0, 1]) == pytest.approx(0.0, abs=0.01)


def test_that_logits_of_a_row_have_a_mean_of_zero() -> None:
    logits = head_of(COMPASS, [0, 1, 1, 2], neighbours=3)(COMPASS)
    torch.testing.assert_close(logits.mean(1), torch.zeros(4), atol=1e-5, rtol=0)


def test_that_a_memory_is_saved_and_loaded_whatever_its_size() -> None:
    head = head_of(COMPASS, [0, 1, 1, 2], neighbours=2)
    other = RetrievalHead(2, 3, 2, tau=0.0)
    other.load_state_dict(head.state_dict())
    assert torch.equal(other(COMPASS), head(COMPASS))


def test_that_both_branches_count_whatever_their_scale() -> None:
    base, retrieved = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 3.0]])
    shifted = combine(base + 100.0, retrieved - 50.0)
    torch.testing.assert_close(combine(base, retrieved), shifted)
    assert int(shifted.argmax()) == 1
