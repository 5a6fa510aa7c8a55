"""Which models can be told apart when all pairs are looked at together, and the places that each may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.intervals import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.ranking.intervals import Bootstrap
    from tabbench.task import FloatArray, IntArray

BLOCK = 100
"""Rounds whose differences are held at once."""
ROUNDING = 1e-9
"""Differences below this share of the values are none."""
MOST_GROUPS = 1000
"""Beyond this the groups are the runs of neighbours: some graphs have more maximal cliques than anybody can draw."""


class RankSets(NamedTuple):
    """Best and worst place (1 is best) that each model may hold; shape (n_models,) each."""

    best: IntArray
    worst: IntArray


def is_above(booted: Bootstrap, level: float = LEVEL) -> NDArray[np.bool_]:
    """Whether the row's aggregate is larger than the column's, all ordered pairs held at once, by step-down.

    Pair (j, k) is decided when (θ_j - θ_k) / se_jk passes a critical value; se_jk is the spread of the rounds times the
    draws' `stretch`. With g the quantile `level` over rounds of the largest (Δ*_jk - Δ_jk) / spread_jk among the pairs
    still undecided, the critical value is the quantile of Student's t that leaves as much above it as g leaves of the
    normal: the maximum is drawn as if spreads were known, and few tasks don't know them. Decided pairs leave, g is
    computed again, until none is added. All decisions are right together with probability `level`. A difference that is
    the same in every round has no spread: it counts when a sign test over the draws, split by the number of pairs,
    would.

    Source: Romano & Wolf (2005), Econometrica 73:1237-1282 (step-down); Mogstad, Romano, Shaikh & Wilhelm (2024),
    Review of Economic Studies 91:476-518, section 3 (one-sided hypotheses for all ordered pairs). The t quantile is
    ours.

    Args:
        booted: An aggregate and its rounds.
        level: Probability that no decision is wrong.

    Returns:
        Shape (n_models, n_models).
    """
    from scipy.special import ndtr, stdtrit

    spread = _spreads(booted)
    gap = booted.estimate[:, None] - booted.estimate[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(spread > 0, gap / (spread * booted.draws.stretch), -np.inf)
    decided = np.zeros_like(score, dtype=bool)
    while True:
        is_open = ~decided & (spread > 0)
        if not is_open.any():
            break
        largest = _largest_deviations(booted, spread, is_open)
        critical = -float(stdtrit(booted.draws.degrees, float(ndtr(-np.quantile(largest, level)))))
        fresh = ~decided & (score > critical)
        if not fresh.any():
            break
        decided |= fresh
    n_pairs = max(len(score) * (len(score) - 1), 1)
    if 2.0 ** -(booted.draws.degrees + 1.0) < (1.0 - level) / n_pairs:
        decided |= (spread == 0) & (gap > ROUNDING * np.abs(booted.estimate).max())
    return decided


def rank_sets(is_better: NDArray[np.bool_]) -> RankSets:
    """Places that each model may hold: 1 + the models told better, to n - the models told worse.

    All sets hold together with the level of `is_better`. Percentiles of bootstrapped ranks cover far too little.

    Source: Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91:476-518, equation 7.

    Args:
        is_better: Shape (n_models, n_models): row told better than column. `is_above` of Elo; its transpose for a mean
        rank.

    >>> rank_sets(np.array([[False, False, True], [False, False, True], [False, False, False]]))
    RankSets(best=array([1, 1, 3]), worst=array([2, 2, 3]))
    """
    n_models = len(is_better)
    return RankSets(1 + is_better.sum(axis=0), n_models - is_better.sum(axis=1))


def groups_not_told_apart(is_apart: NDArray[np.bool_], order: IntArray) -> tuple[tuple[int, ...], ...]:
    """Largest groups of models no two of which are told apart; groups of one are left out.

    They are the maximal cliques of the graph that joins what is not told apart, so a group may skip a model between
    two of its members. Where there are over `MOST_GROUPS` of them, the groups are the longest runs of neighbours
    instead.

    Source: Bron & Kerbosch (1973), Communications of the ACM 16:575-577, with a pivot (Tomita et al. 2006).

    Args:
        is_apart: Shape (n_models, n_models): pair told apart, in either direction.
        order: Models from the best to the worst.

    Returns:
        Groups by their best member, members from the best to the worst.

    >>> apart = np.zeros((3, 3), dtype=bool)
    >>> apart[0, 2] = True
    >>> groups_not_told_apart(apart, np.array([0, 1, 2]))
    ((0, 1), (1, 2))
    """
    apart = (is_apart | is_apart.T)[np.ix_(order, order)]
    n_models = len(order)
    joined = [{j for j in range(n_models) if j != i and not apart[i, j]} for i in range(n_models)]
    cliques: list[tuple[int, ...]] = []
    open_branches: list[tuple[set[int], set[int], set[int]]] = [(set(), set(range(n_models)), set())]
    while open_branches:
        clique, candidates, excluded = open_branches.pop()
        if not candidates and not excluded:
            cliques.append(tuple(sorted(clique)))
            if len(cliques) > MOST_GROUPS:
                cliques = _runs(apart)
                break
            continue
        pivot = max(candidates | excluded, key=lambda i: (len(joined[i] & candidates), -i))
        for i in sorted(candidates - joined[pivot]):
            open_branches.append((clique | {i}, candidates & joined[i], excluded & joined[i]))
            candidates = candidates - {i}
            excluded = excluded | {i}
    return tuple(tuple(int(order[i]) for i in group) for group in sorted(cliques) if len(group) > 1)


def _runs(apart: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    """Longest runs of neighbours no two of which are told apart."""
    runs: list[tuple[int, ...]] = []
    end = 0
    for start in range(len(apart)):
        reach = start + 1
        while reach < len(apart) and not apart[start : reach + 1, start : reach + 1].any():
            reach += 1
        if reach > end:
            runs.append(tuple(range(start, reach)))
            end = reach
    return runs


def _spreads(booted: Bootstrap) -> FloatArray:
    """Root mean square deviation of each difference over the rounds; exact zeros where nothing moves."""
    deviations = booted.rounds - booted.estimate
    spread = np.array(
        [np.sqrt(np.mean((deviations[:, [i]] - deviations) ** 2, axis=0)) for i in range(deviations.shape[1])]
    )
    scale = np.sqrt(np.mean(deviations**2, axis=0)).max(initial=0.0)
    floored: FloatArray = np.where(spread > ROUNDING * scale, spread, 0.0)
    return floored


def _largest_deviations(booted: Bootstrap, spread: FloatArray, is_open: NDArray[np.bool_]) -> FloatArray:
    """Largest studentised deviation of a round among the open ordered pairs; shape (n_rounds,)."""
    deviations = booted.rounds - booted.estimate
    per_spread = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    closed = np.where(is_open, 0.0, -np.inf)
    parts = []
    for start in range(0, len(deviations), BLOCK):
        part = deviations[start : start + BLOCK]
        parts.append(((part[:, :, None] - part[:, None, :]) * per_spread + closed).max(axis=(1, 2)))
    return np.concatenate(parts)
