"""How likely a model is better, or practically the same: Bayesian tests with a region of practical equivalence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.one_task import corrected_scale
from tabbench.ranking.portable import SIGNED_RANK, normals, random_words, uniforms

if TYPE_CHECKING:
    from tabbench.task import FloatArray

ROPE = 0.01
"""Relative differences of less than 1 % are practically none."""
N_SAMPLES = 50_000
BLOCK = 5000


class Beliefs(NamedTuple):
    """Probabilities that sum to 1.

    Attributes:
        first: That the first model is better by more than the region.
        same: That the two are practically the same.
        second: That the second model is better by more than the region.
    """

    first: float
    same: float
    second: float


def signed_rank_beliefs(differences: FloatArray, rope: float = ROPE, seed: int = 0) -> Beliefs:
    """Bayesian signed-rank test: which of the three holds for the median of a sum of two tasks' differences.

    Tasks and one pseudo-task at 0 get Dirichlet weights w (1 each, 1/2 for the pseudo-task). In a draw,
    θ_first = Σ w_i w_j [d_i + d_j < -2 rope], θ_second likewise above, θ_same the rest; a sum on the border counts
    half. Returned are the shares of 50,000 draws in which each θ is the largest. Weights come from stream
    `SIGNED_RANK`: task i from -log of uniform i, the pseudo-task from half the square of the normal number that the
    next two words give.

    Source: Benavoli, Corani, Demšar & Zaffalon (2017), JMLR 18(77):1-36, section 4.1.2.

    Args:
        differences: Shape (n_tasks,), first model minus second, lower is better: relative differences.
        rope: Half the width of the region, in the unit of the differences.
        seed: Seed of `portable.random_words`.
    """
    n = len(differences)
    d = np.concatenate([differences, [0.0]])
    sums = d[:, None] + d[None, :]
    first, second = _above(-sums, 2 * rope), _above(sums, 2 * rope)
    words = random_words(seed, SIGNED_RANK, N_SAMPLES, n + 2)
    gamma = np.column_stack([-np.log(uniforms(words[:, :n])), normals(words[:, n:])[:, 0] ** 2 / 2])
    weights = gamma / gamma.sum(axis=1, keepdims=True)
    winners = np.zeros(3)
    for start in range(0, N_SAMPLES, BLOCK):
        w = weights[start : start + BLOCK]
        theta = np.column_stack([((w @ first) * w).sum(axis=1), np.zeros(len(w)), ((w @ second) * w).sum(axis=1)])
        theta[:, 1] = 1.0 - theta.sum(axis=1) if rope > 0 else -1.0
        winners += np.bincount(theta.argmax(axis=1), minlength=3)
    return Beliefs(*(float(share) for share in winners / N_SAMPLES))


def correlated_t_beliefs(differences: FloatArray, test_per_train: float, rope: float = ROPE) -> Beliefs:
    """Bayesian correlated t-test of two models on one task: where the mean difference over splits lies.

    Its posterior is Student's t with n - 1 degrees of freedom around the mean, with scale² (1/n + q) S²,
    q = test rows / train rows: Nadeau and Bengio's variance.

    Source: Corani & Benavoli (2015), Machine Learning 100:285-304, equation 8.

    Args:
        differences: Shape (n_splits,), first model minus second, lower is better; at least two.
        test_per_train: q; 1 / (k - 1) in k-fold cross-validation.
        rope: Half the width of the region, in the unit of the differences.
    """
    from scipy.special import stdtr

    if len(differences) < 2:
        raise ValueError("one split says nothing about the noise of splits")
    mean, scale = float(differences.mean()), corrected_scale(differences, test_per_train)
    if scale == 0:
        first, second = float(mean < -rope), float(mean > rope)
    else:
        degrees = len(differences) - 1
        first, second = (float(stdtr(degrees, (-rope - sign * mean) / scale)) for sign in (1, -1))
    return Beliefs(first, 1.0 - first - second, second)


def _above(values: FloatArray, limit: float) -> FloatArray:
    above: FloatArray = np.where(values == limit, 0.5, (values > limit).astype(np.float64))
    return above
