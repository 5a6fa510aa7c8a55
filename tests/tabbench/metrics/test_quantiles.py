import numpy as np
import properscoring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import mean_pinball_loss

from tabbench.errors import PluginError
from tabbench.metrics.quantiles import LEVELS, clean_quantiles, quantile_scores


def drawn(n: int, seed: int):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=n) * 3
    return y, clean_quantiles(np.sort(rng.normal(size=(n, 19)) * 2, axis=1), n)


def test_pinball_equals_scikit_learns_mean_over_the_levels():
    y, q = drawn(200, 0)
    expected = np.mean([mean_pinball_loss(y, q[:, i].astype(float), alpha=t) for i, t in enumerate(LEVELS)])
    assert quantile_scores(y, q).pinball == pytest.approx(expected)


def test_crps_equals_properscorings_for_as_fine_an_ensemble_of_the_same_distribution():
    y, q = drawn(40, 1)
    shares = (np.arange(2_000) + 0.5) / 2_000
    for row in range(8):
        members = np.interp(shares, LEVELS, q[row].astype(float))  # linear between, the rest on the outermost
        expected = properscoring.crps_ensemble(y[row], members)
        assert quantile_scores(y[row : row + 1], q[row : row + 1]).crps == pytest.approx(expected, rel=2e-3)


def test_quantiles_of_a_normal_distribution_score_near_its_closed_form():
    rng = np.random.default_rng(2)
    mu, sigma = rng.normal(size=2000), rng.uniform(0.5, 2, 2000)
    y = mu + sigma * rng.normal(size=2000)
    q = mu[:, None] + sigma[:, None] * norm.ppf(LEVELS)
    expected = properscoring.crps_gaussian(y, mu, sigma).mean()
    assert quantile_scores(y, clean_quantiles(q, 2000)).crps == pytest.approx(expected, rel=0.02)  # the tails are cut


@given(st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=20), st.floats(-100, 100, width=32))
def test_a_point_prediction_scores_its_absolute_error_and_half_of_it(values: list[float], point: float):
    y = np.array(values, dtype=float)
    scores = quantile_scores(y, np.full((len(y), 19), point, dtype=np.float32))
    assert scores.crps == pytest.approx(np.abs(y - point).mean(), abs=1e-9)
    assert scores.pinball == pytest.approx(np.abs(y - point).mean() / 2, abs=1e-9)


def test_crossed_quantiles_are_sorted_and_score_no_worse():
    y, q = drawn(50, 3)
    crossed = np.random.default_rng(0).permuted(q, axis=1)
    assert (clean_quantiles(crossed, 50) == q).all()
    assert quantile_scores(y, q).pinball <= quantile_scores(y, crossed).pinball


@pytest.mark.parametrize(
    ("prediction", "message"),
    [
        (np.zeros((3, 5)), r"shape \(3, 5\), expected \(3, 19\)"),
        (np.full((3, 19), np.nan), "NaN"),
        (np.full((3, 19), 1e300), "float32"),
        ([["a"] * 19] * 3, "no array"),
    ],
)
def test_what_cannot_be_stored_is_refused(prediction: object, message: str):
    with pytest.raises(PluginError, match=message):
        clean_quantiles(prediction, 3)
