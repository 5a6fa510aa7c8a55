"""The hierarchical Bayesian test of two models over tasks with splits, by Gibbs sampling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.equivalence import ROPE, Beliefs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.task import FloatArray

N_CHAINS, N_BURNED, N_KEPT = 40, 300, 700
DEGREES = 1.0 + np.geomspace(0.05, 500.0, 120)
"""Values that nu may take."""
HALF = DEGREES / 2
SHAPES, RATES = (0.5, 5.0), (0.05, 0.15)
"""Uniform priors of α and β in nu - 1 ~ Gamma(α, β)."""
LEAST_SPREAD = 1e-3
"""Least spread of splits within a task, as a share of the mean spread: a task without any would be taken as certain."""


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Posterior draws of how differences are spread over tasks, a Student's t.

    Attributes:
        centre: Shape (n_draws,): δ₀.
        scale: Shape (n_draws,): σ₀.
        degrees: Shape (n_draws,): nu.
        task_means: Shape (n_tasks,): posterior mean of each task's own difference, drawn towards the others'.
        mixing: Largest R̂ of δ₀ and log σ₀ over the chains (Gelman & Rubin 1992); near 1 when they agree.
    """

    centre: FloatArray
    scale: FloatArray
    degrees: FloatArray
    task_means: FloatArray
    mixing: float

    def beliefs(self, rope: float = ROPE) -> Beliefs:
        """Shares of draws in which a new task most probably favours the first, neither, or the second model."""
        winners = self._regions(rope).argmax(axis=0)
        return Beliefs(*(float(share) for share in np.bincount(winners, minlength=3) / len(winners)))

    def next_task(self, rope: float = ROPE) -> Beliefs:
        """Probabilities that on one new task the true difference lies below, in, or above the region."""
        return Beliefs(*(float(share) for share in self._regions(rope).mean(axis=1)))

    def _regions(self, rope: float) -> FloatArray:
        from scipy.special import stdtr

        first = stdtr(self.degrees, (-rope - self.centre) / self.scale)
        second = stdtr(self.degrees, (self.centre - rope) / self.scale)
        return np.stack([first, 1.0 - first - second if rope > 0 else np.full_like(first, -1.0), second])


class _Tasks(NamedTuple):
    """What the splits of each task say; each of shape (n_tasks,)."""

    mean: FloatArray
    within: FloatArray  # Σ (x - mean)² / (1 - ρ)
    variance: FloatArray  # of the mean, in units of σ²
    size: FloatArray


def hierarchical_test(
    differences: Sequence[FloatArray], correlation: Sequence[float], rng: np.random.Generator
) -> Hierarchy:
    """Compare two models over tasks, each with the noise of its own splits.

    Splits x_i of task i are normal around δ_i with standard deviation σ_i and correlation ρ_i; δ_i ~ t(δ₀, σ₀, nu);
    σ_i and σ₀ uniform above 0; δ₀ uniform; nu - 1 ~ Gamma(α, β), α ~ U(0.5, 5), β ~ U(0.05, 0.15).

    The sampler draws in turn: σ_i⁻² from a Gamma; δ_i from a normal, with Student's t written as a normal of variance
    σ₀²/λ_i, λ_i ~ Gamma(nu/2, nu/2); λ_i; δ₀; σ₀⁻²; and nu on a grid of 120 values with α and β summed out.

    Source: Corani, Benavoli, Demšar, Mangili & Zaffalon (2017), Machine Learning 106:1817-1837, sections 3.1 to 3.3.
    Departures: Gibbs sampling in place of Stan; the upper ends of the priors of σ_i and σ₀ (1000 times the spread) and
    both ends of δ₀'s are left open; tasks may differ in splits and ρ; a task whose splits differ by less than a
    thousandth of the mean spread is given that spread.

    Args:
        differences: For each task shape (n_splits_i,), first model minus second, lower is better; at least two splits.
        correlation: For each task ρ = test rows / all rows: 1 / k in k-fold cross-validation.
        rng: Where draws come from.

    Raises:
        ValueError: With fewer than three tasks or a task with fewer than two splits, or when nothing differs anywhere.
    """
    from scipy.special import gammaln

    tasks = _sufficient(differences, np.asarray(correlation, dtype=np.float64))
    n_tasks = len(tasks.mean)
    shape = (N_CHAINS, n_tasks)
    log_weight = _log_prior() + n_tasks * (HALF * np.log(HALF) - gammaln(HALF))
    centre = rng.normal(tasks.mean.mean(), tasks.mean.std() / np.sqrt(n_tasks), size=N_CHAINS)
    scale = tasks.mean.std() * rng.uniform(0.3, 2.0, size=N_CHAINS)
    degrees = rng.choice(DEGREES, size=N_CHAINS)
    delta, mixed = np.broadcast_to(tasks.mean, shape), np.ones(shape)
    kept, summed = np.empty((3, N_KEPT, N_CHAINS)), np.zeros(n_tasks)
    for step in range(N_BURNED + N_KEPT):
        sigma2 = (
            (tasks.within + (tasks.mean - delta) ** 2 / tasks.variance)
            / 2
            / rng.gamma((tasks.size - 1) / 2, size=shape)
        )
        precision = 1.0 / (sigma2 * tasks.variance)
        prior = mixed / scale[:, None] ** 2
        total = precision + prior
        delta = (precision * tasks.mean + prior * centre[:, None]) / total + rng.normal(size=shape) / np.sqrt(total)
        gap2 = (delta - centre[:, None]) ** 2
        rate = (degrees[:, None] + gap2 / scale[:, None] ** 2) / 2
        mixed = rng.gamma((degrees[:, None] + 1) / 2, size=shape) / rate
        weight = mixed.sum(axis=1)
        centre = (mixed * delta).sum(axis=1) / weight + scale * rng.normal(size=N_CHAINS) / np.sqrt(weight)
        spread2 = (mixed * (delta - centre[:, None]) ** 2).sum(axis=1)
        scale = np.sqrt(spread2 / 2 / rng.gamma((n_tasks - 1) / 2, size=N_CHAINS))
        degrees = _draw_degrees(mixed, log_weight, rng)
        if step >= N_BURNED:
            kept[:, step - N_BURNED] = centre, scale, degrees
            summed += delta.mean(axis=0)
    mixing = max(_mixing(kept[0]), _mixing(np.log(kept[1])))
    return Hierarchy(kept[0].ravel(), kept[1].ravel(), kept[2].ravel(), summed / N_KEPT, mixing)


def _sufficient(differences: Sequence[FloatArray], correlation: FloatArray) -> _Tasks:
    size = np.array([len(d) for d in differences], dtype=np.float64)
    if len(size) < 3 or size.min() < 2:
        raise ValueError("the hierarchical test takes at least three tasks, each with at least two splits")
    spread = np.array([d.std(ddof=1) for d in differences])
    mean = np.array([d.mean() for d in differences])
    if not spread.any() or not mean.std():
        raise ValueError("the differences do not vary: there is nothing for the hierarchical test to learn from")
    spread = np.maximum(spread, LEAST_SPREAD * spread.mean())
    return _Tasks(
        mean=mean,
        within=(size - 1) * spread**2 / (1 - correlation),
        variance=(1 + (size - 1) * correlation) / size,
        size=size,
    )


def _log_prior() -> FloatArray:
    """Log prior weight of each value of nu, α and β summed out; shape (n_values,)."""
    from scipy.special import gammaln

    shape, rate = np.meshgrid(np.linspace(*SHAPES, 61), np.linspace(*RATES, 21))
    x = (DEGREES - 1.0)[:, None, None]
    density = np.exp(shape * np.log(rate) - gammaln(shape) + (shape - 1) * np.log(x) - rate * x).mean(axis=(1, 2))
    log_weight: FloatArray = np.log(density * np.gradient(DEGREES))
    return log_weight


def _draw_degrees(mixed: FloatArray, log_weight: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Degrees of freedom of each chain, given λ; `log_weight` holds the factors without λ."""
    told = (np.log(mixed) - mixed).sum(axis=1)
    log_weight = log_weight + HALF * told[:, None]
    weight = np.cumsum(np.exp(log_weight - log_weight.max(axis=1, keepdims=True)), axis=1)
    place = (weight < rng.uniform(size=(len(mixed), 1)) * weight[:, -1:]).sum(axis=1)
    drawn: FloatArray = DEGREES[place]
    return drawn


def _mixing(draws: FloatArray) -> float:
    """Gelman and Rubin's R̂ of draws of shape (n_steps, n_chains)."""
    within, between = draws.var(axis=0, ddof=1).mean(), draws.mean(axis=0).var(ddof=1)
    return float(np.sqrt(1.0 - 1.0 / len(draws) + between / within))
