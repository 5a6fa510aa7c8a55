"""Errors from any long table, one row a model, task and split: its columns named, its faults reported by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

REGIME = "given"
"""The regime of all rows of a table that came from elsewhere: they are one pool."""
MOST_SHOWN = 5


@dataclass(frozen=True)
class Columns:
    """Which column of a long table holds what; an empty name is a column that the table lacks.

    Attributes:
        task: Name of the task.
        model: Name of the entrant.
        error: Its error; higher is worse unless `is_higher_better`.
        split: The split of the task; without it a task has one.
        time: Seconds of fitting.
        imputed: Whether the error is another's, put in for a missing one.
        metric: Name of the metric; a task may have one.
        is_higher_better: Whether `error` holds a score, of which the negative is taken.
    """

    task: str
    model: str
    error: str
    split: str = ""
    time: str = ""
    imputed: str = ""
    metric: str = ""
    is_higher_better: bool = False


class TidyErrors(NamedTuple):
    """What `leaderboard` takes, and what is to be said of it.

    Attributes:
        errors: One row a model and split: `model regime task repeat fold error`, and where the table has them
            `fit_seconds` and `is_imputed`.
        notices: Gaps, a sentence each.
    """

    errors: pd.DataFrame
    notices: tuple[str, ...]


def tidy_errors(frame: pd.DataFrame, columns: Columns) -> TidyErrors:
    """The errors of a long table.

    Args:
        frame: One row a model, task and split; rows are called by their number, from 1.
        columns: What its columns hold.

    Raises:
        UnknownNameError: If it has no such column, with the nearest one.
        DataError: If a task, model or split is missing, an error is no number or infinite, a (task, split, model) has
            two rows, or a task has two metrics; with the rows.
    """
    import pandas as pd

    _check_columns(frame, columns)
    made = pd.DataFrame({
        "model": _names(frame, columns.model, "model"), "regime": REGIME,
        "task": _names(frame, columns.task, "task"), "repeat": 0,
        "fold": _split_names(frame, columns.split), "error": numbers_in(frame, columns.error),
    })  # fmt: skip
    if columns.is_higher_better:
        made["error"] = -made["error"]
    if columns.time:
        made["fit_seconds"] = numbers_in(frame, columns.time)
    if columns.imputed:
        made["is_imputed"] = _flags(frame, columns.imputed)
    _check_twice(made)
    if columns.metric:
        _check_metrics(frame, columns)
    return TidyErrors(made, _gaps(made))


def _check_columns(frame: pd.DataFrame, columns: Columns) -> None:
    wanted = {"--task-column": columns.task, "--model-column": columns.model, "--error-column": columns.error,
              "--split-column": columns.split, "--time-column": columns.time, "--imputed-column": columns.imputed,
              "--metric-column": columns.metric}  # fmt: skip
    for option, name in wanted.items():
        if name and name not in frame:
            raise UnknownNameError("column", name, map(str, frame.columns), where=f"{option}, of the table's")


def _names(frame: pd.DataFrame, column: str, what: str) -> NDArray[np.object_]:
    values = frame[column]
    if values.isna().any():
        raise DataError(f"Column {column!r} names no {what} in {_rows(values.isna().to_numpy())}.")
    return values.astype(str).to_numpy(dtype=object)


def _split_names(frame: pd.DataFrame, column: str) -> pd.Series | int:
    """Numbers stay numbers, so that split 10 follows split 9."""
    import pandas as pd

    if not column:
        return 0
    names = _names(frame, column, "split")
    return frame[column] if pd.api.types.is_numeric_dtype(frame[column]) else pd.Series(names, index=frame.index)


def numbers_in(frame: pd.DataFrame, column: str) -> pd.Series:
    """A column as numbers, NaN where a cell is empty.

    Raises:
        DataError: If it holds text or an infinite number, with the rows.
    """
    import pandas as pd

    values = frame[column]
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    is_text = (numbers.isna() & values.notna()).to_numpy()
    if is_text.any():
        raise DataError(
            f"Column {column!r} holds no number but {str(values[is_text].iloc[0])!r} in {_rows(is_text)}. "
            "Leave the cell empty where there is none."
        )
    is_infinite = np.isinf(numbers.to_numpy())
    if is_infinite.any():
        raise DataError(
            f"Column {column!r} is infinite in {_rows(is_infinite)}. Leave the cell empty where there is no number."
        )
    return numbers


def _flags(frame: pd.DataFrame, column: str) -> NDArray[np.bool_]:
    """True and false, as booleans, numbers or words; an empty cell is false."""
    words = frame[column].astype(object).where(frame[column].notna(), False).astype(str).str.strip().str.lower()
    is_true = words.isin(["true", "1", "1.0", "yes"]).to_numpy()
    is_odd = ~is_true & ~words.isin(["false", "0", "0.0", "no", "", "none"]).to_numpy()
    if is_odd.any():
        raise DataError(f"Column {column!r} says neither true nor false in {_rows(is_odd)}: {words[is_odd].iloc[0]!r}.")
    flags: NDArray[np.bool_] = is_true
    return flags


def _check_twice(made: pd.DataFrame) -> None:
    keys = ["task", "fold", "model"]
    is_twice = made.duplicated(keys, keep=False).to_numpy()
    if is_twice.any():
        first = made.loc[is_twice, keys].iloc[0]
        same = is_twice & (made[keys] == first).all(axis=1).to_numpy()
        n_more = int(made.duplicated(keys).sum())
        raise DataError(
            f"A model has two errors on one split: {_rows(same)} are all task {first['task']!r}, split "
            f"{first['fold']}, model {first['model']!r}; {n_more} rows are too many in all. Name the column that "
            "tells them apart (--split-column), or drop them."
        )


def _check_metrics(frame: pd.DataFrame, columns: Columns) -> None:
    kinds = frame[[columns.task, columns.metric]].drop_duplicates()
    mixed = kinds[kinds.duplicated(columns.task, keep=False)]
    if len(mixed):
        task = mixed[columns.task].iloc[0]
        names = sorted(map(str, mixed.loc[mixed[columns.task] == task, columns.metric]))
        is_rare = (frame[columns.task] == task) & (frame[columns.metric].astype(str) == names[-1])
        raise DataError(
            f"Errors by different metrics are never ranked together: task {task} has {', '.join(names)} "
            f"({names[-1]} in {_rows(is_rare.to_numpy())}); {mixed[columns.task].nunique()} such tasks."
        )


def _gaps(made: pd.DataFrame) -> tuple[str, ...]:
    """Who lacks how many splits of those that anybody has."""
    n_splits = len(made[["task", "fold"]].drop_duplicates())
    present = made[made["error"].notna()].groupby("model").size()
    lacking = {str(model): n_splits - int(present.get(model, 0)) for model in sorted(made["model"].unique())}
    words = [f"{model} {n}" for model, n in lacking.items() if n]
    if not words:
        return ()
    return (f"Gaps, of {n_splits} splits: {_some(words)}.",)


def _rows(which: NDArray[np.bool_]) -> str:
    numbers = [str(i + 1) for i in np.flatnonzero(which)]
    return f"row{'s' * (len(numbers) > 1)} {_some(numbers)}"


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:MOST_SHOWN]) + (f" and {len(words) - MOST_SHOWN} more" if len(words) > MOST_SHOWN else "")
