"""What the tasks of a benchmark are worth: which tell models apart, which repeat others, how many an order needs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.agreement import kendall_tau, kendalls_w, mean_correlation, paired_taus, tau_matrix
from tabbench.ranking.averages import task_means
from tabbench.ranking.portable import ORDERS, random_words

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.ranking.table import ErrorTable
    from tabbench.task import FloatArray, IntArray

NOISE = 0.2
"""A task whose splits' orders of models correlate by less than this on average is called noise."""
REDUNDANT = 0.9
"""A task whose order of models has Kendall's tau over this with another task's is called redundant."""
STABLE = 0.9
"""Mean Kendall's tau between two orders from disjoint draws at which an order is called stable."""
ROUNDS = 200
MOST_SIZES = 12


class Verdict(StrEnum):
    """What a task does: tells models apart, repeats another task, or tells nothing that its splits agree on."""

    SEPARATES = "separates"
    REDUNDANT = "redundant"
    NOISE = "noise"


class Agreement(NamedTuple):
    """How far tasks agree on the order of models.

    Attributes:
        w: Kendall's W over tasks, by each task's mean ranks: 1 for full agreement, about 1 / n_tasks for none.
        mean_tau: Mean Kendall's tau over pairs of tasks.
    """

    w: float
    mean_tau: float


def task_agreement(of_task: FloatArray) -> Agreement:
    """Agreement between tasks; splits were averaged before, so that they don't count as judges.

    Args:
        of_task: Shape (n_tasks, n_models): each task's mean ranks.
    """
    from scipy.stats import rankdata

    taus = tau_matrix(of_task)[np.triu_indices(len(of_task), 1)]
    known = taus[~np.isnan(taus)]
    return Agreement(kendalls_w(rankdata(of_task, axis=1)), float(known.mean()) if len(known) else float("nan"))


def task_values(table: ErrorTable, ranks: FloatArray) -> pd.DataFrame:
    """What each task tells, one row a task.

    Args:
        table: A pool without gaps, by split.
        ranks: Shape (n_splits, n_models), average ranks.

    Returns:
        `task n_splits split_agreement rest_tau nearest_task nearest_tau verdict`: the mean Spearman correlation between
        the orders on two splits of the task (NaN for one split; splits share rows, so this is no test), Kendall's tau
        with the mean ranks of all other tasks, and the task whose order is most like this one's.
    """
    import pandas as pd

    of_task = task_means(ranks, table.task_of)
    taus = tau_matrix(of_task)
    rows = []
    for number, task in enumerate(table.tasks):
        on_task = ranks[table.task_of == number]
        agreement = mean_correlation(kendalls_w(on_task), len(on_task))
        others = np.delete(of_task, number, axis=0)
        rest = kendall_tau(of_task[number], others.mean(axis=0)) if len(others) else np.nan
        near = np.where(np.arange(len(taus)) == number, np.nan, taus[number])
        nearest = int(np.nanargmax(near)) if not np.isnan(near).all() else None
        nearest_tau = np.nan if nearest is None else float(near[nearest])
        verdict = Verdict.NOISE if agreement < NOISE else Verdict.SEPARATES
        if verdict is Verdict.SEPARATES and nearest_tau > REDUNDANT:
            verdict = Verdict.REDUNDANT
        name = "" if nearest is None else table.tasks[nearest]
        rows.append((task, len(on_task), agreement, rest, name, nearest_tau, str(verdict)))
    columns = ["task", "n_splits", "split_agreement", "rest_tau", "nearest_task", "nearest_tau", "verdict"]
    return pd.DataFrame(rows, columns=columns).sort_values(["rest_tau", "task"], ignore_index=True)


def stability_by_tasks(of_task: FloatArray, seed: int = 0, rounds: int = ROUNDS) -> pd.DataFrame:
    """How alike the orders from two disjoint draws of n tasks are, per n up to half of the tasks.

    The draws share no task, so that agreement isn't owed to tasks in both; what more tasks than half would give is not
    guessed.

    Args:
        of_task: Shape (n_tasks, n_models): each task's mean ranks.
        seed: Seed of `portable.random_words`.
        rounds: Pairs of draws per n. A round orders the tasks by their words of stream `ORDERS` and takes the first n
            and the next n.

    Returns:
        `n mean_tau low_tau`: mean and 5 % quantile of Kendall's tau over the rounds; rising n.
    """
    n_tasks = len(of_task)
    orders = np.argsort(random_words(seed, ORDERS, rounds, n_tasks), axis=1, kind="stable")

    def halves(n: int) -> list[tuple[FloatArray, FloatArray]]:
        return [(of_task[o[:n]].mean(axis=0), of_task[o[n : 2 * n]].mean(axis=0)) for o in orders]

    return _stability([(n, halves(n)) for n in _sizes(n_tasks // 2)])


def stability_by_splits(ranks: FloatArray, task_of: IntArray, seed: int = 0, rounds: int = ROUNDS) -> pd.DataFrame:
    """The same for n splits of every task, up to half of those that the task with fewest has; tasks stay the same.

    Splits of one task share rows, so this shows less noise than new data would.

    Args:
        ranks: Shape (n_splits, n_models).
        task_of: Shape (n_splits,), number of each split's task, 0..n_tasks-1.
        seed: Seed of `portable.random_words`.
        rounds: Pairs of draws per n. A round orders the splits of each task by their words of stream `ORDERS`.
    """
    members = [np.flatnonzero(task_of == task) for task in range(int(task_of.max()) + 1)]
    most = min(len(rows) for rows in members) // 2

    words = random_words(seed, ORDERS, rounds, len(task_of))

    def half(drawn: list[IntArray], start: int, stop: int) -> FloatArray:
        mean: FloatArray = ranks[np.concatenate([rows[start:stop] for rows in drawn])].mean(axis=0)
        return mean

    def halves(n: int) -> list[tuple[FloatArray, FloatArray]]:
        orders = ([rows[np.argsort(word[rows], kind="stable")] for rows in members] for word in words)
        return [(half(drawn, 0, n), half(drawn, n, 2 * n)) for drawn in orders]

    return _stability([(n, halves(n)) for n in _sizes(most)])


def needed(stability: pd.DataFrame) -> int | None:
    """The least n whose mean tau is at least `STABLE`; None where none is."""
    enough = stability[stability["mean_tau"] >= STABLE]
    return int(enough["n"].min()) if len(enough) else None


def _sizes(most: int) -> list[int]:
    return sorted({int(n) for n in np.linspace(1, most, min(most, MOST_SIZES)).round()}) if most else []


def _stability(drawn: list[tuple[int, list[tuple[FloatArray, FloatArray]]]]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for n, pairs in drawn:
        taus = paired_taus(*(np.array(side) for side in zip(*pairs, strict=True)))
        taus = taus[~np.isnan(taus)]
        if len(taus):
            rows.append((n, float(taus.mean()), float(np.quantile(taus, 0.05))))
    return pd.DataFrame(rows, columns=["n", "mean_tau", "low_tau"])
