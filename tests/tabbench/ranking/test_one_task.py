"""The tests for one task: closed forms, other libraries, and the level of the corrected t-test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tabbench.ranking.one_task import corrected_t, mcnemar


def test_without_shared_rows_it_is_the_t_test():
    differences = np.random.default_rng(0).normal(0.1, 0.3, size=12)
    expected = stats.ttest_1samp(differences, 0)
    found = corrected_t(differences, test_per_train=0)
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_bouckaert_and_franks_formula():
    """t = mean / √((1/(k r) + n₂/n₁) σ²), 10 x 10-fold: (1/100 + 1/9)."""
    differences = np.random.default_rng(1).normal(0.1, 0.3, size=100)
    t = differences.mean() / np.sqrt((1 / 100 + 1 / 9) * differences.var(ddof=1))
    assert corrected_t(differences, 1 / 9).p == pytest.approx(2 * stats.t.sf(abs(t), 99))


def test_one_split_and_no_scatter():
    assert np.isnan(corrected_t(np.array([0.2]), 0.1).p)
    assert corrected_t(np.zeros(4), 0.1).p == 1
    assert corrected_t(np.full(4, 0.5), 0.1).p == 0


def test_mcnemar_counts_the_ways():
    """9 rows that only the first has right, 3 that only the second has: 2 (C(12,0) + … + C(12,3)) / 2¹²."""
    first = np.array([1] * 9 + [0] * 3 + [1] * 5 + [0] * 2)
    second = np.array([0] * 9 + [1] * 3 + [1] * 5 + [0] * 2)
    assert mcnemar(first, second) == (9, 3, pytest.approx(2 * sum(math.comb(12, i) for i in range(4)) / 2**12))


def test_two_that_are_right_on_the_same_rows_do_not_differ():
    assert mcnemar(np.ones(4), np.ones(4)) == (0, 0, 1)


def cross_validated(rng: np.random.Generator, n_rows: int, n_repeats: int) -> np.ndarray:
    """Differences of squared error of two equally good learners (each sees one of two like columns), 10-fold."""
    X = rng.normal(size=(n_rows, 2))
    y = X.sum(axis=1) + rng.normal(size=n_rows)
    found = []
    for _ in range(n_repeats):
        for fold in np.array_split(rng.permutation(n_rows), 10):
            train = np.setdiff1d(np.arange(n_rows), fold)
            slopes = (X[train] * y[train, None]).sum(axis=0) / (X[train] ** 2).sum(axis=0)
            errors = ((y[fold, None] - slopes * X[fold]) ** 2).mean(axis=0)
            found.append(errors[0] - errors[1])
    return np.array(found)


@pytest.mark.slow
def test_real_cross_validation_keeps_the_level():
    """Nominal 0.05 for learners that are alike, over 600 tables: corrected 0.06, plain t-test 0.6."""
    rng = np.random.default_rng(3)
    p = np.array([
        (corrected_t(d, 1 / 9).p, corrected_t(d, 0).p) for d in (cross_validated(rng, 100, 10) for _ in range(600))
    ])  # fmt: skip
    corrected, plain = (p <= 0.05).mean(axis=0)
    assert corrected <= 0.09
    assert plain > 0.3
