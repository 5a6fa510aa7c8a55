"""Every two entrants of a pool beside each other: wins, differences with their intervals, and a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.averages import task_means
from tabbench.ranking.confidence_set import ConfidenceSet, confidence_set
from tabbench.ranking.critical_difference import CriticalDifference, critical_difference
from tabbench.ranking.elo import elo
from tabbench.ranking.intervals import difference_intervals
from tabbench.ranking.rules import FEWEST_TASKS
from tabbench.ranking.signed_rank import pairwise_wilcoxon
from tabbench.ranking.wins import probability_of_improvement, win_matrix

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.ranking.aggregates import Ranked
    from tabbench.ranking.intervals import Bootstrap
    from tabbench.ranking.rules import Rules
    from tabbench.ranking.uncertainty import Uncertain
    from tabbench.task import FloatArray


class Pairs(NamedTuple):
    """What every two entrants of a pool come to.

    Attributes:
        table: One row an ordered pair, both in the order of mean ranks: `model other wins improvement_chance
            rank_difference rank_difference_low rank_difference_high elo_difference elo_difference_low
            elo_difference_high wilcoxon_p`. Differences are model minus other with intervals of 95 %, one pair at a
            time (NaN under `FEWEST_TASKS` families); the p-value is adjusted by Holm over all pairs.
        diagram: The critical-difference diagram, by the mean errors of tasks.
        may_be_best: By the tasks' mean ranks; None under `FEWEST_TASKS` families of tasks.
    """

    table: pd.DataFrame
    diagram: CriticalDifference
    may_be_best: ConfidenceSet | None


def compare_pairs(pool: Ranked, rules: Rules, uncertain: Uncertain) -> Pairs:
    """`wins.win_matrix`, `wins.probability_of_improvement`, `intervals.difference_intervals` and tests of all pairs.

    Args:
        pool: At least two entrants and two tasks.
        rules: The ranking's.
        uncertain: What draws, for the target that intervals are about. The confidence set is about new tasks.
    """
    import pandas as pd

    errors, task_of = pool.table.errors, pool.table.task_of
    by_task = task_means(errors, task_of)
    means, rating = task_means(pool.ranks, task_of), elo(pool.wins, prior=rules.prior).rating
    families = uncertain.families_of(pool)
    draws = uncertain.draws(pool) if len(set(families)) >= FEWEST_TASKS else None
    rank_rounds = elo_rounds = None
    if draws is not None and draws.degrees > 0:
        rank_rounds, elo_rounds = uncertain.rank_rounds(pool, draws), uncertain.elo_rounds(pool, rules, draws)
    columns = {
        "wins": win_matrix(pool.wins), "improvement_chance": probability_of_improvement(errors, task_of),
        **_differences("rank_difference", means.mean(axis=0), rank_rounds),
        **_differences("elo_difference", rating, elo_rounds),
        "wilcoxon_p": pairwise_wilcoxon(by_task),
    }  # fmt: skip
    order, names = np.argsort(means.mean(axis=0), kind="stable"), np.array(pool.table.models, dtype=object)
    first, second = np.repeat(order, len(order)), np.tile(order, len(order))
    first, second = first[first != second], second[first != second]
    table = pd.DataFrame(
        {"model": names[first], "other": names[second], **{name: c[first, second] for name, c in columns.items()}}
    )
    best = confidence_set(means, families, seed=uncertain.seed) if draws is not None else None
    return Pairs(table, critical_difference(by_task, families=families), best)


def _differences(name: str, value: FloatArray, rounds: Bootstrap | None) -> dict[str, FloatArray]:
    """A difference of every two and the ends of its interval; each of shape (n_models, n_models)."""
    difference = value[:, None] - value
    unknown = np.full_like(difference, np.nan)
    low, high = (unknown, unknown) if rounds is None else difference_intervals(rounds)
    return {name: difference, f"{name}_low": low, f"{name}_high": high}
