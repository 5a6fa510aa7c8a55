"""Intervals cover what they say they cover, and stand around the pool."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, rankdata, t

from tabbench.ranking.draws import split_bootstrap, task_bootstrap
from tabbench.ranking.intervals import (
    around,
    bootstrap_elo,
    bootstrap_means,
    difference_intervals,
    intervals,
    pool_centre,
)


def test_one_task_has_no_interval():
    booted = bootstrap_means(np.array([[1.0, 2.0]]), task_bootstrap(1, n_rounds=5))
    with pytest.raises(ValueError, match="one task"):
        intervals(booted)


def test_missing_values_are_refused():
    with pytest.raises(ValueError, match="finite"):
        bootstrap_means(np.array([[1.0], [np.nan]]), task_bootstrap(2, n_rounds=5))


def test_an_entrant_that_runs_away_hardly_moves_the_centre():
    pool = np.linspace(900.0, 1100.0, 20)
    moved = pool.copy()
    moved[0] -= 1e6
    assert pool_centre(pool[None]) == pytest.approx(1000.0, abs=1e-6)
    assert abs(float(pool_centre(moved[None])[0]) - 1000.0) < 15
    assert abs(moved.mean() - 1000.0) > 10_000


def test_the_anchor_has_an_interval_like_any_other():
    rng = np.random.default_rng(0)
    errors = rng.normal(size=(30, 4))
    wins = (errors[:, :, None] < errors[:, None, :]).astype(float)

    def rate(weights: np.ndarray) -> np.ndarray:
        battles = np.einsum("nt,tij->nij", weights, wins)
        return 400 * np.log10((battles.sum(axis=2) + 0.1) / (battles.sum(axis=1) + 0.1))

    booted = bootstrap_elo(rate, task_bootstrap(30))
    low, high = around(booted.estimate + 1000 - booted.estimate[0], booted)
    assert low[0] < 1000 < high[0]
    assert (high - low).max() < 2 * (high - low).min()


def test_the_ends_are_hesterbergs_expanded_percentiles():
    """Hesterberg (2015), section 5.3: quantile Φ(-√(n / (n - 1)) t) of the rounds, t of n - 1 degrees of freedom."""
    booted = bootstrap_means(np.random.default_rng(5).normal(size=(12, 2)), task_bootstrap(12))
    tail = norm.cdf(-np.sqrt(12 / 11) * t.ppf(0.975, 11))
    np.testing.assert_allclose(intervals(booted), np.quantile(booted.rounds, [tail, 1 - tail], axis=0))


def test_the_origin_of_a_rating_does_not_matter():
    draws = task_bootstrap(12, n_rounds=50)
    ratings, origins = np.random.default_rng(6).normal(size=(2, 12, 4))

    def rate(weights: np.ndarray) -> np.ndarray:
        return weights @ ratings

    def moved(weights: np.ndarray) -> np.ndarray:
        return weights @ ratings + (weights @ origins)[:, :1]

    np.testing.assert_allclose(bootstrap_elo(moved, draws).rounds, bootstrap_elo(rate, draws).rounds, atol=1e-9)


def test_differences_are_antisymmetric():
    rng = np.random.default_rng(1)
    low, high = difference_intervals(bootstrap_means(rng.normal(size=(12, 5)), task_bootstrap(12)))
    assert np.allclose(low, -high.T)
    assert np.all(np.diag(low) == 0)


def coverage_of_new_tasks(n_tasks: int, n_models: int, n_times: int, spread: float) -> float:
    """Share of intervals of mean ranks that hold the mean rank in the population of tasks."""
    rng = np.random.default_rng(2)
    strength = np.linspace(0, spread, n_models)
    truth = rankdata(rng.exponential(size=(200_000, n_models)) + strength, axis=1).mean(axis=0)
    covered = 0.0
    for time in range(n_times):
        ranks = rankdata(rng.exponential(size=(n_tasks, n_models)) + strength, axis=1)
        low, high = intervals(bootstrap_means(ranks, task_bootstrap(n_tasks, n_rounds=500, seed=time)))
        covered += float(((low <= truth) & (truth <= high)).mean()) / n_times
    return covered


@pytest.mark.parametrize("n_tasks", [10, 51])
def test_intervals_for_new_tasks_cover_what_they_say(n_tasks: int):
    """Nominal 0.95; found 0.951 with 10 tasks, 0.944 with 51."""
    assert coverage_of_new_tasks(n_tasks, n_models=8, n_times=150, spread=1.0) == pytest.approx(0.95, abs=0.025)


@pytest.mark.slow
def test_intervals_for_this_suite_cover_what_they_say():
    """Nominal 0.95, folds correlated as Nadeau and Bengio assume; found 0.96, and 0.85 without the correction."""
    rng = np.random.default_rng(3)
    n_tasks, n_splits, correlation = 12, 10, 0.1
    task_of = np.repeat(np.arange(n_tasks), n_splits)
    truth = rng.normal(size=(n_tasks, 3))
    covered = np.zeros(2)
    for time in range(200):
        shared = np.sqrt(correlation) * rng.normal(size=(n_tasks, 3))
        own = np.sqrt(1 - correlation) * rng.normal(size=(n_tasks * n_splits, 3))
        values = (truth + shared)[task_of] + own
        for i, test_per_train in enumerate((1 / 9, 0.0)):
            low, high = intervals(bootstrap_means(values, split_bootstrap(task_of, test_per_train, 500, seed=time)))
            covered[i] += float(((low <= truth.mean(axis=0)) & (truth.mean(axis=0) <= high)).mean()) / 200
    assert covered[0] == pytest.approx(0.95, abs=0.03)
    assert covered[1] < 0.9


def bradley_terry(battles: np.ndarray) -> np.ndarray:
    """Elo of each win matrix by Hunter's (2004) iteration, with a hundredth of a tie between any two models."""
    won = battles + 0.01 * (1 - np.eye(battles.shape[1]))
    strength = np.ones(won.shape[:2])
    for _ in range(100):
        games = (won + won.transpose(0, 2, 1)) / (strength[:, :, None] + strength[:, None, :])
        strength = won.sum(axis=2) / games.sum(axis=2)
        strength /= np.exp(np.log(strength).mean(axis=1, keepdims=True))
    return 400 * np.log10(strength)


def task_battles(rng: np.random.Generator, n_tasks: int) -> np.ndarray:
    errors = rng.normal(size=(n_tasks, 5)) + np.linspace(0, 1, 5)
    return (errors[:, :, None] < errors[:, None, :]).astype(float)


@pytest.mark.slow
@pytest.mark.parametrize("n_tasks", [12, 40])
def test_intervals_of_elo_cover_what_they_say(n_tasks: int):
    """Nominal 0.95; found 0.94 with 12 tasks, 0.92 with 40 (100 simulations of 300 rounds)."""
    rng, n_times = np.random.default_rng(4), 100
    truth = bradley_terry(task_battles(rng, 100_000).mean(axis=0)[None])
    truth, covered = (truth - pool_centre(truth)[:, None])[0], 0.0
    for time in range(n_times):
        battles = task_battles(rng, n_tasks)
        booted = bootstrap_elo(
            lambda weights, battles=battles: bradley_terry(np.tensordot(weights, battles, axes=1)),
            task_bootstrap(n_tasks, n_rounds=300, seed=time),
        )
        low, high = intervals(booted)
        covered += float(((low <= truth) & (truth <= high)).mean()) / n_times
    assert covered == pytest.approx(0.95, abs=0.04)
