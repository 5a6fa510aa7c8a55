"""What bootstrap weights must keep: families together, tasks whole, and the corrected variance of splits."""

from __future__ import annotations

import numpy as np
import pytest

from tabbench.ranking.draws import split_bootstrap, task_bootstrap
from tabbench.ranking.portable import TASKS, integers, random_words


def test_related_tasks_are_drawn_together():
    weights = task_bootstrap(5, families=["a", "b", "a", "c", "b"]).weights
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert np.array_equal(weights[:, 1], weights[:, 4])
    assert np.allclose(weights.sum(axis=1), 1)


def test_weights_repeat_the_stated_draws():
    drawn = integers(random_words(5, TASKS, 3, 4), 4)
    counted = [[float((row == task).sum()) / 4 for task in range(4)] for row in drawn]
    assert task_bootstrap(4, n_rounds=3, seed=5).weights.tolist() == counted


def test_every_task_needs_a_family():
    with pytest.raises(ValueError, match="3 tasks with 2 families"):
        task_bootstrap(3, families=["a", "b"])


def test_the_variance_of_a_task_is_nadeau_and_bengios():
    values = np.array([0.1, 0.4, 0.2, 0.9, 0.5, 0.3, 0.7, 0.25, 0.65, 0.8])
    draws = split_bootstrap(np.zeros(10, dtype=np.int64), test_per_train=1 / 9, n_rounds=40_000)
    corrected = (1 / 10 + 1 / 9) * values.var(ddof=1)
    assert np.var(draws.weights @ values) == pytest.approx(corrected, rel=0.03)
    assert (draws.weights @ values).mean() == pytest.approx(values.mean(), abs=0.005)


def test_every_task_keeps_its_weight_whatever_its_number_of_splits():
    task_of = np.array([4, 4, 4, 7, 9, 9])
    draws = split_bootstrap(task_of, test_per_train=0.25, n_rounds=50)
    for task in (4, 7, 9):
        assert np.allclose(draws.weights[:, task_of == task].sum(axis=1), 1 / 3)
        assert draws.observed[task_of == task].sum() == pytest.approx(1 / 3)
    assert draws.degrees == 3
