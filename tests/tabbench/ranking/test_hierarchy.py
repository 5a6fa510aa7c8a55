"""The hierarchical test against its own posterior by quadrature, in its limits, and on data with a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from published_results import uci54
from scipy import stats
from scipy.special import gammaln

from tabbench.ranking.hierarchy import hierarchical_test


def invented(rng: np.random.Generator, truth: np.ndarray, n_splits: int, noise: float, rho: float) -> list[np.ndarray]:
    """Splits around each task's difference, correlated as the model has them."""
    shared = np.sqrt(rho) * rng.normal(size=(len(truth), 1))
    return list(truth[:, None] + noise * (shared + np.sqrt(1 - rho) * rng.normal(size=(len(truth), n_splits))))


def posterior_by_quadrature(splits: list[np.ndarray], rho: float) -> tuple[float, float, float, np.ndarray]:
    """Mean and spread of δ₀, mean of log σ₀, and P(δ < -0.01), P(δ > 0.01) on a new task.

    σ_i is integrated in closed form: p(data | δ) ∝ (W / (1 - ρ) + (x̄ - δ)² / v)^(-(n - 1)/2); the rest on grids.
    """
    n = len(splits[0])
    mean, within = (
        np.array([f(x) for x in splits]) for f in (np.mean, lambda x: ((x - x.mean()) ** 2).sum() / (1 - rho))
    )
    delta = np.linspace(-0.4, 0.4, 801)
    likelihood = (within[:, None] + (mean[:, None] - delta) ** 2 * n / (1 + (n - 1) * rho)) ** (-(n - 1) / 2)
    likelihood /= likelihood.sum(axis=1, keepdims=True)
    centres, scales, degrees = np.linspace(-0.25, 0.35, 61), np.geomspace(0.008, 2, 40), 1 + np.geomspace(0.02, 400, 40)
    shape, rate = np.meshgrid(np.linspace(0.5, 5, 41), np.linspace(0.05, 0.15, 11))
    prior = stats.gamma.pdf((degrees - 1)[:, None, None], shape, scale=1 / rate).mean(axis=(1, 2)) * (degrees - 1)
    log_posterior = np.empty((61, 40, 40))
    for k, nu in enumerate(degrees):
        constant = gammaln((nu + 1) / 2) - gammaln(nu / 2) - np.log(nu * np.pi) / 2
        for j, scale in enumerate(scales):
            z = (delta - centres[:, None]) / scale
            density = np.exp(constant - (nu + 1) / 2 * np.log1p(z * z / nu)) / scale
            log_posterior[:, j, k] = np.log(density @ likelihood.T).sum(axis=1) + np.log(prior[k] * scale)
    posterior = np.exp(log_posterior - log_posterior.max())
    posterior /= posterior.sum()
    c, s, v = np.meshgrid(centres, scales, degrees, indexing="ij")
    beyond = [(posterior * stats.t.cdf(-0.01, v, c, s)).sum(), (posterior * stats.t.sf(0.01, v, c, s)).sum()]
    centre = (posterior * c).sum()
    return centre, np.sqrt((posterior * (c - centre) ** 2).sum()), (posterior * np.log(s)).sum(), np.array(beyond)


@pytest.mark.slow
def test_draws_follow_the_posterior():
    """Five tasks that differ by more than their noise, one of them far off: δ₀, σ₀ and the next task."""
    truth = np.array([0.02, 0.05, -0.03, 0.08, 0.25])
    splits = invented(np.random.default_rng(0), truth, n_splits=8, noise=0.02, rho=0.125)
    found = hierarchical_test(splits, [0.125] * 5, np.random.default_rng(1))
    centre, spread, log_scale, beyond = posterior_by_quadrature(splits, 0.125)
    inside = np.abs(found.centre - 0.05) < 0.3  # the grid's reach
    assert found.centre[inside].mean() == pytest.approx(centre, abs=0.005)
    assert found.centre[inside].std() == pytest.approx(spread, rel=0.08)
    assert np.log(found.scale).mean() == pytest.approx(log_scale, abs=0.06)
    next_task = found.next_task(0.01)
    assert [next_task.first, next_task.second] == pytest.approx(beyond, abs=0.015)


def test_without_noise_and_with_many_tasks_it_is_the_distribution_of_tasks():
    truth = np.random.default_rng(2).normal(0.02, 0.03, size=100)
    splits = [np.array([d - 1e-5, d, d + 1e-5]) for d in truth]
    found = hierarchical_test(splits, [1 / 3] * 100, np.random.default_rng(3))
    assert found.centre.mean() == pytest.approx(truth.mean(), abs=0.002)
    assert found.scale.mean() == pytest.approx(truth.std(), rel=0.15)
    assert found.next_task(0.01).second == pytest.approx((truth > 0.01).mean(), abs=0.06)
    assert found.mixing < 1.05


def test_noisy_tasks_are_drawn_towards_the_others():
    truth = np.full(20, 0.03)
    splits = invented(np.random.default_rng(4), truth, n_splits=5, noise=0.05, rho=0.2)
    means = np.array([x.mean() for x in splits])
    found = hierarchical_test(splits, [0.2] * 20, np.random.default_rng(5))
    assert ((found.task_means - truth) ** 2).mean() < 0.3 * ((means - truth) ** 2).mean()


def test_aode_and_hnb_are_practically_the_same():
    """On the UCI-54 data the hierarchical test calls them equivalent (Benavoli et al. 2017, region 0.01)."""
    accuracy = uci54()
    found = hierarchical_test(list(accuracy["hnb"] - accuracy["aode"]), [0.1] * 54, np.random.default_rng(0))
    assert found.beliefs(0.01).same > 0.99


def test_the_same_generator_gives_the_same_draws():
    splits = invented(np.random.default_rng(6), np.zeros(4), 5, 0.1, 0.2)
    one, two = (hierarchical_test(splits, [0.2] * 4, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one.centre, two.centre)


def test_a_task_without_scatter_is_not_taken_as_certain():
    splits = invented(np.random.default_rng(8), np.full(6, 0.05), 5, 0.05, 0.2)
    splits[0] = np.zeros(5)
    found = hierarchical_test(splits, [0.2] * 6, np.random.default_rng(9))
    assert np.isfinite(found.centre).all()
    assert np.isfinite(found.scale).all()


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ([np.zeros(3)] * 2, "at least three tasks"),
        ([np.arange(3.0), np.arange(3.0), np.zeros(1)], "two splits"),
        ([np.zeros(3)] * 4, "do not vary"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(splits: list[np.ndarray], message: str):
    with pytest.raises(ValueError, match=message):
        hierarchical_test(splits, [0.2] * len(splits), np.random.default_rng(0))


@pytest.mark.slow
def test_intervals_of_the_mean_cover():
    """Nominal 0.9 for δ₀ with 15 tasks of 10 splits, 40 times; found 0.90."""
    rng, covered = np.random.default_rng(10), 0
    for time in range(40):
        truth = 0.01 + 0.02 * rng.standard_t(5, size=15)
        found = hierarchical_test(invented(rng, truth, 10, 0.03, 0.1), [0.1] * 15, np.random.default_rng(time))
        low, high = np.quantile(found.centre, [0.05, 0.95])
        covered += low <= 0.01 <= high
    assert covered == pytest.approx(36, abs=5)
