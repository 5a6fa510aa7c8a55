"""From the errors of a store to what the pages say of each model: over all tasks, and task by task."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from tabbench_leaderboard.pages import SplitError, Standing, TaskResult

from tabbench.ranking.averages import task_means
from tabbench.ranking.imputation import impute
from tabbench.ranking.leaderboard import leaderboard
from tabbench.ranking.ranks import split_ranks
from tabbench.ranking.table import error_table

if TYPE_CHECKING:
    import pandas as pd

IMPUTATION = "Where a model has no error on a split, that of the constant predictor on the same split stands in."
"""The rule of `Imputation.CONSTANT`, in words."""


def standings_of(errors: pd.DataFrame) -> tuple[tuple[Standing, ...], tuple[str, ...]]:
    """The leaderboard of every regime, as `tabbench rank` prints it, and what is to be said beside it.

    Args:
        errors: As `read_errors` gives them.
    """
    board = leaderboard(errors)
    rows = tuple(_standing(row) for row in board.table.to_dict("records"))
    return rows, board.notices


def _standing(row: dict[Any, Any]) -> Standing:
    return Standing(
        model=str(row["model"]),
        regime=str(row["regime"]),
        mean_rank=number(row["mean_rank"]),
        normalised_score=number(row["normalised_score"]),
        win_rate=number(row["win_rate"]),
        fit_seconds=number(row["fit_seconds"]),
        predict_seconds=number(row["predict_seconds"]),
        search_seconds=number(row["search_seconds"]),
        n_finished=int(row["n_tasks_finished"]),
        imputed_share=number(row["imputed_share"]),
    )


def results_of(errors: pd.DataFrame, *, is_ranked: bool = True) -> tuple[TaskResult, ...]:
    """Every model on every task under every regime, best first.

    A rank is the mean of the ranks on the task's splits in the same pool, with the same rule for gaps, as the mean
    rank of the leaderboard is made of.

    Args:
        errors: As `read_errors` gives them.
        is_ranked: False for smoke tasks, which have no ranks.
    """
    found: list[TaskResult] = []
    for regime, pool in errors.groupby("regime", sort=True):
        ranks = _task_ranks(pool) if is_ranked else {}
        splits = sorted(set(zip(pool["task"], pool["repeat"], pool["fold"], strict=True)))
        for (model, task), rows in pool.groupby(["model", "task"], sort=True):
            by_split = {(r["repeat"], r["fold"]): number(r["error"]) for r in rows.to_dict("records")}
            on_task = [(int(repeat), int(fold)) for name, repeat, fold in splits if name == task]
            found.append(_result(str(model), str(task), str(regime), rows, [(s, by_split.get(s)) for s in on_task],
                                 ranks.get((str(task), str(model)))))  # fmt: skip
    return tuple(sorted(found, key=_place))


def _place(result: TaskResult) -> tuple[str, str, float, float, str]:
    """What orders results: rank where there is one, then error, then name."""
    rank, error = (math.inf if value is None else value for value in (result.rank, result.error))
    return result.task, result.regime, rank, error, result.model


def _result(
    model: str,
    task: str,
    regime: str,
    rows: pd.DataFrame,
    errors: list[tuple[tuple[int, int], float | None]],
    rank: float | None,
) -> TaskResult:
    finished = rows[rows["error"].notna()]
    known = [error for _, error in errors if error is not None]
    is_whole = len(known) == len(errors)
    return TaskResult(
        model=model,
        task=task,
        regime=regime,
        error=float(np.mean(known)) if is_whole else None,
        rank=rank,
        splits=tuple(SplitError(repeat, fold, error) for (repeat, fold), error in errors),
        fit_seconds=number(finished["fit_seconds"].mean()),
        predict_seconds=number(finished["predict_seconds"].mean()),
        is_imputed=rank is not None and not is_whole,
    )


def _task_ranks(pool: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Mean rank over a task's splits by (task, model), of the entrants and splits that are ranked."""
    table = impute(error_table(pool)).table
    if not len(table.errors) or not table.models:
        return {}
    means = task_means(split_ranks(table.errors), table.task_of)
    return {
        (table.tasks[task], model): float(means[task, place])
        for task in np.unique(table.task_of)
        for place, model in enumerate(table.models)
    }


def number(value: Any) -> float | None:
    """A float of the standard library; None for a missing one.

    >>> number(np.float64(0.5)), number(float("nan")), number(None)
    (0.5, None, None)
    """
    return None if value is None or math.isnan(value) else float(value)
