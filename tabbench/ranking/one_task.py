"""Two models on one task: the corrected resampled t-test over splits, and McNemar's test over test rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from tabbench.task import FloatArray


class CorrectedT(NamedTuple):
    """The corrected resampled t-test.

    Attributes:
        mean: Mean difference.
        low: Lower end of its interval.
        high: Upper end.
        p: Two-sided p-value; NaN with one split.
    """

    mean: float
    low: float
    high: float
    p: float


class McNemar(NamedTuple):
    """McNemar's test.

    Attributes:
        only_first: Test rows that only the first model labels rightly.
        only_second: Test rows that only the second does.
        p: Two-sided p-value.
    """

    only_first: int
    only_second: int
    p: float


def corrected_scale(differences: FloatArray, test_per_train: float) -> float:
    """Standard error of a mean over splits that share rows: √((1/n + q) S²), q = test rows / train rows.

    Source: Nadeau & Bengio (2003), Machine Learning 52:239-281, section 3.
    """
    n = len(differences)
    return float(np.sqrt((1.0 / n + test_per_train) * differences.var(ddof=1)))


def corrected_t(differences: FloatArray, test_per_train: float, level: float = 0.95) -> CorrectedT:
    """Test that two learners have the same expected error on one task, over draws of its training rows.

    t = mean / √((1/n + q) S²) with n - 1 degrees of freedom. The plain t-test (q = 0) takes splits that share most of
    their rows for independent, and finds differences that are none.

    Source: Nadeau & Bengio (2003), Machine Learning 52:239-281, section 3; for repeated cross-validation Bouckaert &
    Frank (2004), PAKDD, section 3.

    Args:
        differences: Shape (n_splits,), first model minus second, in one unit.
        test_per_train: q; 1 / (k - 1) in k-fold cross-validation, however often repeated.
        level: Of the interval.

    Returns:
        NaN for all but the mean with one split. Without any scatter p is 0, or 1 where there is no difference.
    """
    from scipy.special import stdtr, stdtrit

    mean, degrees = float(differences.mean()), len(differences) - 1
    if not degrees:
        return CorrectedT(mean, np.nan, np.nan, np.nan)
    scale = corrected_scale(differences, test_per_train)
    if scale == 0:
        return CorrectedT(mean, mean, mean, float(mean == 0))
    reach = scale * float(stdtrit(degrees, (1 + level) / 2))
    return CorrectedT(mean, mean - reach, mean + reach, 2 * float(stdtr(degrees, -abs(mean) / scale)))


def mcnemar(is_first_right: FloatArray, is_second_right: FloatArray) -> McNemar:
    """Test that two fitted classifiers are right equally often, on the same test rows of one split.

    It asks about these two fits, not about the learners: another training set may tell otherwise. Exact, by the
    binomial distribution of the rows that only one labels rightly.

    Source: McNemar (1947), Psychometrika 12:153-157; Dietterich (1998), Neural Computation 10:1895-1923, section 3.1.

    Args:
        is_first_right: Shape (n_rows,): whether the first model's label is right, as 0 and 1 or booleans.
        is_second_right: Shape (n_rows,), of the second model.

    >>> mcnemar(np.array([1, 1, 1, 0, 1]), np.array([0, 0, 1, 0, 1]))
    McNemar(only_first=2, only_second=0, p=0.5)
    """
    from scipy.stats import binomtest

    first, second = np.asarray(is_first_right, dtype=bool), np.asarray(is_second_right, dtype=bool)
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    n = only_first + only_second
    return McNemar(only_first, only_second, float(binomtest(only_first, n).pvalue) if n else 1.0)
