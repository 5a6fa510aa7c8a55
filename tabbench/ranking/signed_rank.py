"""Two models over many tasks: Wilcoxon's signed-rank test and the sign test, on relative differences, with Holm."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from tabbench.ranking.ties import are_tied

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.task import FloatArray


MOST_EXACT = 50
"""Tasks up to which Wilcoxon's distribution is counted out."""


class Zeros(StrEnum):
    """What Wilcoxon's test does with tasks on which two models tie.

    pratt: they are ranked with the others, then left out of the sums.
    wilcox: they are left out before ranking.
    zsplit: they are ranked, and their ranks split evenly (Demšar 2006).
    """

    PRATT = "pratt"
    WILCOX = "wilcox"
    ZSPLIT = "zsplit"


class Tested(NamedTuple):
    """A test of two models over tasks.

    Attributes:
        statistic: Wilcoxon: the smaller sum of ranks. Sign: the number of tasks won by the first.
        p: Two-sided p-value.
        n: Tasks that counted.
    """

    statistic: float
    p: float
    n: int


def relative_difference(a: FloatArray, b: FloatArray) -> FloatArray:
    """Share of the larger error by which the errors differ: (a - b) / max(|a|, |b|); 0 when they tie.

    -0.03: the first model's error is 3 % lower. It lies in -1..1 for errors of one sign, takes errors of 0, changes
    only its sign when the models change places, and makes metrics of different units comparable.

    Args:
        a: Errors of one model, any shape.
        b: Errors of the other.

    >>> relative_difference(np.array([0.97, 0.0, 0.0]), np.array([1.0, 0.5, 0.0])).round(6).tolist()
    [-0.03, -1.0, 0.0]
    """
    larger = np.maximum(np.abs(a), np.abs(b))
    share = np.divide(a - b, larger, out=np.zeros_like(larger), where=larger > 0)
    return np.where(are_tied(a, b), 0.0, share)


def possible_ends(low: float, high: float, differences: FloatArray) -> tuple[float, float]:
    """The ends of an interval cut to where relative differences can lie, which Student's t does not know.

    Args:
        low: Lower end; NaN stays.
        high: Upper end; NaN stays.
        differences: Relative differences that it was made of, any shape.

    Returns:
        Ends in -1..1; in -2..2 where a difference over 1 shows errors of both signs.

    >>> possible_ends(-1.2, 0.3, np.array([-0.9, 0.0]))
    (-1.0, 0.3)
    """
    bound = 1.0 if np.abs(differences).max() < 1 + 1e-9 else 2.0  # a mean of ones may round up
    return float(np.clip(low, -bound, bound)), float(np.clip(high, -bound, bound))


def wilcoxon(differences: FloatArray, zeros: Zeros = Zeros.PRATT) -> Tested:
    """Test that differences are as often and as far above zero as below.

    Exact where there are at most 50 tasks, no zeros and no equal sizes; else by the normal distribution, with the tie
    correction of the variance and without the continuity correction.

    Source: Wilcoxon (1945), Biometrics Bulletin 1:80-83; Pratt (1959), JASA 54:655-667; `scipy.stats.wilcoxon`.

    Args:
        differences: Shape (n_tasks,): relative differences or differences of skill, one a task. Never raw errors of
            different metrics: sizes are compared across tasks.
        zeros: What to do with tasks on which the models tie.

    Returns:
        p = 1 when all differences are zero.
    """
    statistic, p = _wilcoxon(differences[:, None], zeros)
    n = len(differences) if zeros is not Zeros.WILCOX else int(np.count_nonzero(differences))
    return Tested(float(statistic[0]), float(p[0]), n)


def _wilcoxon(differences: FloatArray, zeros: Zeros) -> tuple[FloatArray, FloatArray]:
    """Statistics and p-values of many pairs at once; differences of shape (n_tasks, n_pairs)."""
    from scipy import stats

    sizes = np.sort(np.abs(differences), axis=0)
    is_exact = (sizes[0] > 0) & (np.diff(sizes, axis=0) > 0).all(axis=0) & (len(sizes) <= MOST_EXACT)
    statistic, p = np.zeros(differences.shape[1]), np.ones(differences.shape[1])

    def fill(method: Literal["exact", "approx"], chosen: NDArray[np.bool_]) -> None:
        if chosen.any():
            done = stats.wilcoxon(differences[:, chosen], zero_method=zeros.value, method=method, axis=0)
            statistic[chosen], p[chosen] = done.statistic, done.pvalue

    fill("exact", is_exact)
    fill("approx", ~is_exact & (sizes[-1] > 0))
    return statistic, p


def sign_test(differences: FloatArray) -> Tested:
    """Test that a difference is as often below zero as above; tasks on which the models tie are left out.

    Exact, by the binomial distribution. It asks nothing of the sizes of differences, and so it sees less.

    Source: Demšar (2006), JMLR 7:1-30, section 3.1.4.

    Args:
        differences: Shape (n_tasks,), first model minus second: below zero the first wins.

    >>> sign_test(np.array([-1.0, -2.0, -0.5, 3.0, 0.0]))
    Tested(statistic=3.0, p=0.625, n=4)
    """
    from scipy.stats import binomtest

    won, lost = int((differences < 0).sum()), int((differences > 0).sum())
    return Tested(float(won), float(binomtest(won, won + lost).pvalue) if won + lost else 1.0, won + lost)


def holm(p: FloatArray) -> FloatArray:
    """Adjusted p-values of a family: largest (m - i + 1) p_(i) up to each, at most 1.

    Source: Holm (1979), Scandinavian Journal of Statistics 6:65-70.

    Args:
        p: Shape (m,).

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    adjusted = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    back = np.empty(len(p))
    back[order] = adjusted
    return back


def pairwise_wilcoxon(errors: FloatArray, zeros: Zeros = Zeros.PRATT) -> FloatArray:
    """Wilcoxon's test of every pair of models on relative differences, adjusted by Holm over all pairs.

    Args:
        errors: Shape (n_tasks, n_models), lower is better: one value a task, so average its splits first.
        zeros: What to do with tasks on which two models tie.

    Returns:
        Shape (n_models, n_models): adjusted p-values, symmetric, 1 on the diagonal.
    """
    first, second = np.triu_indices(errors.shape[1], 1)
    differences = relative_difference(errors[:, first], errors[:, second])
    p = np.ones((errors.shape[1],) * 2)
    p[first, second] = holm(_wilcoxon(differences, zeros)[1])
    p[second, first] = p[first, second]
    return p
