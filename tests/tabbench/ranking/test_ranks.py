import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.stats import rankdata

from tabbench.ranking.averages import mean_over_tasks
from tabbench.ranking.ranks import mean_ranks, split_ranks
from tabbench.ranking.scores import normalised_scores, split_normalised_scores
from tabbench.ranking.wins import win_rates

Floats = NDArray[np.float64]

DEMSAR_TABLE_6 = """
0.763 0.768 0.771 0.798
0.599 0.591 0.590 0.569
0.954 0.971 0.968 0.967
0.628 0.661 0.654 0.657
0.882 0.888 0.886 0.898
0.936 0.931 0.916 0.931
0.661 0.668 0.609 0.685
0.583 0.583 0.563 0.625
0.775 0.838 0.866 0.875
1.000 1.000 1.000 1.000
0.940 0.962 0.965 0.962
0.619 0.666 0.614 0.669
0.972 0.981 0.9751 0.975
0.957 0.978 0.946 0.970
"""
"""AUC of C4.5, C4.5+m, C4.5+cf, C4.5+m+cf. 0.9751: the paper prints the rounded tie but the ranks 2 and 3."""

# Few values, so that models tie; task numbers as a run-length would give them.
tied_errors = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.sampled_from([0.0, 0.1, 0.2, 0.5, 3.0])
)


def tasks_for(errors: Floats) -> NDArray[np.int64]:
    return np.arange(len(errors)) // 2


def test_average_ranks_of_demsar_2006_table_6() -> None:
    auc = np.array([line.split() for line in DEMSAR_TABLE_6.split("\n") if line], dtype=np.float64)
    ranks = mean_ranks(1 - auc, np.arange(14))
    assert ranks.round(3).tolist() == [3.143, 2.0, 2.893, 1.964]


@given(tied_errors)
def test_ranks_equal_scipys_where_ties_are_exact(errors: Floats) -> None:
    np.testing.assert_array_equal(split_ranks(errors), rankdata(errors, axis=1))


def test_the_last_bit_of_a_float_splits_no_rank() -> None:
    third = 0.1 + 0.2
    assert third != 0.3
    assert split_ranks(np.array([[0.3, third, 0.9]])).tolist() == [[1.5, 1.5, 3]]
    assert split_ranks(np.array([[0.0, 1.1e-16]])).tolist() == [[1.5, 1.5]]
    assert split_ranks(np.array([[3e5 * third, 3e5 * 0.3, 1e-3]])).tolist() == [[2.5, 2.5, 1]]
    assert split_ranks(np.array([[0.3, 0.3000001]])).tolist() == [[1, 2]]


def test_a_missing_error_is_refused() -> None:
    with pytest.raises(ValueError, match="impute missing ones"):
        split_ranks(np.array([[0.1, np.nan]]))


@given(tied_errors, st.randoms(use_true_random=False))
def test_names_and_order_of_tasks_do_not_matter(errors: Floats, random: object) -> None:
    models, splits = list(range(errors.shape[1])), list(range(len(errors)))
    random.shuffle(models)  # type: ignore[attr-defined]  # Hypothesis types it as a bare object
    random.shuffle(splits)  # type: ignore[attr-defined]
    tasks = tasks_for(errors)
    for summary in (mean_ranks, normalised_scores, win_rates):
        before = summary(errors, tasks)
        after = summary(errors[splits][:, models], tasks[splits])
        np.testing.assert_allclose(after, before[models], rtol=1e-12)


@given(tied_errors)
def test_a_clone_gets_its_originals_numbers(errors: Floats) -> None:
    doubled = np.column_stack([errors, errors[:, 0]])
    for summary in (mean_ranks, normalised_scores, win_rates):
        values = summary(doubled, tasks_for(errors))
        assert values[-1] == pytest.approx(values[0])


@given(tied_errors)
def test_a_monotone_transform_leaves_ranks_and_wins(errors: Floats) -> None:
    tasks = tasks_for(errors)
    for summary in (mean_ranks, win_rates):
        np.testing.assert_array_equal(summary(np.exp(3 * errors) - 7, tasks), summary(errors, tasks))


@given(tied_errors, st.floats(0.01, 100))
def test_a_change_of_unit_leaves_normalised_scores(errors: Floats, unit: float) -> None:
    np.testing.assert_allclose(split_normalised_scores(errors * unit), split_normalised_scores(errors), atol=1e-9)


@given(tied_errors)
def test_win_rate_equals_counting_battles(errors: Floats) -> None:
    n_models = errors.shape[1]
    tasks = tasks_for(errors)
    if n_models == 1:
        assert np.isnan(win_rates(errors, tasks)).all()
        return
    battles = np.array(
        [
            [
                sum(1.0 if row[a] < row[b] else 0.5 if row[a] == row[b] else 0.0 for b in range(n_models) if b != a)
                / (n_models - 1)
                for a in range(n_models)
            ]
            for row in errors
        ]
    )
    expected = np.mean([battles[tasks == t].mean(axis=0) for t in np.unique(tasks)], axis=0)
    np.testing.assert_allclose(win_rates(errors, tasks), expected, rtol=1e-12)
    assert win_rates(errors, tasks).mean() == pytest.approx(0.5)


def test_a_normalised_score_is_one_at_the_best_and_zero_from_the_median() -> None:
    scores = split_normalised_scores(np.array([[1.0, 1.5, 2.0, 2.5, 9.0], [4.0, 4.0, 4.0, 4.0, 5.0]]))
    assert scores.tolist() == [[1, 0.5, 0, 0, 0], [1, 1, 1, 1, 0]]


def test_every_task_counts_the_same_however_many_splits_it_has() -> None:
    errors = np.array([[0.1, 0.2]] * 9 + [[0.2, 0.1]])
    assert mean_ranks(errors, np.array([0] * 9 + [1])).tolist() == [1.5, 1.5]
    assert mean_over_tasks(np.empty((0, 2)), np.empty(0, dtype=np.int64)).tolist() == pytest.approx(
        [np.nan, np.nan], nan_ok=True
    )
