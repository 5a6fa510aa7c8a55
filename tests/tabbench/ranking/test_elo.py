import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tabbench.ranking.elo import ANCHOR, POINTS, bradley_terry, elo, elo_rounds, unbounded_entrants
from tabbench.ranking.wins import task_wins

Floats = NDArray[np.float64]


def noisy_errors(
    n_tasks: int = 12, n_splits: int = 3, n_models: int = 6, seed: int = 0
) -> tuple[Floats, NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    errors = np.linspace(0, 1, n_models) + rng.normal(size=(n_tasks * n_splits, n_models))
    errors[::5, 1] = errors[::5, 0]  # ties
    return errors, np.repeat(np.arange(n_tasks), n_splits)


def by_logistic_regression(wins: Floats, prior: float) -> Floats:
    """bencheval's way: one row a pair and outcome, weighted, with scikit-learn's penalty on w = elo / 400."""
    from sklearn.linear_model import LogisticRegression

    total = wins.sum(axis=0)
    n_models = len(total)
    rows, outcomes, weights = [], [], []
    for a in range(n_models):
        for b in range(a + 1, n_models):
            row = np.zeros(n_models)
            row[[a, b]] = np.log(10), -np.log(10)
            rows += [row, row]
            outcomes += [1, 0]
            weights += [total[a, b], total[b, a]]
    fit = LogisticRegression(fit_intercept=False, C=prior, solver="newton-cholesky", tol=1e-13, max_iter=1000)
    fit.fit(np.array(rows), outcomes, sample_weight=weights)
    coefficients: Floats = 400 * fit.coef_[0]
    return coefficients


@pytest.mark.parametrize("prior", [1.0, 1e3, 1e6])
@pytest.mark.parametrize("seed", [0, 1])
def test_ratings_equal_those_of_a_converged_logistic_regression(prior: float, seed: int) -> None:
    wins = task_wins(*noisy_errors(seed=seed))
    expected = by_logistic_regression(wins, prior)
    ratings = elo(wins, prior=prior).rating
    np.testing.assert_allclose(ratings - ratings.mean(), expected - expected.mean(), atol=1e-6)


def test_ratings_equal_statsmodels_without_a_penalty() -> None:
    sm = pytest.importorskip("statsmodels.api")
    wins = task_wins(*noisy_errors())
    total = wins.sum(axis=0)
    pairs = [(a, b) for a in range(6) for b in range(a + 1, 6)]
    design = np.array([[(m == a) - (m == b) for m in range(1, 6)] for a, b in pairs], dtype=float)
    outcomes = np.array([[total[a, b], total[b, a]] for a, b in pairs])
    fit = sm.GLM(outcomes, design, family=sm.families.Binomial()).fit(tol=1e-14)
    ratings = elo(wins, anchor=0, prior=1e12).rating
    np.testing.assert_allclose(ratings[1:] - ratings[0], POINTS * fit.params, atol=1e-6)


def test_two_models_have_the_closed_form() -> None:
    wins = np.array([[[0.5, 0.75], [0.25, 0.5]]])
    ratings = elo(wins, anchor=1, prior=1e12).rating
    assert ratings.tolist() == pytest.approx([1000 + 400 * np.log10(3), 1000], abs=1e-6)


def test_the_gradient_vanishes_at_the_ratings() -> None:
    total = task_wins(*noisy_errors(n_models=9)).sum(axis=0)
    theta = bradley_terry(total[None])[0]
    expected_wins = (total + total.T) / (1 + np.exp(theta[None, :] - theta[:, None]))
    np.testing.assert_allclose((expected_wins - total).sum(axis=1), 0, atol=1e-5)  # the prior is worth that much
    assert theta.sum() == pytest.approx(0, abs=1e-12)


def test_a_clone_gets_its_originals_rating() -> None:
    errors, task_of = noisy_errors()
    ratings = elo(task_wins(np.column_stack([errors, errors[:, 2]]), task_of)).rating
    assert ratings[-1] == pytest.approx(ratings[2], abs=1e-8)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 7))
def test_names_order_of_tasks_and_monotone_transforms_do_not_matter(seed: int, n_models: int) -> None:
    errors, task_of = noisy_errors(n_tasks=8, n_models=n_models, seed=seed)
    before = elo(task_wins(errors, task_of))
    rng = np.random.default_rng(seed)
    models, tasks = rng.permutation(n_models), rng.permutation(8)
    after = elo(task_wins(np.exp(errors[:, models]), tasks[task_of]))
    # Where only the prior holds a rating, its solution keeps about nine digits.
    np.testing.assert_allclose(after.rating, before.rating[models], rtol=1e-7, atol=1e-5)
    assert after.is_unbounded.tolist() == before.is_unbounded[models].tolist()


def test_an_all_loser_is_marked_and_set_by_the_prior() -> None:
    errors, task_of = noisy_errors()
    wins = task_wins(np.column_stack([errors, np.full(len(errors), 99.0)]), task_of)
    weak, strong = elo(wins), elo(wins, prior=1e3)
    assert weak.is_unbounded.tolist() == [False] * 6 + [True]
    assert weak.rating[6] < strong.rating[6] < strong.rating[:6].min()
    assert weak.rating[:6].mean() == pytest.approx(ANCHOR)
    np.testing.assert_allclose(
        weak.rating[6] - weak.rating[:6].mean(),
        by_logistic_regression(wins, 1e6)[6] - by_logistic_regression(wins, 1e6)[:6].mean(), rtol=1e-4,
    )  # fmt: skip


def test_of_two_separable_groups_the_smaller_is_unbounded() -> None:
    errors, task_of = noisy_errors()
    wins = task_wins(np.column_stack([errors, errors[:, 2:4] + 50]), task_of)
    found = elo(wins)
    assert found.is_unbounded.tolist() == [False] * 6 + [True] * 2
    # Each group has its own ratings inside, whatever lies between them.
    np.testing.assert_allclose(np.diff(found.rating[6:]), np.diff(elo(wins[:, 6:, 6:]).rating), atol=1e-3)


def test_where_every_pair_is_decided_nobody_is_bounded() -> None:
    found = elo(task_wins(np.tile(np.arange(40.0), (10, 1)), np.arange(10)))
    assert found.is_unbounded.all()
    assert (np.diff(found.rating) < 0).all()
    assert found.rating.mean() == pytest.approx(ANCHOR)
    assert unbounded_entrants(np.zeros((1, 1))).tolist() == [False]


def test_the_anchor_stands_at_1000_and_moves_no_difference() -> None:
    wins = task_wins(*noisy_errors())
    free, anchored = elo(wins).rating, elo(wins, anchor=3).rating
    assert anchored[3] == ANCHOR
    np.testing.assert_allclose(anchored - anchored[0], free - free[0], atol=1e-9)


def test_every_task_counts_the_same_however_many_splits_it_has() -> None:
    errors = np.array([[0.1, 0.2]] * 9 + [[0.2, 0.1]])
    ratings = elo(task_wins(errors, np.array([0] * 9 + [1]))).rating
    assert ratings.tolist() == pytest.approx([1000, 1000])


def test_rounds_are_the_ratings_of_the_repeated_tasks() -> None:
    errors, task_of = noisy_errors(n_tasks=10)
    wins = task_wins(errors, task_of)
    weights = np.random.default_rng(0).multinomial(10, np.full(10, 0.1), size=20).astype(np.float64)
    rounds = elo_rounds(wins, weights)
    for ratings, weight in zip(rounds, weights, strict=True):
        alone = elo(np.repeat(wins, weight.astype(int), axis=0)).rating
        np.testing.assert_allclose(ratings - ratings[0], alone - alone[0], atol=1e-4)
    np.testing.assert_allclose(rounds.mean(axis=1), ANCHOR)


def test_a_weight_below_zero_leaves_ratings_bounded() -> None:
    errors = np.tile([0.2, 0.21, 0.5], (12, 1))
    errors[0, 2] = 0.0  # the only win of the last
    wins = task_wins(errors, np.arange(12))
    weights = np.ones((1, 12)) + np.r_[-1.4, np.full(11, 1.4 / 11)]
    without = elo_rounds(wins, np.ones((1, 12)) + np.r_[-1.0, np.full(11, 1 / 11)])
    np.testing.assert_allclose(elo_rounds(wins, weights), without, atol=20)


def test_a_pool_without_tasks_has_no_ratings() -> None:
    assert np.isnan(elo(np.empty((0, 3, 3))).rating).all()
