import itertools
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabbench.tuning.curves import QUANTILES, best_so_far, expected_curve, subset_weights

NAN = float("nan")


def by_enumeration(valid, test, seconds):
    """Every order of the draws, each followed by a plain loop: per number of trials, all outcomes and mean seconds."""
    outcomes = [[] for _ in valid]
    spent = [[] for _ in valid]
    for order in itertools.permutations(range(1, len(valid))):
        tried = [0, *order]
        for n in range(len(tried)):
            seen = [t for t in tried[: n + 1] if np.isfinite(test[t]) and np.isfinite(valid[t])]
            chosen = min(seen, key=lambda t: (valid[t], tried.index(t))) if seen else 0  # min keeps the first of equals
            outcomes[n].append(test[chosen])
            spent[n].append(sum(seconds[t] for t in tried[: n + 1]))
    return outcomes, spent


def check(valid, test, seconds):
    valid, test, seconds = (np.array(v, dtype=float) for v in (valid, test, seconds))
    curve = expected_curve(valid, test, seconds)
    outcomes, spent = by_enumeration(valid, test, seconds)
    for n, found in enumerate(outcomes):
        scored = np.array([v for v in found if np.isfinite(v)])
        assert curve.finished_share[n] == pytest.approx(len(scored) / len(found), abs=1e-12)
        assert curve.seconds[n] == pytest.approx(np.mean(spent[n]))
        if not len(scored):
            assert np.isnan([curve.error[n], curve.sd[n], *curve.quantiles[n]]).all()
            continue
        assert curve.error[n] == pytest.approx(scored.mean(), abs=1e-12)
        assert curve.sd[n] == pytest.approx(scored.std(), abs=1e-7)
        expected = np.quantile(scored, QUANTILES, method="inverted_cdf")
        assert curve.quantiles[n] == pytest.approx(expected)


def test_the_curve_equals_an_enumeration_of_all_orders():
    rng = np.random.default_rng(0)
    for n_draws in range(7):
        check(rng.random(n_draws + 1), rng.random(n_draws + 1), rng.random(n_draws + 1))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, NAN]), st.sampled_from([1.0, 2.0, 4.0, NAN])),
                min_size=1, max_size=6))  # fmt: skip
def test_ties_and_failures_are_those_of_the_enumeration(trials):
    valid, test = zip(*trials, strict=True)
    check(valid, test, range(1, len(trials) + 1))


def test_weights_are_the_binomials():
    n_draws = 12
    weights = subset_weights(n_draws)
    for n in range(1, n_draws + 1):
        expected = [comb(n_draws - r, n - 1) / comb(n_draws, n) for r in range(1, n_draws + 1)]
        assert weights[n] == pytest.approx(expected, rel=1e-12)


def test_weights_of_many_draws_sum_to_one_and_equal_exact_integers():
    weights = subset_weights(2000)
    assert weights[1:].sum(axis=1) == pytest.approx(np.ones(2000), rel=1e-10)
    assert weights[700, 9] == pytest.approx(comb(1990, 699) / comb(2000, 700), rel=1e-10)


def test_a_single_default_is_a_curve_of_one_point():
    curve = expected_curve(np.array([0.5]), np.array([0.7]), np.array([2.0]))
    assert (curve.error.tolist(), curve.sd.tolist(), curve.seconds.tolist()) == ([0.7], [0.0], [2.0])


def test_the_last_point_is_what_tuning_chose_and_has_no_luck_left():
    rng = np.random.default_rng(1)
    valid, test, seconds = rng.random((3, 201))
    curve = expected_curve(valid, test, seconds)
    assert curve.error[-1] == pytest.approx(test[valid.argmin()])
    assert curve.sd[-1] == pytest.approx(0, abs=1e-7)
    assert curve.seconds[-1] == pytest.approx(seconds.sum())
    assert curve.error[0] == test[0]


def test_where_valid_is_test_the_curve_only_falls():
    rng = np.random.default_rng(2)
    error = rng.random(101)
    curve = expected_curve(error, error, np.ones(101))
    assert (np.diff(curve.error) <= 1e-12).all()
    assert (np.diff(curve.quantiles, axis=1) >= 0).all()


def test_seconds_that_are_unknown_stay_unknown():
    curve = expected_curve(np.ones(3), np.ones(3), np.array([1.0, NAN, 1.0]))
    assert np.isnan(curve.seconds[1:]).all()
    assert curve.error.tolist() == [1, 1, 1]


def test_best_so_far_keeps_the_order_that_happened():
    valid, test = np.array([0.5, 0.6, NAN, 0.4, 0.4]), np.array([5.0, 6.0, 1.0, 4.0, 0.0])
    curve = best_so_far(valid, test, np.arange(1.0, 6.0))
    assert curve.error.tolist() == [5, 5, 5, 4, 4]
    assert curve.seconds.tolist() == [1, 3, 6, 10, 15]
    assert np.isnan(curve.sd).all()


def test_best_so_far_begins_where_a_trial_finished():
    curve = best_so_far(np.array([NAN, NAN, 0.3]), np.array([NAN, NAN, 3.0]), np.ones(3))
    assert curve.error.tolist()[2] == 3
    assert np.isnan(curve.error[:2]).all()
    assert curve.finished_share.tolist() == [0, 0, 1]
