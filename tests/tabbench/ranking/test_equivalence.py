"""Bayesian tests against the published figures and against baycomp."""

from __future__ import annotations

import baycomp
import numpy as np
import pytest
from published_results import uci54

from tabbench.ranking.equivalence import correlated_t_beliefs, signed_rank_beliefs


def test_signed_rank_on_the_uci_data_as_published():
    """Benavoli et al. (2017), nbc against aode with a region of 0.01: 0, 0.12, 0.88 (Monte Carlo)."""
    accuracy = uci54()
    found = signed_rank_beliefs(accuracy["aode"].mean(axis=1) - accuracy["nbc"].mean(axis=1), rope=0.01)
    assert found == pytest.approx((0.0, 0.12, 0.88), abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("rope", [0.0, 0.01])
def test_signed_rank_is_baycomps(rope: float):
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.8, 0.02, size=(2, 15))
    found = signed_rank_beliefs(second - first, rope)
    expected = baycomp.SignedRankTest.probs(first, second, rope, random_state=0)
    assert [share for share in found if share or rope] == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize("runs", [1, 2, 10])
def test_correlated_t_is_baycomps(runs: int):
    rng = np.random.default_rng(1)
    first, second = rng.normal(0.8, 0.02, size=(2, 20))
    n_folds = 20 // runs
    found = correlated_t_beliefs(second - first, 1 / (n_folds - 1), rope=0.01)
    assert found == pytest.approx(baycomp.CorrelatedTTest.probs(first, second, 0.01, runs=runs))


def test_beliefs_change_sides_with_the_models():
    differences = np.random.default_rng(2).normal(0.01, 0.03, size=25)
    assert signed_rank_beliefs(differences)[::-1] == pytest.approx(signed_rank_beliefs(-differences), abs=0.01)
    assert correlated_t_beliefs(differences, 0.1)[::-1] == pytest.approx(correlated_t_beliefs(-differences, 0.1))


def test_tiny_differences_are_practically_none():
    differences = np.random.default_rng(3).normal(0, 1e-4, size=20)
    assert signed_rank_beliefs(differences).same == 1
    assert correlated_t_beliefs(differences, 0.1).same == pytest.approx(1)
    assert correlated_t_beliefs(np.full(5, 0.5), 0.1) == (0, 0, 1)


def test_one_split_is_refused():
    with pytest.raises(ValueError, match="one split"):
        correlated_t_beliefs(np.array([0.1]), 0.1)


def test_the_same_seed_gives_the_same_beliefs():
    differences = np.random.default_rng(4).normal(0.01, 0.03, size=12)
    assert signed_rank_beliefs(differences, seed=3) == signed_rank_beliefs(differences, seed=3)
    assert signed_rank_beliefs(differences, seed=3) != signed_rank_beliefs(differences, seed=4)
