"""Which models can be told apart when all pairs are looked at together, and the places that each may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.draws import N_ROUNDS, Target
from tabbench.ranking.intervals import LEVEL
from tabbench.ranking.portable import SIGNS, random_words

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

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


def is_lower(
    values: FloatArray,
    families: Sequence[Hashable] | None = None,
    level: float = LEVEL,
    n_rounds: int = N_ROUNDS,
    seed: int = 0,
) -> NDArray[np.bool_]:
    """Whether the row's mean is lower than the column's over tasks like these, all ordered pairs at once, by step-down.

    With D_g the differences of a pair summed over the tasks of family g, r = Σ D_g / √(n Σ D_g²), a monotone function
    of Student's t. A pair is decided when its r passes the quantile `level`, over rounds, of the largest
    Σ ±D_g / √(n Σ D_g²) among the pairs still undecided, with one random sign a family and round, the same for all
    pairs. Decided pairs leave, and the quantile is taken again, until none is added. All decisions are right together
    with probability `level`, where differences that are not real are symmetric about 0, as between models that could
    change places. A bootstrap of the maximum errs several times too often with ten tasks.

    Source: Romano & Wolf (2005), JASA 100:94-108, section 3 (step-down with randomisation); Mogstad, Romano, Shaikh &
    Wilhelm (2024), Review of Economic Studies 91:476-518, section 3 (one-sided hypotheses for all ordered pairs).

    Args:
        values: Shape (n_tasks, n_models), none missing: a task's mean rank, its normalised error …
        families: Family of each task; None where no two are related.
        level: Probability that no decision is wrong.
        n_rounds: Rounds.
        seed: Seed of `portable.random_words`.

    Returns:
        Shape (n_models, n_models).
    """
    sums = family_sums(values, families)
    squares = np.array([((sums[:, [i]] - sums) ** 2).sum(axis=0) for i in range(values.shape[1])])
    scale = np.sqrt(len(sums) * squares)
    per_scale = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > ROUNDING * np.abs(sums).max(initial=0.0))
    total = sums.sum(axis=0)
    flipped = random_signs(seed, n_rounds, len(sums)) @ sums
    score = -(total[:, None] - total) * per_scale
    return _step_down(score, lambda closed: _largest_quantile(flipped, per_scale, closed, level))


def family_sums(values: FloatArray, families: Sequence[Hashable] | None) -> FloatArray:
    """Sums over the tasks of each family, families in the order in which they first occur; the values where None.

    >>> family_sums(np.array([[1.0], [2.0], [4.0]]), ["a", "b", "a"]).tolist()
    [[5.0], [2.0]]
    """
    if families is None:
        return values
    numbers = {name: i for i, name in enumerate(dict.fromkeys(families))}
    sums = np.zeros((len(numbers), values.shape[1]))
    np.add.at(sums, [numbers[name] for name in families], values)
    return sums


def random_signs(seed: int, n_rounds: int, n: int) -> FloatArray:
    """1 where a word of stream `SIGNS` is below 2³¹, else -1; shape (n_rounds, n)."""
    return np.where(random_words(seed, SIGNS, n_rounds, n) < 2**31, 1.0, -1.0)


def is_above(booted: Bootstrap, level: float = LEVEL) -> NDArray[np.bool_]:
    """Whether the row's aggregate is larger than the column's, all ordered pairs at once, for any aggregate.

    Pair (j, k) is decided when (θ_j - θ_k) / spread_jk passes a critical value, spread_jk that of the rounds. For other
    splits it is the quantile `level`, over rounds, of the largest (Δ*_jk - Δ_jk) / spread_jk among the pairs still
    undecided. For new tasks, where a bootstrap of the maximum errs too often, it is the draws' `stretch` times the
    quantile of Student's t that leaves (1 - level) / (number of undecided pairs): `is_lower` tells more pairs apart.
    Decided pairs leave, and the critical value is taken again, until none is added.

    Source: Romano & Wolf (2005), Econometrica 73:1237-1282 (step-down); Holm (1979) for new tasks; Mogstad, Romano,
    Shaikh & Wilhelm (2024), Review of Economic Studies 91:476-518, section 3 (one-sided hypotheses, ordered pairs).

    Args:
        booted: An aggregate and its rounds.
        level: Probability that no decision is wrong.

    Returns:
        Shape (n_models, n_models).
    """
    from scipy.special import stdtrit

    draws, n_models = booted.draws, len(booted.estimate)
    deviations = booted.rounds - booted.estimate
    spread = np.sqrt([np.mean((deviations[:, [i]] - deviations) ** 2, axis=0) for i in range(n_models)])
    least = ROUNDING * np.abs(booted.estimate).max(initial=0.0)
    per_spread = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > least)
    score = (booted.estimate[:, None] - booted.estimate) * per_spread

    def holm_value(closed: FloatArray) -> float:
        return draws.stretch * -float(stdtrit(draws.degrees, (1.0 - level) / max(int((closed == 0).sum()), 1)))

    def largest_value(closed: FloatArray) -> float:
        return _largest_quantile(deviations, per_spread, closed, level)

    return _step_down(score, holm_value if draws.target is Target.NEW_TASKS else largest_value)


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


def _step_down(score: FloatArray, critical_value: Callable[[FloatArray], float]) -> NDArray[np.bool_]:
    """Ordered pairs whose score passes a value that depends on which are open: 0 marks an open one, -inf the others."""
    decided = np.eye(len(score), dtype=bool)
    while True:
        fresh = ~decided & (score > critical_value(np.where(decided, -np.inf, 0.0)) + ROUNDING)
        if not fresh.any():
            return decided & ~np.eye(len(score), dtype=bool)
        decided |= fresh


def _largest_quantile(rounds: FloatArray, factor: FloatArray, closed: FloatArray, level: float) -> float:
    """Quantile over rounds of the largest (row - column) × factor among the open ordered pairs."""
    largest = [
        ((part[:, :, None] - part[:, None, :]) * factor + closed).max(axis=(1, 2), initial=0.0)
        for part in np.split(rounds, range(BLOCK, len(rounds), BLOCK))
    ]
    return float(np.quantile(np.concatenate(largest), level, method="higher"))
