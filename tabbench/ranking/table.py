"""One pool of entrants as arrays: errors by split and model, from a tidy frame that is checked first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tabbench.errors import DataError
from tabbench.ranking.averages import mean_over_tasks

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from tabbench.task import FloatArray, IntArray

    BoolArray = NDArray[np.bool_]

SPLIT_COLUMNS = ["task", "repeat", "fold"]
NEEDED_COLUMNS = ["model", "regime", *SPLIT_COLUMNS, "error"]
MOST_SHOWN = 5


@dataclass(frozen=True, eq=False)
class ErrorTable:
    """Errors of one pool.

    Attributes:
        models: Entrants in alphabetical order.
        tasks: Task names in alphabetical order.
        task_of: Shape (n_splits,), number of each split's task.
        errors: Shape (n_splits, n_models), lower is better; NaN where a model has none of its own.
        stand_ins: Shape (n_splits, n_models): errors that came marked as imputed, NaN elsewhere; None if none did.
    """

    models: tuple[str, ...]
    tasks: tuple[str, ...]
    task_of: IntArray
    errors: FloatArray
    stand_ins: FloatArray | None = None

    @property
    def missing_share(self) -> FloatArray:
        """Share of splits without an error, every task counting the same; shape (n_models,)."""
        return mean_over_tasks(np.isnan(self.errors).astype(np.float64), self.task_of)

    @property
    def n_tasks_finished(self) -> IntArray:
        """Tasks on which a model has an error on every split; shape (n_models,)."""
        gaps = np.zeros((len(self.tasks), len(self.models)), dtype=np.int64)
        np.add.at(gaps, self.task_of, np.isnan(self.errors))
        finished: IntArray = (gaps == 0).sum(axis=0)
        return finished

    def only(self, *, tasks: BoolArray | None = None, models: BoolArray | None = None) -> ErrorTable:
        """The part of some tasks or entrants; tasks are numbered anew.

        Args:
            tasks: Shape (n_tasks,).
            models: Shape (n_models,).
        """
        tasks = np.ones(len(self.tasks), dtype=bool) if tasks is None else tasks
        models = np.ones(len(self.models), dtype=bool) if models is None else models
        rows = tasks[self.task_of]
        return ErrorTable(
            tuple(name for name, keep in zip(self.models, models, strict=True) if keep),
            tuple(name for name, keep in zip(self.tasks, tasks, strict=True) if keep),
            (np.cumsum(tasks) - 1)[self.task_of[rows]],
            self.errors[rows][:, models],
            None if self.stand_ins is None else self.stand_ins[rows][:, models],
        )

    def dense(self) -> ErrorTable:
        """The same without tasks that have no splits."""
        return self.only(tasks=np.bincount(self.task_of, minlength=len(self.tasks)) > 0)


def error_table(pool: pd.DataFrame) -> ErrorTable:
    """Errors of one pool (one regime) as an array over all splits on which any entrant has a row.

    Args:
        pool: Tidy rows with `model task repeat fold error`, one a model and split, as `check_errors` has passed, and
            perhaps `is_imputed`: the error is another's.
    """
    wide = _by_split(pool, "error")
    names = wide.index.get_level_values("task").to_numpy()
    tasks, task_of = np.unique(names.astype(str), return_inverse=True)
    errors = wide.to_numpy(dtype=np.float64, na_value=np.nan)
    stand_ins = None
    if "is_imputed" in pool and pool["is_imputed"].any():
        is_given = _by_split(pool, "is_imputed").to_numpy(dtype=np.float64, na_value=0.0) > 0
        errors, stand_ins = np.where(is_given, np.nan, errors), np.where(is_given, errors, np.nan)
    return ErrorTable(
        models=tuple(str(name) for name in wide.columns),
        tasks=tuple(tasks.tolist()),
        task_of=task_of.astype(np.int64),
        errors=errors,
        stand_ins=stand_ins,
    )


def _by_split(pool: pd.DataFrame, column: str) -> pd.DataFrame:
    return pool.pivot(index=SPLIT_COLUMNS, columns="model", values=column).sort_index().sort_index(axis=1)


def check_errors(errors: pd.DataFrame) -> None:
    """Refuse rows that must not stand in one ranking.

    Raises:
        DataError: If a column is missing; a (model, regime, split) has two rows; an error is infinite; or rows mix
            protocols, versions of one model, or contents or splits of one task (looked at where the columns
            `protocol_id source_hash task_hash splits_hash` exist).
    """
    missing = [name for name in NEEDED_COLUMNS if name not in errors]
    if missing:
        raise DataError(f"The rows to rank lack the columns {missing}; they have {list(errors.columns)}.")
    if "protocol_id" in errors:
        _refuse_mixture(errors, [], "protocol_id", "`--protocol ID` takes one, `--latest` the last one run")
    if "source_hash" in errors:
        _refuse_mixture(errors, ["model"], "source_hash", "`--latest` takes the last one run of each model")
    for column in ("task_hash", "splits_hash"):
        if column in errors:
            _refuse_mixture(errors, ["task"], column, "`--latest` takes the last ones run of each task")
    is_twice = errors.duplicated(["model", "regime", *SPLIT_COLUMNS])
    if is_twice.any():
        raise DataError(f"{int(is_twice.sum())} rows stand twice: {_shown(errors, is_twice)}. Each may have one error.")
    is_infinite = np.isinf(errors["error"].to_numpy(dtype=np.float64, na_value=np.nan))
    if is_infinite.any():
        raise DataError(
            f"{int(is_infinite.sum())} errors are infinite: {_shown(errors, is_infinite)}. Write a missing one as NaN."
        )


def _shown(errors: pd.DataFrame, which: BoolArray | pd.Series) -> str:
    """The first few of some rows, in words."""
    rows = errors[which]
    words = [
        f"model {row['model']}, regime {row['regime']}, task {row['task']}, repeat {row['repeat']}, fold {row['fold']}"
        for row in rows.head(MOST_SHOWN).to_dict("records")
    ]
    return "; ".join(words) + (f"; and {len(rows) - MOST_SHOWN} more" if len(rows) > MOST_SHOWN else "")


def _refuse_mixture(errors: pd.DataFrame, by: list[str], column: str, choose: str) -> None:
    kinds = errors[[*by, column]].drop_duplicates()
    groups = [("", kinds)] if not by else [(f" of {by[0]} {name}", group) for name, group in kinds.groupby(by[0])]
    mixed = [f"{', '.join(sorted(map(str, group[column])))}{whose}" for whose, group in groups if len(group) > 1]
    if mixed:
        raise DataError(
            f"Rows of different {column} are never ranked together: {'; '.join(mixed[:5])}"
            f"{f'; and {len(mixed) - 5} more' if len(mixed) > 5 else ''}. Choose: {choose}."
        )
