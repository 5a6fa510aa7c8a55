"""A comparison of two models adds up, and its intervals cover."""

from __future__ import annotations

import numpy as np
import pytest

from tabbench.ranking.comparison import advice, compare_models, suite_interval
from tabbench.ranking.one_task import corrected_t


def compared(errors: np.ndarray, n_splits: int, **options: object):
    n_tasks = len(errors) // n_splits
    return compare_models(errors, np.repeat(np.arange(n_tasks), n_splits), np.full(n_tasks, 0.25), **options)


def test_wins_losses_and_ties_add_up():
    errors = np.array([[1, 2], [1, 2], [3, 1], [3, 1], [1, 1], [1, 1.0]])
    found = compared(errors, 2)
    assert (found.won, found.lost, found.tied) == (1, 1, 1)
    assert found.difference == pytest.approx((-0.5 + 2 / 3) / 3)
    assert found.new_tasks is None


@pytest.mark.slow
def test_the_unit_of_a_task_does_not_matter():
    rng = np.random.default_rng(0)
    errors = rng.uniform(1, 2, size=(60, 2))
    units = np.repeat(10.0 ** rng.integers(-3, 4, size=12), 5)[:, None]
    one, other = compared(errors, 5), compared(errors * units, 5)
    assert one.difference == pytest.approx(other.difference)
    assert one.wilcoxon.p == pytest.approx(other.wilcoxon.p)
    assert one.signed_rank == pytest.approx(other.signed_rank)


@pytest.mark.slow
def test_related_tasks_count_as_one_draw():
    errors = np.random.default_rng(1).uniform(1, 2, size=(40, 2))
    alone, related = compared(errors, 2), compared(errors, 2, families=["a"] * 11 + list("bcdefghij"))
    assert alone.new_tasks is not None
    assert related.new_tasks is not None
    assert related.new_tasks != alone.new_tasks


def test_with_one_task_the_interval_for_the_suite_is_the_corrected_t_tests():
    splits = np.random.default_rng(2).normal(size=6)
    expected = corrected_t(splits, 0.25)
    assert suite_interval([splits], np.array([0.25])) == pytest.approx((expected.low, expected.high))


def test_identical_models_are_the_same():
    errors = np.repeat(np.random.default_rng(3).uniform(1, 2, size=(24, 1)), 2, axis=1)
    found = compared(errors, 2)
    assert (found.tied, found.wilcoxon.p, found.sign.p, found.signed_rank.same) == (12, 1, 1, 1)
    assert found.this_suite == (0, 0)
    assert found.hierarchy is None
    assert any("does not apply" in sentence for sentence in advice(found))


@pytest.mark.slow
def test_twelve_copies_of_one_task_are_called_a_demonstration():
    errors = np.random.default_rng(3).uniform(1, 2, size=(24, 2))
    copies, others = compared(errors, 2, families=["one"] * 12), compared(errors, 2)
    assert advice(copies)[0].startswith("Under 10 families of tasks: a demonstration.")
    assert "demonstration" not in "".join(advice(others))


def test_errors_of_zero_are_taken():
    errors = np.array([[0.0, 0.1], [0.0, 0.0], [0.1, 0.0], [0.2, 0.1]])
    found = compared(errors, 1)
    assert (found.won, found.lost, found.tied) == (1, 2, 1)
    assert found.this_suite is None


def test_the_interval_for_the_suite_covers():
    """Nominal 0.95 with 8 tasks of 5 splits of unlike noise, correlated 0.2; found 0.956."""
    rng, covered, n_times = np.random.default_rng(4), 0, 1000
    truth, noise = rng.normal(size=8), np.geomspace(0.3, 2, 8)
    for _ in range(n_times):
        shared = np.sqrt(0.2) * rng.normal(size=(8, 1))
        splits = truth[:, None] + noise[:, None] * (shared + np.sqrt(0.8) * rng.normal(size=(8, 5)))
        found = suite_interval(list(splits), np.full(8, 0.25))
        assert found is not None
        covered += found.low <= truth.mean() <= found.high
    assert covered / n_times == pytest.approx(0.95, abs=0.025)


def test_no_interval_reaches_farther_than_a_relative_difference_can():
    """Student's t with one degree of freedom goes 12.706 standard errors of √(0.75 · 0.045) either way from -0.75."""
    found = compared(np.array([[0.1, 1.0], [0.4, 1.0]]), 2)
    free = corrected_t(np.array([-0.9, -0.6]), 0.25)
    assert (free.low, free.high) == (pytest.approx(-3.084, abs=0.001), pytest.approx(1.584, abs=0.001))
    assert found.this_suite == (-1, 1)
    task = found.tasks[0].difference
    assert (task.low, task.high) == (-1, 1)
    assert (task.mean, task.p) == pytest.approx((free.mean, free.p))
