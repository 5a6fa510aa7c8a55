"""Cut a typed table into what a task calls features, target, time and group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.errors import DataError
from tabbench.task import REGRESSION, Array, FloatArray, IntArray, Role, Split, Task, TaskData

if TYPE_CHECKING:
    import pandas as pd

N_SHOWN = 10
HELD = (Role.TARGET, Role.TIME, Role.GROUP)
"""Roles of columns that every row must have, and that no model sees."""


def cut_roles(task: Task, typed: pd.DataFrame) -> TaskData:
    """A task with its table in memory.

    Args:
        task: Its card says each column's role.
        typed: The card's columns in the one form of `tables.typed_frame`.

    Raises:
        DataError: If the target, time or group has gaps, or the classes are not those of the card.
    """
    return with_roles(task, typed[[column.name for column in task.features]], typed)


def with_roles(
    task: Task, features: pd.DataFrame, held: pd.DataFrame, splits: tuple[Split, ...] | None = None
) -> TaskData:
    """A task with its table in memory, from columns that are cut already.

    Args:
        task: Its card says each column's role.
        features: The features, in order.
        held: At least the target, the time and the group.
        splits: Row numbers that came with the task.

    Raises:
        DataError: If the target, time or group has gaps, or the classes are not those of the card.
    """
    columns = {role: [c.name for c in task.dataset.columns if c.role is role] for role in HELD}
    for name in (name for names in columns.values() for name in names):
        if held[name].isna().any():
            raise DataError(gap_words(task.name, name, held[name]))
    return TaskData(
        task=task,
        X=features,
        y=_target(task, held[task.target]),
        time=_numbers(held[columns[Role.TIME][0]]) if columns[Role.TIME] else None,
        group=_group(held[columns[Role.GROUP][0]]) if columns[Role.GROUP] else None,
        splits=splits,
    )


def gap_words(task: str, column: str, values: pd.Series) -> str:
    """Which rows lack a value that every row must have, as a message."""
    rows = np.flatnonzero(values.isna().to_numpy())
    shown = ", ".join(str(row) for row in rows[:N_SHOWN]) + (", …" if len(rows) > N_SHOWN else "")
    mend = "Take them out of the table, or fill them in."
    if task.endswith(f"::{column}"):  # a file, and its target
        mend += f" Or have them left out: tabbench data add FILE --target {column} --drop-rows-without-target"
    return (
        f"Column {column!r} of {task} has gaps in {len(rows):,} of {len(values):,} rows ({shown}; the first row is 0); "
        f"rows without it belong to no split. {mend}"
    )


def _target(task: Task, values: pd.Series) -> Array:
    if task.type is REGRESSION:
        return values.to_numpy(dtype=np.float64)
    if tuple(values.cat.categories) != task.classes:
        raise DataError(f"{task.name} has the classes {[*values.cat.categories]}, its card says {[*task.classes]}.")
    return values.cat.codes.to_numpy().astype(np.int64)


def _numbers(values: pd.Series) -> FloatArray:
    """Time as float64: seconds since 1970 for dates, numbers as they are."""
    if values.dtype.kind == "M":
        return values.to_numpy().astype("datetime64[us]").astype(np.int64) / 1e6
    return values.to_numpy(dtype=np.float64)


def _group(values: pd.Series) -> IntArray:
    """Groups numbered 0..k-1 in the order of their names, numbers or dates."""
    if values.dtype.kind in "fM":
        return np.unique(values.to_numpy(), return_inverse=True)[1].astype(np.int64)
    return values.cat.codes.to_numpy().astype(np.int64)
