"""The classifier: multinomial logistic regression, with a temperature that makes it honest.

It is trained by gradient descent with Nesterov's momentum over all examples at once, and its
temperature afterwards on families of wordings that it was not trained on (Guo et al. 2017, "On
calibration of modern neural networks").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]
    Labels = NDArray[np.int64]

_STEPS: Final = 110
_RATE: Final = 6.0
_MOMENTUM: Final = 0.9
_DECAY: Final = 2e-5
_BINS: Final = 10
_TEMPERATURES: Final = np.geomspace(0.3, 4.0, 60)


@dataclass(frozen=True, slots=True)
class Classifier:
    """Weights, a row for each feature and one for the bias, and a column for each kind."""

    kinds: tuple[str, ...]
    weights: Matrix
    temperature: float = 1.0

    @classmethod
    def trained(cls, features: Matrix, labels: Labels, kinds: Sequence[str]) -> Self:
        """Fit weights; each kind counts the same, however many examples it has."""
        inputs = _with_bias(features)
        targets = np.eye(len(kinds), dtype=np.float32)[labels]
        counts = np.maximum(np.bincount(labels, minlength=len(kinds)), 1)
        share = (len(labels) / len(kinds) / counts) ** 0.5
        importance = (share[labels][:, None] / len(labels)).astype(np.float32)
        weights: Matrix = np.zeros((inputs.shape[1], len(kinds)), np.float32)
        speed = np.zeros_like(weights)
        for _ in range(_STEPS):
            ahead = weights + np.float32(_MOMENTUM) * speed
            errors = (_softmax(inputs @ ahead) - targets) * importance
            slope: Matrix = inputs.T @ errors + np.float32(_DECAY) * ahead
            speed = np.float32(_MOMENTUM) * speed - np.float32(_RATE) * slope
            weights = np.add(weights, speed, dtype=np.float32)
        return cls(tuple(kinds), weights)

    def scores(self, features: Matrix) -> Matrix:
        """Return a score for each kind, before they become probabilities."""
        found: Matrix = _with_bias(features) @ self.weights
        return found

    def probabilities(self, features: Matrix) -> Matrix:
        """Return how likely each kind is, one row for each row of `features`."""
        return _softmax(self.scores(features) / np.float32(self.temperature))

    def calibrated(self, scores: Matrix, labels: Labels) -> Self:
        """Take the temperature at which these scores, of what it does not know, are likeliest."""
        rows = np.arange(len(labels))
        losses = [
            -np.log(_softmax(scores / np.float32(t))[rows, labels] + 1e-9).mean()
            for t in _TEMPERATURES
        ]
        return replace(self, temperature=float(_TEMPERATURES[int(np.argmin(losses))]))


def calibration_error(sure: NDArray[np.floating], right: NDArray[np.bool_]) -> float:
    """Return the expected calibration error over ten bins of equal width."""
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for number in range(_BINS):
        inside = bins == number
        if inside.any():
            total += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
    return float(total)


def _with_bias(features: Matrix) -> Matrix:
    return np.hstack([features, np.ones((len(features), 1), np.float32)])


def _softmax(scores: Matrix) -> Matrix:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return found
