"""Rank models over tasks: from tidy errors to the leaderboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.averages import task_means
from tabbench.ranking.imputation import Imputation, impute
from tabbench.ranking.ranks import mean_ranks
from tabbench.ranking.scores import normalised_scores, win_rates
from tabbench.ranking.table import SPLIT_COLUMNS, check_errors, error_table

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.ranking.table import ErrorTable
    from tabbench.task import Array, FloatArray

TIME_COLUMNS = ("fit_seconds", "predict_seconds", "search_seconds")
FEWEST_TASKS = 10
"""Under this a ranking is a demonstration."""


class Leaderboard(NamedTuple):
    """A ranking with what must be said beside it.

    Attributes:
        table: One row a model and regime, best first inside a regime, entrants that are not ranked last:
            `model regime mean_rank win_rate normalised_score n_tasks n_tasks_finished imputed_share fit_seconds
            predict_seconds search_seconds is_ranked`. NaN where there is no number.
        notices: A sentence each: how many tasks, who is not ranked, what was left out.
    """

    table: pd.DataFrame
    notices: tuple[str, ...]


def leaderboard(
    errors: pd.DataFrame, impute_by: Imputation = Imputation.CONSTANT, constant: str = "constant"
) -> Leaderboard:
    """Rank the models of each regime; the entrants of one regime are one pool, one entrant a model.

    Ranks, scores and wins are taken per split, averaged over a task's splits, then over tasks. Seconds are the median
    over tasks of the task's mean over the splits that a model finished, on a shared machine.

    Args:
        errors: One row a model, regime and split, with `model regime task repeat fold error` and, where known,
            `fit_seconds predict_seconds search_seconds` and `protocol_id source_hash task_hash splits_hash`.
            An error is lower-is-better; NaN, or no row, is a gap.
        impute_by: What stands for a missing error.
        constant: Name of the constant predictor.

    Raises:
        DataError: If rows must not stand in one ranking: see `table.check_errors`.
    """
    import pandas as pd

    check_errors(errors)
    boards = [_pool_board(pool, str(name), impute_by, constant) for name, pool in errors.groupby("regime", sort=True)]
    if not boards:
        return Leaderboard(_frame([], "", {}), ("There is nothing to rank.",))
    table = pd.concat([board.table for board in boards], ignore_index=True)
    return Leaderboard(table, tuple(dict.fromkeys(notice for board in boards for notice in board.notices)))


def _pool_board(pool: pd.DataFrame, regime: str, rule: Imputation, constant: str) -> Leaderboard:
    table = error_table(pool)
    whole = impute(table, rule, constant)
    n_ranked_tasks = len(np.unique(whole.table.task_of)) if whole.table.models else 0
    columns: dict[str, Array] = {}
    scored = whole.table.errors, whole.table.task_of
    for name, function in (("mean_rank", mean_ranks), ("win_rate", win_rates), ("normalised_score", normalised_scores)):
        values = function(*scored) if n_ranked_tasks else np.full(len(whole.table.models), np.nan)
        columns[name] = _spread(values, whole.table.models, table.models)
    columns["n_tasks"] = np.full(len(table.models), len(table.tasks))
    columns["n_tasks_finished"] = table.n_tasks_finished
    columns["imputed_share"] = whole.imputed_share
    columns |= {name: _seconds(pool, name, table) for name in TIME_COLUMNS}
    columns["is_ranked"] = ~np.isnan(columns["mean_rank"])
    board = _frame(table.models, regime, columns).sort_values(["mean_rank", "model"], ignore_index=True)
    notices = tuple(f"{regime}: {notice}" for notice in whole.notices)
    if not n_ranked_tasks:
        notices += (f"{regime}: nobody could be ranked.",)
    elif n_ranked_tasks < FEWEST_TASKS:
        notices += (f"Ranked over {n_ranked_tasks} task{'s' * (n_ranked_tasks != 1)}: a demonstration, not evidence.",)
    return Leaderboard(board, notices)


def _frame(models: tuple[str, ...] | list[str], regime: str, columns: dict[str, Array]) -> pd.DataFrame:
    import pandas as pd

    names = ("mean_rank", "win_rate", "normalised_score", "n_tasks", "n_tasks_finished", "imputed_share")
    empty: dict[str, Array] = {name: np.empty(0) for name in (*names, *TIME_COLUMNS, "is_ranked")}
    return pd.DataFrame({"model": list(models), "regime": [regime] * len(models), **(columns or empty)})


def _spread(values: FloatArray, ranked: tuple[str, ...], models: tuple[str, ...]) -> FloatArray:
    """Values of the ranked entrants among all, NaN for the others."""
    spread = np.full(len(models), np.nan)
    spread[[models.index(name) for name in ranked]] = values
    return spread


def _seconds(pool: pd.DataFrame, name: str, table: ErrorTable) -> FloatArray:
    """Median over tasks of the task's mean, over finished splits; NaN where nothing was timed."""
    if name not in pool:
        return np.full(len(table.models), np.nan)
    finished = pool[pool["error"].notna()]
    wide = finished.pivot(index=SPLIT_COLUMNS, columns="model", values=name)
    wide = wide.reindex(columns=list(table.models)).sort_index()
    tasks = np.unique(wide.index.get_level_values("task").to_numpy().astype(str), return_inverse=True)[1]
    means = task_means(wide.to_numpy(dtype=np.float64, na_value=np.nan), tasks.astype(np.int64))
    return np.array([np.median(m[~np.isnan(m)]) if (~np.isnan(m)).any() else np.nan for m in means.T])
