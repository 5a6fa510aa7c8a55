"""Wilcoxon, sign test and Holm against other libraries, and what a relative difference keeps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tabbench.ranking.signed_rank import (
    Zeros,
    holm,
    pairwise_wilcoxon,
    possible_ends,
    relative_difference,
    sign_test,
    wilcoxon,
)

ERRORS = st.just(0.0) | st.floats(1e-6, 1e6)  # errors under 1e-15 tie


@given(ERRORS, ERRORS, st.floats(1e-3, 1e3))
def test_a_relative_difference_knows_neither_unit_nor_order_of_models(a: float, b: float, unit: float):
    x, y = np.array([a]), np.array([b])
    found = relative_difference(x, y)[0]
    assert -1 <= found <= 1
    assert relative_difference(y, x)[0] == -found
    assert relative_difference(x * unit, y * unit)[0] == pytest.approx(found, abs=2e-9)


@given(st.lists(st.tuples(ERRORS, ERRORS), min_size=1), st.floats(0, 10))
def test_ends_are_where_a_relative_difference_can_be_and_hold_the_mean(pairs: list[tuple[float, float]], reach: float):
    differences = relative_difference(*np.array(pairs).T)
    mean = differences.mean()
    low, high = possible_ends(mean - reach, mean + reach, differences)
    assert -1 <= low <= mean + 1e-12
    assert mean - 1e-12 <= high <= 1


def test_ends_under_errors_of_both_signs_reach_two_and_missing_ones_stay():
    differences = relative_difference(np.array([-1.0, 1.0]), np.array([1.0, 2.0]))
    assert differences.tolist() == [-2.0, -0.5]
    assert possible_ends(-3.0, 1.5, differences) == (-2.0, 1.5)
    assert np.isnan(possible_ends(np.nan, np.nan, differences)).all()


@pytest.mark.parametrize("zeros", list(Zeros))
@pytest.mark.parametrize("n_zeros", [0, 3])
def test_wilcoxon_is_scipys_with_the_rule_for_zeros_named(zeros: Zeros, n_zeros: int):
    differences = np.random.default_rng(0).normal(0.3, 1, size=20)
    differences[:n_zeros] = 0
    expected = stats.wilcoxon(differences, zero_method=zeros.value, method="exact" if n_zeros == 0 else "approx")
    found = wilcoxon(differences, zeros)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.n == (17 if n_zeros and zeros is Zeros.WILCOX else 20)


def test_the_exact_distribution_counts_all_signs():
    """All six differences of one sign: 2 of 2⁶ ways."""
    assert wilcoxon(np.arange(1.0, 7.0)).p == pytest.approx(2 / 64)
    assert sign_test(np.arange(1.0, 7.0)).p == pytest.approx(2 / 64)


def test_models_that_tie_everywhere_do_not_differ():
    assert wilcoxon(np.zeros(8)).p == 1
    assert sign_test(np.zeros(8)) == (0, 1, 0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_the_closed_test_of_bonferroni(p: list[float]):
    """A hypothesis falls when every set of hypotheses that holds it does, by Bonferroni (Marcus et al. 1976)."""
    sets = [s for n in range(1, len(p) + 1) for s in itertools.combinations(range(len(p)), n)]
    closed = [max(min(1.0, len(s) * min(p[j] for j in s)) for s in sets if i in s) for i in range(len(p))]
    assert holm(np.array(p)) == pytest.approx(closed)


def test_pairs_are_tested_as_if_alone_then_adjusted():
    """A pair's p-value must not depend on whether another pair has ties."""
    errors = np.random.default_rng(1).uniform(1, 2, size=(20, 4))
    errors[:5, 3] = errors[:5, 2]
    found = pairwise_wilcoxon(errors)
    pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    alone = [wilcoxon(relative_difference(errors[:, i], errors[:, j])).p for i, j in pairs]
    assert [found[pair] for pair in pairs] == pytest.approx(holm(np.array(alone)))
    assert np.array_equal(found, found.T)


def test_holm_keeps_the_level_of_the_family():
    """Nominal at most 0.05 for any of ten pairs of alike models; found 0.05."""
    rng = np.random.default_rng(2)
    wrong = np.mean([(pairwise_wilcoxon(np.exp(rng.normal(size=(15, 5)))) <= 0.05).any() for _ in range(200)])
    assert wrong <= 0.07
