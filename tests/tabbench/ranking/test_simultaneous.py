"""Decisions on all pairs at once err no more often than stated, and groups are cliques."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from tabbench.ranking.draws import task_bootstrap
from tabbench.ranking.intervals import bootstrap_means
from tabbench.ranking.simultaneous import groups_not_told_apart, is_above, rank_sets


@pytest.mark.parametrize("n_tasks", [10, 40])
def test_rank_sets_hold_all_places_together_as_often_as_said(n_tasks: int):
    """Nominal at least 0.95; found 0.98 with 10 tasks and 0.99 with 40 (of 10 models four are equal)."""
    rng = np.random.default_rng(0)
    strength = np.concatenate([np.zeros(4), np.linspace(0.2, 2, 6)])
    best, worst = np.array([1] * 4 + list(range(5, 11))), np.array([4] * 4 + list(range(5, 11)))
    n_times, n_held = 120, 0
    for time in range(n_times):
        ranks = rankdata(rng.normal(size=(n_tasks, 10)) + strength, axis=1)
        found = rank_sets(is_above(bootstrap_means(ranks, task_bootstrap(n_tasks, n_rounds=500, seed=time))).T)
        n_held += bool(np.all((found.best <= best) & (found.worst >= worst)))
    assert n_held / n_times >= 0.93


def test_equal_models_are_told_apart_as_rarely_as_said():
    """Nominal at most 0.05 when no difference is real, the hardest case; found 0.03."""
    rng = np.random.default_rng(1)
    n_times, n_wrong = 200, 0
    for time in range(n_times):
        ranks = rankdata(rng.normal(size=(15, 6)), axis=1)
        n_wrong += bool(is_above(bootstrap_means(ranks, task_bootstrap(15, n_rounds=500, seed=time))).any())
    assert n_wrong / n_times <= 0.08


def test_a_clear_winner_is_told_apart_and_a_clone_is_not():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(30, 1)) * 0.1 + np.array([0.0, 3.0, 3.0]) + rng.normal(size=(30, 1)) * [1, 0.1, 0.1]
    apart = is_above(bootstrap_means(values, task_bootstrap(30)))
    assert apart[1, 0]
    assert apart[2, 0]
    assert apart.sum() == 2


@pytest.mark.parametrize(("n_tasks", "is_decided"), [(5, False), (12, True)])
def test_a_difference_without_spread_needs_enough_tasks(n_tasks: int, is_decided: bool):
    values = np.tile([0.0, 1.0], (n_tasks, 1))
    assert is_above(bootstrap_means(values, task_bootstrap(n_tasks)))[1, 0] == is_decided


@given(st.lists(st.booleans(), min_size=15, max_size=15))
def test_groups_are_the_maximal_cliques(edges: list[bool]):
    """Against brute force over all subsets of six models."""
    apart = np.zeros((6, 6), dtype=bool)
    apart[np.triu_indices(6, 1)] = edges
    both = apart | apart.T
    free = [set(s) for n in range(2, 7) for s in itertools.combinations(range(6), n) if not both[np.ix_(s, s)].any()]
    maximal = {tuple(sorted(s)) for s in free if not any(s < other for other in free)}
    found = groups_not_told_apart(apart, np.arange(6))
    assert set(found) == maximal
    assert len(found) == len(maximal)


def test_too_many_groups_become_runs_of_neighbours():
    apart = np.zeros((40, 40), dtype=bool)
    apart[np.arange(0, 40, 2), np.arange(1, 40, 2)] = True  # 2^20 maximal cliques
    found = groups_not_told_apart(apart, np.arange(40))
    assert found == tuple((i, i + 1) for i in range(1, 39, 2))
