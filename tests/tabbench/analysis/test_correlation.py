"""Correlations agree with scipy's and statsmodels', in the data and in every bootstrap round."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tabbench.analysis.correlation import partial_spearman, pearson, spearman, weighted_pearson, weighted_ranks
from tabbench.ranking.draws import task_bootstrap


def tied(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return np.array([x + 0.1 * rng.normal(size=n), x + rng.normal(size=n), rng.normal(size=n)]).round(
        0 if n > 30 else 1
    )


@pytest.mark.parametrize(("n", "seed"), [(12, 0), (50, 1), (200, 2)])
def test_value_and_p_are_scipys(n: int, seed: int) -> None:
    x, y, _ = tied(n, seed)
    for ours, theirs in ((spearman, stats.spearmanr), (pearson, stats.pearsonr)):
        found, expected = ours(x, y), theirs(x, y)
        assert found.value == pytest.approx(expected.statistic, abs=1e-12)
        assert found.p == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-15)
        assert found.low < found.value < found.high


def test_every_round_is_spearmans_of_the_drawn_tasks() -> None:
    x, y, _ = tied(25, 3)
    weights = task_bootstrap(25, n_rounds=20).weights
    rounds = weighted_pearson(weighted_ranks(x, weights), weighted_ranks(y, weights), weights)
    for weight, found in zip(weights, rounds, strict=True):
        drawn = np.repeat(np.arange(25), np.round(25 * weight).astype(int))
        assert found == pytest.approx(stats.spearmanr(x[drawn], y[drawn]).statistic, abs=1e-9)


def test_partial_correlation_is_that_of_residuals() -> None:
    import statsmodels.api as sm

    x, y, z = tied(60, 4)
    ranks = [stats.rankdata(v) for v in (x, y, z)]
    given = sm.add_constant(ranks[2])
    left = [sm.OLS(rank, given).fit().resid for rank in ranks[:2]]
    found = partial_spearman(x, y, z)
    assert found.value == pytest.approx(np.corrcoef(*left)[0, 1], abs=1e-10)
    t = found.value * np.sqrt(57 / (1 - found.value**2))
    assert found.p == pytest.approx(2 * stats.t.sf(abs(t), 57))


def test_a_confounder_is_taken_out() -> None:
    rng = np.random.default_rng(5)
    rows = rng.normal(size=200)
    x, y = rows + 0.5 * rng.normal(size=(2, 200))
    assert spearman(x, y).value > 0.6
    assert abs(partial_spearman(x, y, rows).value) < 0.2


def test_missing_pairs_are_left_out_and_infinite_values_have_ranks() -> None:
    x, y, _ = tied(20, 6)
    x[3], y[7] = np.nan, np.nan
    kept = np.arange(20)[~np.isin(np.arange(20), [3, 7])]
    assert spearman(x, y).n == 18
    assert spearman(x, y).value == pytest.approx(stats.spearmanr(x[kept], y[kept]).statistic)
    x[0] = np.inf
    assert spearman(x, y).n == 18
    assert pearson(x, y).n == 17


def test_too_few_units_or_one_value_tell_nothing() -> None:
    for x in (np.arange(9.0), np.ones(30)):
        assert np.isnan(spearman(x, np.arange(float(len(x)))).value)
    assert spearman(np.arange(30.0), np.arange(30.0)).p == pytest.approx(0)


@pytest.mark.slow
def test_intervals_cover_as_said() -> None:
    """Nominal 0.95 over 25 tasks, rho 0.48 (Pearson 0.5); found 0.98 of 400."""
    rng = np.random.default_rng(7)
    true, n_held = 6 / np.pi * np.arcsin(0.25), 0
    for seed in range(400):
        x, noise = rng.normal(size=(2, 25))
        found = spearman(x, 0.5 * x + np.sqrt(0.75) * noise, seed)
        n_held += found.low <= true <= found.high
    assert 0.91 <= n_held / 400 <= 0.995
