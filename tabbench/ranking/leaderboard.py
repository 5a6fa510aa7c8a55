"""Rank models over tasks: from tidy errors to the leaderboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from tabbench.errors import UnknownNameError
from tabbench.ranking.aggregates import Aggregates, aggregates, ranked
from tabbench.ranking.averages import mean_over_tasks
from tabbench.ranking.entrants import FIRST_REGIME, entrant_name, entrant_named
from tabbench.ranking.imputation import impute
from tabbench.ranking.rules import FEWEST_TASKS, Pool, Rules
from tabbench.ranking.scores import split_improvability
from tabbench.ranking.table import check_errors, error_table, layout_of
from tabbench.ranking.times import TIME_COLUMNS, times_of

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.ranking.aggregates import Ranked
    from tabbench.ranking.uncertainty import Uncertainty
    from tabbench.task import Array, FloatArray

TASK_TYPES = ("binary", "multiclass", "regression")
ALL_REGIMES = "all"


class Leaderboard(NamedTuple):
    """A ranking with what must be said beside it.

    Attributes:
        table: One row a model and regime, best first inside a pool, entrants that are not ranked last: `model regime
            mean_rank elo elo_low elo_high win_rate …`, the columns of `COLUMNS`. NaN where there is no number.
        notices: A sentence each: how many tasks, who is not ranked, what was left out.
    """

    table: pd.DataFrame
    notices: tuple[str, ...]


class Intervals(Protocol):
    """What gives a ranked pool its intervals; asked only where there are families of tasks enough."""

    def families_of(self, pool: Ranked) -> list[str]:
        """Family of each task of a pool; related tasks, such as changed copies of one, share theirs."""
        ...

    def __call__(self, pool: Ranked, rules: Rules, found: Aggregates) -> Uncertainty | None:
        """The intervals of a pool of at least `FEWEST_TASKS` families; None where it says nothing of the spread."""
        ...


COLUMNS = (
    "model", "regime", "mean_rank", "elo", "elo_low", "elo_high", "rank_low", "rank_high", "groups",
    *Aggregates._fields[2:-1], *(f"improvability_{kind}" for kind in TASK_TYPES), "n_tasks", "n_tasks_finished",
    "imputed_share", *TIME_COLUMNS, "is_unbounded", "is_ranked", "pool",
)  # fmt: skip
"""Columns of a leaderboard, in order."""


def leaderboard(errors: pd.DataFrame, rules: Rules | None = None, intervals: Intervals | None = None) -> Leaderboard:
    """Rank the entrants of each pool: those of one regime, or of all.

    Ranks, scores and wins are taken per split, averaged over a task's splits, then over tasks. Seconds are the median
    over tasks of the task's mean over the splits that a model finished, on a shared machine.

    Args:
        errors: One row a model, regime and split, with `model regime task repeat fold error` and, where known,
            `fit_seconds predict_seconds search_seconds n_train n_test environment_id`, `task_type`, `has_space`,
            `is_imputed` and `protocol_id source_hash task_hash splits_hash`. An error is lower-is-better; NaN, or no
            row, is a gap.
        rules: The choices behind it; None for the defaults.
        intervals: What gives ratings their intervals; None for none.

    Raises:
        DataError: If rows must not stand in one ranking: see `table.check_errors`.
        UnknownNameError: If the rules name a model that has no rows.
    """
    import pandas as pd

    rules = rules or Rules()
    check_errors(errors)
    _check_names(errors, rules)
    boards = [_pool_board(name, pool, rules, intervals) for name, pool in pools_of(errors, rules.pool)]
    if not boards:
        return Leaderboard(pd.DataFrame({name: [] for name in COLUMNS}), ("There is nothing to rank.",))
    table = pd.concat([board.table for board in boards], ignore_index=True)
    return Leaderboard(table, tuple(dict.fromkeys(notice for board in boards for notice in board.notices)))


def pools_of(errors: pd.DataFrame, pool: Pool) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each pool by its name, with entrants' names as `model`.

    In a pool of all regimes an entrant is a model under a regime; a model without a space stands in it once.
    """
    if pool is Pool.REGIME:
        return [(str(regime), rows) for regime, rows in errors.groupby("regime", sort=True)]
    if not len(errors):
        return []
    if "has_space" in errors:
        errors = errors[errors["has_space"].astype(bool) | (errors["regime"] == FIRST_REGIME)]
    pairs = errors[["model", "regime"]].drop_duplicates()
    names = {pair: entrant_name(*pair) for pair in zip(pairs["model"], pairs["regime"], strict=True)}
    entrants = [names[pair] for pair in zip(errors["model"], errors["regime"], strict=True)]
    return [(ALL_REGIMES, errors.assign(model=entrants))]


def _check_names(errors: pd.DataFrame, rules: Rules) -> None:
    known = sorted(set(errors["model"].astype(str)))
    for name, where in ((rules.anchor, "--anchor"), (rules.reference, "--reference")):
        if name and known and entrant_named(known, name) is None and name.rpartition(" (")[0] not in known:
            raise UnknownNameError("model", name, known, where=f"{where}, among those to rank")


def _pool_board(regime: str, pool: pd.DataFrame, rules: Rules, intervals: Intervals | None) -> Leaderboard:
    layout = layout_of(pool)
    table = error_table(pool, layout)
    whole = impute(table, rules.impute, rules.constant, rules.reference_model)
    n_tasks = n_families = len(np.unique(whole.table.task_of)) if whole.table.models else 0
    columns: dict[str, Array] = {}
    notices = [f"{regime}: {notice}" for notice in whole.notices]
    if n_tasks:
        board = ranked(whole.table, rules)
        found = aggregates(board, rules)
        columns |= found._asdict() | _improvability_by_type(board, pool)
        notices += _rating_notices(board, rules, found, regime)
        n_families = n_tasks if intervals is None else len(set(intervals.families_of(board)))
        if intervals is not None and n_families >= FEWEST_TASKS and len(whole.table.models) > 1:
            sure = intervals(board, rules, found)
            columns |= {} if sure is None else sure._asdict()
    spread: dict[str, Array] = {
        name: _spread(values, whole.table.models, table.models) for name, values in columns.items()
    }
    spread |= times_of(pool, layout, entrant_named(table.models, rules.reference_model))
    spread["n_tasks"] = np.full(len(table.models), len(table.tasks))
    spread["n_tasks_finished"] = table.n_tasks_finished
    spread["imputed_share"] = whole.imputed_share
    framed = _frame(table.models, regime, pool, spread)
    if not n_tasks:
        notices.append(f"{regime}: nobody could be ranked.")
    elif n_families < FEWEST_TASKS:
        related = f" of {n_families} famil{'y' if n_families == 1 else 'ies'}" if n_families < n_tasks else ""
        notices.append(f"Ranked over {n_tasks} task{'s' * (n_tasks != 1)}{related}: a demonstration, not evidence.")
    return Leaderboard(framed, tuple(notices))


def _rating_notices(board: Ranked, rules: Rules, found: Aggregates, regime: str) -> list[str]:
    models, notices = board.table.models, []
    unbounded = [name for name, is_one in zip(models, found.is_unbounded, strict=True) if is_one]
    if unbounded:
        who = "anybody" if len(unbounded) == len(models) else ", ".join(unbounded)
        notices.append(f"{regime}: battles put no bound on the Elo of {who}; its size is the prior's work.")
    if rules.anchor and entrant_named(models, rules.anchor) is None:
        notices.append(f"{regime}: the anchor {rules.anchor} is not ranked; Elo has the mean of the bounded at 1000.")
    if (board.table.errors < 0).any():
        notices.append(
            f"{regime}: some errors are below zero, so that ratios of errors mean nothing: no improvability, no skill. "
            "Where the best possible score is known, give its distance to that as the error."
        )
    return notices


def _improvability_by_type(board: Ranked, pool: pd.DataFrame) -> dict[str, FloatArray]:
    """Improvability over the tasks of each type, where types are known."""
    if "task_type" not in pool or (board.table.errors < 0).any():
        return {}
    kinds = pool.drop_duplicates("task").set_index("task")["task_type"]
    kind_of = np.array([str(kinds[task]) for task in board.table.tasks])[board.table.task_of]
    shares = split_improvability(board.table.errors)
    return {
        f"improvability_{kind}": mean_over_tasks(shares[kind_of == kind], board.table.task_of[kind_of == kind])
        for kind in TASK_TYPES
        if (kind_of == kind).any()
    }


def _frame(models: tuple[str, ...], regime: str, pool: pd.DataFrame, columns: dict[str, Array]) -> pd.DataFrame:
    import pandas as pd

    if regime == ALL_REGIMES:
        regimes: list[str] = [name.rpartition(" (")[2].rstrip(")") for name in models]
        names: list[str] = [name.rpartition(" (")[0] for name in models]
    else:
        regimes, names = [regime] * len(models), list(models)
    frame = pd.DataFrame({"model": names, "regime": regimes, **columns, "pool": regime})
    frame["is_ranked"] = frame["mean_rank"].notna() if "mean_rank" in frame else False
    frame["is_unbounded"] = frame["is_unbounded"] == 1 if "is_unbounded" in frame else False
    frame["groups"] = frame.get("groups", "")
    frame = frame.reindex(columns=list(COLUMNS))
    return frame.sort_values(["mean_rank", "model", "regime"], ignore_index=True)


def _spread(values: Array, ranked_models: tuple[str, ...], models: tuple[str, ...]) -> Array:
    """Values of the ranked entrants among all, NaN for the others."""
    numbers: dict[Any, int] = {name: i for i, name in enumerate(models)}
    is_text = values.dtype == object
    spread: Array = np.full(len(models), "" if is_text else np.nan, dtype=object if is_text else np.float64)
    spread[[numbers[name] for name in ranked_models]] = values
    return spread
