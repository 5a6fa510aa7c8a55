"""A family's representative is chosen on valid, at equal budget: exact chances, and no reward for numbers."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tabbench.analysis.representative import Tried, chances, duel, duel_by_test, expected_error


@pytest.mark.parametrize("seed", range(40))
def test_chances_are_those_of_drawing_every_subset(seed: int) -> None:
    """Oracle: every subset of the budget is drawn once, equal valid errors share, subsets of failures are left out."""
    rng = np.random.default_rng(seed)
    errors = rng.choice([0.1, 0.2, 0.3, 0.4, np.nan], 1 + seed % 7)
    budget = int(rng.integers(1, len(errors) + 1))
    times = np.zeros(len(errors))
    for subset in combinations(range(len(errors)), budget):
        inside = errors[list(subset)]
        if np.isfinite(inside).any():
            best = [i for i in subset if errors[i] == np.nanmin(inside)]
            times[best] += 1 / len(best)
    found = chances(Tried(errors, np.zeros(len(errors))), budget)
    if times.sum():
        np.testing.assert_allclose(found, times / times.sum(), atol=1e-12)
    else:
        assert np.isnan(found).all()


def test_twelve_equal_networks_against_three_equal_trees_win_half() -> None:
    """Picked on test, the twelve would be said to win four tasks in five (McElfresh et al. pick so)."""
    rng = np.random.default_rng(0)
    wins, by_test = [], []
    for _ in range(600):
        skill = rng.normal(size=15)  # of each model on this task: families are exchangeable
        valid, test = np.exp(0.2 * (skill + 0.5 * rng.normal(size=(2, 15))))
        networks, trees = Tried(valid[:12], test[:12]), Tried(valid[12:], test[12:])
        wins.append(duel(networks, trees).first_wins)
        by_test.append(duel_by_test(networks, trees).first_wins)
    assert np.mean(wins) == pytest.approx(0.5, abs=0.05)
    assert np.mean(by_test) == pytest.approx(12 / 15, abs=0.05)


def test_test_errors_choose_nothing() -> None:
    rng = np.random.default_rng(1)
    valid, test = rng.uniform(size=(2, 9))
    before = chances(Tried(valid, test), 4)
    np.testing.assert_array_equal(before, chances(Tried(valid, rng.permutation(test)), 4))


def test_families_that_change_places_change_the_sign() -> None:
    rng = np.random.default_rng(2)
    first, second = Tried(*rng.uniform(size=(2, 7))), Tried(*rng.uniform(size=(2, 3)))
    one, other = duel(first, second), duel(second, first)
    assert one.gap == pytest.approx(-other.gap)
    assert one.first_wins == pytest.approx(1 - other.first_wins)


def test_at_its_whole_budget_a_family_has_one_representative() -> None:
    tried = Tried(np.array([0.3, 0.1, 0.2]), np.array([0.5, 0.7, 0.6]))
    assert expected_error(tried, 3) == 0.7
    assert expected_error(tried, 1) == pytest.approx(0.6)


def test_a_family_that_failed_has_no_gap() -> None:
    nothing, some = Tried(np.array([np.nan]), np.array([np.nan])), Tried(np.array([0.1]), np.array([0.1]))
    for found in (duel(nothing, some), duel_by_test(nothing, some), duel(Tried(np.array([]), np.array([])), some)):
        assert np.isnan(found.gap)
