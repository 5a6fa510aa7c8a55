"""`~time=COLUMN` and `~group=COLUMN`: say what orders or groups the rows of a task whose source does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tabbench.data.inference import SPLIT_OF_ROLE
from tabbench.errors import DataError, UnknownNameError
from tabbench.task import ColumnKind, Role, SplitRule, Task

if TYPE_CHECKING:
    from tabbench.data.modifiers.names import Modifier
    from tabbench.task import Column


def give_role(task: Task, modifier: Modifier) -> Task:
    """The task with a column as its time or group: no feature any more, and what its splits follow.

    The splits are those of our rule for the role; what came with the task is left out, since it was dealt without
    regard to the column.

    Raises:
        UnknownNameError: If the task has no such column.
        DataError: If the column cannot order or group the rows, or the task is split by another one.
    """
    role = Role(modifier.name)
    columns = {column.name: column for column in task.dataset.columns if column.role is not Role.TARGET}
    if modifier.column not in columns:
        raise UnknownNameError("column", modifier.column, columns, where=f"~{modifier.text} of {task.name}")
    for other in columns.values():
        if other.role in SPLIT_OF_ROLE:
            raise DataError(
                f"{task.name} is split by its {other.role} {other.name!r}, so ~{modifier.text} cannot be: a task is "
                "split by one column. Write a card for other splits: tabbench data add FILE --target COLUMN."
            )
    _check(task, columns[modifier.column], role)
    given = [replace(c, role=role) if c.name == modifier.column else c for c in task.dataset.columns]
    ruled = task.with_splits(SplitRule(SPLIT_OF_ROLE[role]))
    return replace(ruled, dataset=replace(task.dataset, columns=tuple(given)))


def _check(task: Task, column: Column, role: Role) -> None:
    """Refuse what the card shows to be no use."""
    told = f"{task.name}: column {column.name!r} cannot be the {role}"
    if column.n_missing:
        raise DataError(f"{told}: it is missing in {column.n_missing:,} rows, which would belong to no split.")
    if role is Role.TIME and column.kind is ColumnKind.CATEGORICAL:
        raise DataError(f"{told}: it holds categories, which have no order. Take a column of numbers or dates.")
    if role is Role.GROUP and column.n_levels == task.dataset.n_rows:
        raise DataError(f"{told}: every row has a value of its own, so it groups nothing.")
