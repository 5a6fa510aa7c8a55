"""Elo ratings: the Bradley-Terry model under a weak prior, solved to the end, many weightings of the tasks at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.task import FloatArray

SCALE = 400.0
"""Elo points of odds 10 : 1."""
POINTS = SCALE / np.log(10.0)
"""Elo points of one natural log-odds."""
ANCHOR = 1000.0
"""Rating of the anchor, or mean rating of the bounded entrants (of all, where nobody is bounded)."""
WEAK_PRIOR = 1e6
"""The default C: with ratings in units of 400 points, w = (elo - mean) / 400, the penalty is sum(w²) / (2 C)."""
CONVERGED = 1e-9
"""No rating is further than about this from its limit, in Elo points."""
LAST_STEP = 1e-6
"""A Newton step so short, in log-odds, leaves an error of the order of its square: 1e-12, under `CONVERGED`."""
SHORT = 0.35
"""A step that moves no log-odds by more than this passes no maximum so far that its slope is -1/2 of that at the start:
the curvature along it changes by a factor of at most exp(2 x 0.35)."""
MOST_STEPS = 500
ROUNDS_AT_ONCE = 8
"""Weightings solved together: their matrices stay in the processor's cache."""


class Elo(NamedTuple):
    """Ratings of a pool.

    Attributes:
        rating: Shape (n_models,), Elo points.
        is_unbounded: Shape (n_models,): the battles alone put no bound on the rating; it is the prior's work.
    """

    rating: FloatArray
    is_unbounded: NDArray[np.bool_]


def elo(wins: FloatArray, anchor: int | None = None, prior: float = WEAK_PRIOR) -> Elo:
    """Elo ratings from each task's win matrix, every task counting the same.

    Model i beats j with probability 1 / (1 + 10^((r_j - r_i) / 400)). The ratings maximise the log-likelihood of all
    battles, a tie being half a win of each and the battles of a pair on one task weighing 1 in all, minus
    sum(((r - mean r) / 400)²) / (2 C). The maximum-likelihood estimate (C = ∞) is unbounded for entrants that won or
    lost every battle, and between groups of which one won every battle against the other: what those ratings are is
    the prior's work, and they are marked.

    Source: Bradley & Terry (1952), Biometrika 39:324-345; Ford (1957), Amer. Math. Monthly 64:28-33, for when the
    estimate exists; C = 1e6 as in TabArena's bencheval (Erickson et al. 2025), there with logistic regression.

    Args:
        wins: Shape (n_tasks, n_models, n_models) of `wins.task_wins`; tasks without battles are NaN.
        anchor: Number of the model that is set to 1000; None sets the mean of the bounded entrants to 1000.
        prior: C. The larger, the weaker.

    Raises:
        ArithmeticError: If Newton's method does not converge.
    """
    there = wins[~np.isnan(wins[:, 0, 0])] if wins.shape[1] else wins
    if not len(there):
        return Elo(np.full(wins.shape[1], np.nan), np.zeros(wins.shape[1], dtype=bool))
    total = there.sum(axis=0)
    log_odds = bradley_terry(total[None], prior)[0]
    unbounded = unbounded_entrants(total)
    bounded = ~unbounded if not unbounded.all() else unbounded
    zero = log_odds[bounded].mean() if anchor is None else log_odds[anchor]
    return Elo(ANCHOR + POINTS * (log_odds - zero), unbounded)


def elo_rounds(wins: FloatArray, weights: FloatArray, prior: float = WEAK_PRIOR) -> FloatArray:
    """Elo ratings under many weightings of the tasks, centred on the pool: for the bootstrap and leaving tasks out.

    Args:
        wins: Shape (n_tasks, n_models, n_models) of `wins.task_wins`, none missing.
        weights: Shape (n_rounds, n_tasks): how often a round holds a task; below 0 only where splits are drawn.
        prior: C, as for `elo`.

    Returns:
        Shape (n_rounds, n_models), Elo points; each row has mean 1000 (subtract a column to anchor at its model).

    Raises:
        ArithmeticError: If Newton's method does not converge.
    """
    n_tasks, n_models, _ = wins.shape
    flat = wins.reshape(n_tasks, -1)
    start = bradley_terry(wins.sum(axis=0)[None], prior)[0]
    ratings = np.empty((len(weights), n_models))
    for first in range(0, len(weights), ROUNDS_AT_ONCE):
        chosen = slice(first, first + ROUNDS_AT_ONCE)
        battles = weights[chosen].sum(axis=1, keepdims=True)
        # weights below 0 can give a pair fewer wins than none: the ratings of such a round would have no bounds
        totals = np.clip(weights[chosen] @ flat, 0.0, battles).reshape(-1, n_models, n_models)
        ratings[chosen] = ANCHOR + POINTS * bradley_terry(totals, prior, start)
    return ratings


def bradley_terry(totals: FloatArray, prior: float = WEAK_PRIOR, start: FloatArray | None = None) -> FloatArray:
    """Log-odds ratings of many win matrices, by Newton's method.

    The gradient is sum_j (W_ij s_ji - W_ji s_ij) - λ θ_i with s_ij = 1 / (1 + exp(θ_j - θ_i)): in this form what a
    hopeless entrant still gains is not lost in rounding. θ sums to 0, where the penalty puts it anyway. A step that
    overshoots the maximum along its direction is halved.

    Args:
        totals: Shape (n_rounds, n_models, n_models): W_ij, the weight of i's wins over j.
        prior: C, as for `elo`.
        start: Shape (n_models,), where to begin; zeros by default.

    Returns:
        Shape (n_rounds, n_models); rows sum to 0.

    Raises:
        ArithmeticError: If it does not converge.
    """
    n_rounds, n_models, _ = totals.shape
    penalty = 1.0 / (prior * np.log(10.0) ** 2)
    theta = np.zeros((n_rounds, n_models)) if start is None else np.tile(start, (n_rounds, 1))
    active = np.arange(n_rounds)
    for _ in range(MOST_STEPS):
        step = _newton_step(totals[active], theta[active], penalty)
        theta[active] += step
        theta[active] -= theta[active].mean(axis=1, keepdims=True)
        active = active[np.abs(step).max(axis=1) > LAST_STEP]
        if not len(active):
            return theta
    raise ArithmeticError(f"Bradley-Terry did not converge in {MOST_STEPS} Newton steps: prior C = {prior:g}.")


def _newton_step(totals: FloatArray, theta: FloatArray, penalty: float) -> FloatArray:
    losing = _chances_to_lose(theta)
    gradient = _gradient(totals, losing, theta, penalty)
    n_models = theta.shape[1]
    curvature = losing * losing.transpose(0, 2, 1)
    curvature *= totals + totals.transpose(0, 2, 1)
    diagonal = np.arange(n_models)
    curvature[:, diagonal, diagonal] = 0.0
    sums = curvature.sum(axis=2)
    # The all-ones part holds the sum of θ at 0, where the weak penalty alone would leave the matrix near singular.
    hessian = np.subtract((sums.max(axis=1) / n_models)[:, None, None], curvature, out=curvature)
    hessian[:, diagonal, diagonal] += sums + penalty
    step: FloatArray = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
    slope = (gradient * step).sum(axis=1)
    long = np.flatnonzero(np.abs(step).max(axis=1) > SHORT)
    while len(long):
        moved = theta[long] + step[long]
        ahead = _gradient(totals[long], _chances_to_lose(moved), moved, penalty)
        long = long[(ahead * step[long]).sum(axis=1) < -0.5 * slope[long]]
        step[long] /= 2
        slope[long] /= 2
    return step


def _chances_to_lose(theta: FloatArray) -> FloatArray:
    """Chance of each row to lose against each column: 1 / (1 + exp(θ_row - θ_column))."""
    if np.abs(theta).max() < 300:  # no exponential overflows, so that one a model will do
        strength = np.exp(theta)
        ratios: FloatArray = strength[:, None, :] / (strength[:, :, None] + strength[:, None, :])
        return ratios
    with np.errstate(over="ignore"):
        chances: FloatArray = 1.0 / (1.0 + np.exp(theta[:, :, None] - theta[:, None, :]))
    return chances


def _gradient(totals: FloatArray, losing: FloatArray, theta: FloatArray, penalty: float) -> FloatArray:
    gained = totals * losing
    gradient: FloatArray = gained.sum(axis=2) - gained.sum(axis=1) - penalty * theta
    return gradient


def unbounded_entrants(total: FloatArray) -> NDArray[np.bool_]:
    """Entrants whose rating the battles alone do not bound, seen from the largest group that bounds itself.

    Draw an arrow from winner to loser: ratings are bounded inside a group in which every model is reached from every
    other (a strongly connected component). Outside the largest such group, of equal ones the one with most wins,
    they are not; where no two models bound each other, nobody's is. Source: Ford (1957).

    Args:
        total: Shape (n_models, n_models): weight of row's wins over column.

    >>> unbounded_entrants(np.array([[0, 1, 2], [1, 0, 2], [0, 0, 0]])).tolist()
    [False, False, True]
    """
    n_models = len(total)
    reached = (total > 0) | np.eye(n_models, dtype=bool)
    for _ in range(max(n_models - 1, 1).bit_length()):  # paths of up to 1, 2, 4 … arrows
        reached = (reached.astype(np.float32) @ reached.astype(np.float32)) > 0
    together = reached & reached.T
    sizes, won = together.sum(axis=1), together @ total.sum(axis=1)
    largest = max(range(n_models), key=lambda model: (sizes[model], won[model]))
    outside: NDArray[np.bool_] = ~together[largest] | (sizes[largest] == 1 and n_models > 1)
    return outside
