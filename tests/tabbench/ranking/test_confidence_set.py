"""The model confidence set holds the best models as often as it says, and sheds the others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tabbench.ranking.confidence_set import confidence_set


def sets(n_tasks: int, shift: np.ndarray, n_times: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    values = [rng.normal(size=(n_tasks, 1)) + rng.normal(size=(n_tasks, len(shift))) + shift for _ in range(n_times)]
    return np.array([confidence_set(v, n_rounds=500, seed=time).is_member for time, v in enumerate(values)])


@pytest.mark.parametrize(("n_tasks", "n_models"), [(10, 2), (10, 12), (30, 6)])
def test_models_that_are_alike_are_all_held_as_often_as_said(n_tasks: int, n_models: int):
    """Nominal 0.95; found 0.95, 0.94 and 0.96."""
    assert sets(n_tasks, np.zeros(n_models), n_times=300).all(axis=1).mean() >= 0.92


def test_all_best_models_are_held_and_bad_ones_are_not():
    members = sets(12, np.array([0, 0, 0, 0.7, 1.0, 3.0]), n_times=100)
    assert members[:, :3].all(axis=1).mean() >= 0.95
    assert members[:, 5].mean() < 0.05


def test_with_many_tasks_only_the_best_is_left():
    assert sets(400, np.array([0.0, 1.0, 1.0]), n_times=3).tolist() == [[True, False, False]] * 3


def test_p_values_say_in_which_sets_a_model_is():
    values = np.random.default_rng(5).normal(size=(20, 5)) + np.linspace(0, 1, 5)
    found = confidence_set(values)
    assert found.p.max() == 1
    for level in (0.5, 0.9, 0.99):
        assert np.array_equal(confidence_set(values, level=level).is_member, found.p > 1 - level)


def test_two_models_give_the_t_test():
    """With two models the set drops the worse one when the two-sided test of their difference does."""
    rng = np.random.default_rng(6)
    for _ in range(20):
        values = rng.normal(size=(25, 2)) + np.array([0, 0.4])
        p = confidence_set(values).p.min()
        assert abs(p - stats.ttest_rel(values[:, 0], values[:, 1]).pvalue) < 0.04


def test_clones_stay_together():
    values = np.random.default_rng(7).normal(size=(20, 1)).repeat(3, axis=1)
    assert confidence_set(values).is_member.all()
