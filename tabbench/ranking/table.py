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


@dataclass(frozen=True, eq=False)
class Layout:
    """Where each row of a tidy frame stands in arrays by split and model.

    Attributes:
        models: Entrants in alphabetical order.
        tasks: Task names in alphabetical order.
        task_of: Shape (n_splits,), number of each split's task; splits in the order of task, repeat, fold.
        split_of_row: Shape (n_rows,), number of a row's split.
        model_of_row: Shape (n_rows,), number of a row's model.
    """

    models: tuple[str, ...]
    tasks: tuple[str, ...]
    task_of: IntArray
    split_of_row: IntArray
    model_of_row: IntArray

    def wide(self, values: pd.Series) -> FloatArray:
        """A column of the frame as an array; shape (n_splits, n_models), NaN where there is no row or no value."""
        array = np.full((len(self.task_of), len(self.models)), np.nan)
        array[self.split_of_row, self.model_of_row] = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return array


def layout_of(pool: pd.DataFrame) -> Layout:
    """The layout of one pool: all splits on which any entrant has a row.

    Args:
        pool: Tidy rows with `model task repeat fold`, one a model and split, as `check_errors` has passed.
    """
    import pandas as pd

    model_of_row, models = pd.factorize(pool["model"].astype(str), sort=True)
    task_of_row, tasks = pd.factorize(pool["task"].astype(str), sort=True)
    numbers = task_of_row.astype(np.int64)
    for name in ("repeat", "fold"):
        codes, kinds = pd.factorize(pool[name], sort=True)
        numbers = numbers * max(len(kinds), 1) + codes
    _, first, split_of_row = np.unique(numbers, return_index=True, return_inverse=True)
    return Layout(
        tuple(models), tuple(tasks), task_of_row[first].astype(np.int64), split_of_row, model_of_row.astype(np.int64)
    )


def error_table(pool: pd.DataFrame, layout: Layout | None = None) -> ErrorTable:
    """Errors of one pool (one regime) as an array over all splits on which any entrant has a row.

    Args:
        pool: Tidy rows with `model task repeat fold error`, one a model and split, as `check_errors` has passed, and
            perhaps `is_imputed`: the error is another's.
        layout: Its layout, where that is known already.
    """
    layout = layout or layout_of(pool)
    errors, stand_ins = layout.wide(pool["error"]), None
    if "is_imputed" in pool and pool["is_imputed"].any():
        is_given = layout.wide(pool["is_imputed"]) > 0
        errors, stand_ins = np.where(is_given, np.nan, errors), np.where(is_given, errors, np.nan)
    return ErrorTable(layout.models, layout.tasks, layout.task_of, errors, stand_ins)


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
