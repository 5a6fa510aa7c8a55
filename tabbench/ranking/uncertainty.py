"""How sure the places of a pool are: intervals of Elo, places that may be held, groups that are not told apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.errors import SettingsError
from tabbench.ranking.averages import task_means
from tabbench.ranking.draws import N_ROUNDS, Draws, Target, split_bootstrap, task_bootstrap
from tabbench.ranking.elo import elo_rounds
from tabbench.ranking.intervals import around, bootstrap_elo, bootstrap_means
from tabbench.ranking.rules import Unit
from tabbench.ranking.simultaneous import groups_not_told_apart, is_above, is_lower, rank_sets
from tabbench.ranking.wins import wins_of_ranks

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from tabbench.ranking.aggregates import Aggregates, Ranked
    from tabbench.ranking.intervals import Bootstrap
    from tabbench.ranking.rules import Rules
    from tabbench.task import Array, FloatArray, IntArray

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Uncertainty(NamedTuple):
    """How sure the places of a pool are; each of shape (n_models,).

    Attributes:
        elo_low: Lower end of each rating's interval, one at a time, at 95 %.
        elo_high: Upper end.
        rank_low: Best place that an entrant may hold, all at once, at 95 %.
        rank_high: Worst place.
        groups: Letters of the groups that an entrant is in; those who share a letter are not told apart. Empty for one
            that is told apart from all, and where there are more groups than letters.
    """

    elo_low: FloatArray
    elo_high: FloatArray
    rank_low: FloatArray
    rank_high: FloatArray
    groups: Array


@dataclass(frozen=True)
class Uncertain:
    """Gives a ranked pool its intervals by a bootstrap of its Elo, and places and groups by one of its mean ranks.

    Attributes:
        target: What the intervals are about: new tasks, or this suite with other splits.
        seed: Seed of all draws.
        n_rounds: Rounds.
        families: Family of each task; tasks that are not in it are their own.
        test_per_train: Test rows over train rows by task; 1 / (splits - 1), as in k-fold, for tasks that are not in it.
    """

    target: Target = Target.NEW_TASKS
    seed: int = 0
    n_rounds: int = N_ROUNDS
    families: Mapping[str, str] = field(default_factory=dict)
    test_per_train: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, pool: Ranked, rules: Rules, found: Aggregates) -> Uncertainty | None:
        """The intervals; None where one family of tasks, or one split a task, says nothing of the spread.

        Raises:
            SettingsError: If splits are to be drawn and tasks are ranked.
        """
        if self.target is Target.THIS_SUITE and rules.unit is Unit.TASK:
            raise SettingsError("Intervals for this suite draw splits: rank them, with --unit split.")
        draws = self.draws(pool)
        if not draws.degrees > 0:
            return None
        # Places are by mean rank: without bounds an Elo spreads as the prior lets it.
        if self.target is Target.NEW_TASKS:
            means = task_means(pool.ranks, pool.table.task_of)
            better = is_lower(means, self.families_of(pool), n_rounds=self.n_rounds, seed=self.seed)
        else:
            better = is_above(self.rank_rounds(pool, draws)).T
        booted = self.elo_rounds(pool, rules, draws)
        low, high = around(found.elo, booted)
        places = rank_sets(better)
        order = np.argsort(found.mean_rank, kind="stable")
        letters = group_letters(groups_not_told_apart(better, order), len(order))
        return Uncertainty(low, high, places.best.astype(np.float64), places.worst.astype(np.float64), letters)

    def draws(self, pool: Ranked) -> Draws:
        """What the bootstrap draws from a pool."""
        table = pool.table
        if self.target is Target.NEW_TASKS:
            return task_bootstrap(len(table.tasks), self.families_of(pool), self.n_rounds, self.seed)
        sizes = np.bincount(table.task_of)
        ratios = np.array([
            self.test_per_train.get(task, 1 / max(n - 1, 1)) for task, n in zip(table.tasks, sizes, strict=True)
        ])  # fmt: skip
        return split_bootstrap(table.task_of, ratios[table.task_of], self.n_rounds, self.seed)

    def rank_rounds(self, pool: Ranked, draws: Draws) -> Bootstrap:
        """The mean ranks of every round."""
        return bootstrap_means(task_means(pool.ranks, self._units(pool)), draws)

    def elo_rounds(self, pool: Ranked, rules: Rules, draws: Draws) -> Bootstrap:
        """The Elo of every round, centred on the pool."""
        wins = wins_of_ranks(pool.ranks, self._units(pool))
        n_tasks = len(pool.table.tasks)  # weights of a round sum to 1; the prior is for as many battles as there are
        return bootstrap_elo(lambda weights: elo_rounds(wins, n_tasks * weights, rules.prior), draws)

    def families_of(self, pool: Ranked) -> list[str]:
        """Family of each task of a pool; a task without one is its own."""
        return [self.families.get(task, task) for task in pool.table.tasks]

    def _units(self, pool: Ranked) -> IntArray:
        """What is drawn: number of the unit of each row."""
        return np.arange(len(pool.ranks)) if self.target is Target.THIS_SUITE else pool.table.task_of


def group_letters(groups: tuple[tuple[int, ...], ...], n_models: int) -> Array:
    """Letters of the groups of each model.

    >>> group_letters(((0, 1), (1, 2)), 4).tolist()
    ['a', 'ab', 'b', '']
    """
    shown = groups if len(groups) <= len(LETTERS) else ()
    letters = ["".join(LETTERS[i] for i, group in enumerate(shown) if model in group) for model in range(n_models)]
    return np.array(letters, dtype=object)


def uncertain_of(errors: pd.DataFrame, target: Target = Target.NEW_TASKS, seed: int = 0) -> Uncertain:
    """What draws for tidy rows, with the families and the sizes of splits that they tell.

    Args:
        errors: Tidy rows, where known with `task_family n_train n_test`.
        target: What the intervals are about.
        seed: Seed of all draws.
    """
    families, ratios = {}, {}
    if "task_family" in errors:
        known = errors.dropna(subset="task_family").drop_duplicates("task")
        families = dict(zip(known["task"].astype(str), known["task_family"].astype(str), strict=True))
    if {"n_train", "n_test"} <= set(errors):
        means = errors.groupby(errors["task"].astype(str))[["n_test", "n_train"]].mean()
        share = (means["n_test"] / means["n_train"]).dropna()
        ratios = {str(task): float(value) for task, value in share.items()}
    return Uncertain(target, seed, families=families, test_per_train=ratios)
