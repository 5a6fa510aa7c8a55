"""All numbers of a ranked pool at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.averages import mean_over_tasks, task_deviations, task_means
from tabbench.ranking.elo import elo
from tabbench.ranking.entrants import entrant_named
from tabbench.ranking.ranks import rank_summary, split_ranks
from tabbench.ranking.rules import Unit
from tabbench.ranking.scores import (
    interquartile_means,
    skill_scores,
    split_improvability,
    split_min_max_scores,
    split_normalised_scores,
)
from tabbench.ranking.table import ErrorTable
from tabbench.ranking.wins import mean_over_others, probability_of_improvement, win_matrix, wins_of_ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.ranking.rules import Rules
    from tabbench.task import FloatArray


class Ranked(NamedTuple):
    """A pool without gaps in the unit that is ranked.

    Attributes:
        table: Errors by unit: by split, or the task's mean; tasks without gaps in their numbers.
        ranks: Shape (n_units, n_models).
        wins: Shape (n_tasks, n_models, n_models), of `wins.task_wins`.
    """

    table: ErrorTable
    ranks: FloatArray
    wins: FloatArray


class Aggregates(NamedTuple):
    """What each entrant of a pool comes to; each of shape (n_models,), NaN where a number does not exist.

    Attributes:
        mean_rank: `ranks.rank_summary`, as are the next five.
        elo: `elo.elo`.
        win_rate: `wins.win_rates`.
        normalised_score: `scores.split_normalised_scores`, mean over tasks.
        improvability: `scores.split_improvability`, mean over tasks.
        skill_score: `scores.skill_scores` against the reference model.
        interquartile_mean: `scores.interquartile_means` of the normalised scores.
        min_max_score: `scores.split_min_max_scores`, mean over tasks.
        improvement_chance: `wins.probability_of_improvement` over another entrant drawn at random.
        is_unbounded: The battles put no bound on its Elo.
    """

    mean_rank: FloatArray
    elo: FloatArray
    win_rate: FloatArray
    normalised_score: FloatArray
    improvability: FloatArray
    skill_score: FloatArray
    median_rank: FloatArray
    best_rank: FloatArray
    worst_rank: FloatArray
    reciprocal_rank: FloatArray
    n_first: FloatArray
    interquartile_mean: FloatArray
    min_max_score: FloatArray
    improvement_chance: FloatArray
    is_unbounded: NDArray[np.bool_]


def ranked(whole: ErrorTable, rules: Rules) -> Ranked:
    """Ranks and battles of a pool without gaps, in the unit of the rules.

    Raises:
        SettingsError: If ties within standard deviations are asked for by split.
    """
    table, ranks = ranks_by_unit(whole.dense(), rules)
    return Ranked(table, ranks, wins_of_ranks(ranks, table.task_of))


def ranks_by_unit(table: ErrorTable, rules: Rules) -> tuple[ErrorTable, FloatArray]:
    """The table by split or by task, and its ranks, shape (n_units, n_models); tasks' numbers have no gaps."""
    spread = None
    if rules.unit is Unit.TASK:
        if rules.ties.deviations:
            spread = task_deviations(table.errors, table.task_of)
        means = task_means(table.errors, table.task_of)
        table = ErrorTable(table.models, table.tasks, np.arange(len(table.tasks)), means)
    return table, split_ranks(table.errors, rules.ties, spread)


def task_ranks(table: ErrorTable, rules: Rules) -> FloatArray:
    """Mean rank of each entrant on each task; shape (n_tasks, n_models)."""
    by_unit, ranks = ranks_by_unit(table, rules)
    return task_means(ranks, by_unit.task_of)


def aggregates(pool: Ranked, rules: Rules) -> Aggregates:
    """Every aggregate of a pool of at least one entrant and one task."""
    errors, task_of = pool.table.errors, pool.table.task_of
    summary = rank_summary(pool.ranks, task_of)
    anchor = entrant_named(pool.table.models, rules.anchor) if rules.anchor else None
    rating = elo(pool.wins, anchor, rules.prior)
    reference = entrant_named(pool.table.models, rules.reference_model)
    nothing = np.full(errors.shape[1], np.nan)
    normalised = split_normalised_scores(errors)
    return Aggregates(
        mean_rank=summary.mean,
        elo=rating.rating,
        win_rate=mean_over_others(win_matrix(pool.wins)),
        normalised_score=mean_over_tasks(normalised, task_of),
        improvability=mean_over_tasks(split_improvability(errors), task_of) if (errors >= 0).all() else nothing,
        skill_score=nothing if reference is None else skill_scores(errors, task_of, errors[:, reference]),
        median_rank=summary.median,
        best_rank=summary.best,
        worst_rank=summary.worst,
        reciprocal_rank=summary.reciprocal,
        n_first=summary.n_first,
        interquartile_mean=interquartile_means(normalised, task_of),
        min_max_score=mean_over_tasks(split_min_max_scores(errors), task_of),
        improvement_chance=mean_over_others(probability_of_improvement(errors, task_of)),
        is_unbounded=rating.is_unbounded,
    )
