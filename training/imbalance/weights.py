"""How much an example of each class counts, from how many there are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]


def inverse_frequency_weights(counts: Sequence[int]) -> Weights:
    """Return weights (C,) proportional to 1 / count whose sum is C.

    Raises:
        ValueError: if a class has no example.
    """
    return _normalised(1.0 / _checked(counts))


def class_balanced_weights(counts: Sequence[int], beta: float) -> Weights:
    """Return weights (C,) from the effective number of examples, whose sum is C.

    (1 − β) / (1 − β^n), Cui et al. 2019 (arXiv 1901.05555). β = 0 weighs all classes
    alike, β → 1 is the inverse frequency.

    Raises:
        ValueError: if a class has no example, or β is not in [0, 1).
    """
    if not 0.0 <= beta < 1.0:
        raise ValueError(f"β must be at least 0 and below 1, not {beta}")
    return _normalised(1.0 / effective_numbers(counts, beta))


def effective_numbers(counts: Sequence[int], beta: float) -> Weights:
    """Return (1 − β^n) / (1 − β) of each class, (C,)."""
    return np.asarray((1.0 - np.power(beta, _checked(counts))) / (1.0 - beta), np.float64)


def log_priors(counts: Sequence[int]) -> Weights:
    """Return the logarithm of each class's share, (C,)."""
    checked = _checked(counts)
    return np.asarray(np.log(checked / checked.sum()), np.float64)


def _checked(counts: Sequence[int]) -> Weights:
    checked = np.asarray(counts, np.float64)
    if not checked.size or checked.min() < 1:
        raise ValueError(f"every class needs an example, not {list(counts)}")
    return checked


def _normalised(weights: Weights) -> Weights:
    return np.asarray(weights * (len(weights) / weights.sum()), np.float64)
