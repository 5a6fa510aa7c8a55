import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.stats import gmean, mannwhitneyu, rankdata, trim_mean

from tabbench.ranking.averages import task_deviations, task_means, task_weights
from tabbench.ranking.profiles import performance_profiles, score_distributions
from tabbench.ranking.ranks import rank_summary, split_ranks
from tabbench.ranking.scores import (
    interquartile_means,
    skill_scores,
    split_improvability,
    split_min_max_scores,
    split_reference_scores,
)
from tabbench.ranking.ties import TieMethod, Ties, tie_groups
from tabbench.ranking.wins import mean_over_others, probability_of_improvement, task_wins, win_matrix, win_rates

Floats = NDArray[np.float64]
errors_with_ties = hnp.arrays(
    np.float64, st.tuples(st.just(6), st.integers(2, 5)), elements=st.sampled_from([0.0, 0.1, 0.2, 0.5, 3.0])
)
TASK_OF = np.array([0, 0, 0, 1, 2, 2])
few = settings(max_examples=25, deadline=None)


@few
@given(errors_with_ties)
def test_min_and_dense_ranks_equal_scipys(errors: Floats) -> None:
    for method in TieMethod:
        np.testing.assert_array_equal(split_ranks(errors, Ties(method)), rankdata(errors, method=method, axis=1))


def test_a_tolerance_ties_with_the_leader_and_not_along_a_chain() -> None:
    errors = np.array([[0.30, 0.10, 0.14, 0.18, 0.22]])
    assert tie_groups(errors, Ties(absolute=0.05)).tolist() == [[2, 0, 0, 1, 1]]
    assert split_ranks(errors, Ties(absolute=0.05)).tolist() == [[5, 1.5, 1.5, 3.5, 3.5]]
    assert split_ranks(errors, Ties(absolute=9)).tolist() == [[3] * 5]


def test_deviations_are_the_leaders_own() -> None:
    errors, spread = np.array([[0.10, 0.14, 0.15]]), np.array([[0.01, 0.9, 0.9]])
    assert tie_groups(errors, Ties(deviations=1), spread).tolist() == [[0, 1, 1]]
    assert tie_groups(errors, Ties(deviations=5), spread).tolist() == [[0, 0, 0]]


@few
@given(errors_with_ties)
def test_rank_summary_equals_loops(errors: Floats) -> None:
    ranks = split_ranks(errors)
    found = rank_summary(ranks, TASK_OF)
    of_task = np.array([ranks[t == TASK_OF].mean(axis=0) for t in range(3)])
    np.testing.assert_allclose(found.median, np.median(of_task, axis=0))
    np.testing.assert_allclose(found.best, of_task.min(axis=0))
    np.testing.assert_allclose(found.worst, of_task.max(axis=0))
    np.testing.assert_allclose(
        found.reciprocal, np.mean([(1 / ranks[t == TASK_OF]).mean(axis=0) for t in range(3)], axis=0)
    )
    assert found.n_first.sum() == pytest.approx(3)


@few
@given(errors_with_ties)
def test_win_matrix_gives_the_win_rates_and_sums_to_one(errors: Floats) -> None:
    matrix = win_matrix(task_wins(errors, TASK_OF))
    np.testing.assert_allclose(matrix + matrix.T, 1)
    np.testing.assert_allclose(mean_over_others(matrix), win_rates(errors, TASK_OF))


def test_probability_of_improvement_is_the_mean_mann_whitney_statistic() -> None:
    errors = np.random.default_rng(0).integers(0, 5, size=(6, 4)).astype(np.float64)
    expected = np.zeros((4, 4))
    for a, b in np.ndindex(4, 4):
        for task in range(3):
            x, y = errors[task == TASK_OF, a], errors[task == TASK_OF, b]
            expected[a, b] += mannwhitneyu(y, x, method="exact").statistic / len(x) ** 2 / 3
    np.testing.assert_allclose(probability_of_improvement(errors, TASK_OF), expected, atol=1e-12)


@few
@given(hnp.arrays(np.float64, (8, 3), elements=st.floats(0.01, 10)))
def test_skill_is_one_minus_the_geometric_mean_ratio(errors: Floats) -> None:
    found = skill_scores(errors, np.arange(8), errors[:, 0])
    np.testing.assert_allclose(found, 1 - gmean(errors / errors[:, :1], axis=0), atol=1e-9)
    assert found[0] == 0


def test_skill_states_its_floor() -> None:
    errors = np.array([[0.5, 0.0, 0.5], [0.0, 0.0, 1e-30]])
    assert skill_scores(errors, np.arange(2), errors[:, 0]).tolist() == pytest.approx([0, 1 - 1e-3, 0])
    assert np.isnan(skill_scores(errors - 1, np.arange(2), errors[:, 0])).all()


def test_improvability_of_a_zero_best_error_is_zero_or_one() -> None:
    assert split_improvability(np.array([[0.0, 1e-16, 1e-3]])).tolist() == [[0, 0, 1]]


@few
@given(errors_with_ties)
def test_a_clone_and_a_change_of_unit_leave_scores_by_size(errors: Floats) -> None:
    for function in (split_improvability, split_min_max_scores):
        before = function(errors)
        doubled = function(np.column_stack([errors, errors[:, 0]]) * 7)
        np.testing.assert_allclose(doubled[:, :-1], before, atol=1e-12)
        np.testing.assert_allclose(doubled[:, -1], before[:, 0], atol=1e-12)


def test_references_that_tie_give_no_scale() -> None:
    assert np.isnan(split_reference_scores(np.array([[0.1]]), np.array([0.3]), np.array([0.3]))).all()


@few
@given(hnp.arrays(np.float64, (8, 3), elements=st.floats(0, 1)))
def test_interquartile_mean_equals_the_trimmed_mean(scores: Floats) -> None:
    np.testing.assert_allclose(interquartile_means(scores, np.arange(8)), trim_mean(scores, 0.25, axis=0), atol=1e-12)


def test_every_task_weighs_the_same_in_the_interquartile_mean() -> None:
    one_each = np.array([[0.0], [1.0], [2.0], [9.0]])
    repeated = np.repeat(one_each, [1, 5, 2, 3], axis=0)
    task_of = np.repeat(np.arange(4), [1, 5, 2, 3])
    assert interquartile_means(repeated, task_of)[0] == pytest.approx(interquartile_means(one_each, np.arange(4))[0])
    assert task_weights(task_of).sum() == pytest.approx(1)


@few
@given(errors_with_ties)
def test_profiles_rise_and_begin_with_the_share_of_firsts(errors: Floats) -> None:
    profile = performance_profiles(errors, TASK_OF, np.array([1.0, 2.0, 1e9]))
    assert (np.diff(profile, axis=0) >= 0).all()
    is_best = (errors == errors.min(axis=1, keepdims=True)).astype(np.float64)
    np.testing.assert_allclose(profile[0], np.mean([is_best[t == TASK_OF].mean(axis=0) for t in range(3)], axis=0))
    levels = score_distributions(1 - errors, TASK_OF, np.array([-9.0, 0.5, 1.0]))
    assert (levels[0] == 1).all()
    assert (np.diff(levels, axis=0) <= 0).all()
    assert (levels[2] == 0).all()


def test_task_means_and_deviations_equal_numpys() -> None:
    values = np.random.default_rng(0).normal(size=(6, 2))
    np.testing.assert_allclose(task_deviations(values, TASK_OF)[0], values[:3].std(axis=0, ddof=1))
    assert task_deviations(values, TASK_OF)[1].tolist() == [0, 0]
    shuffled = np.array([2, 0, 1, 0, 2, 0])
    np.testing.assert_allclose(task_means(values, shuffled)[2], values[[0, 4]].mean(axis=0))
    assert np.isnan(task_means(values, TASK_OF + 2)[:2]).all()
