"""Apply the modifiers of a task to its table, and to the rows of one split."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tabbench.data.modifiers.columns import add_noise_columns, blank_cells, shuffle_columns
from tabbench.data.modifiers.labels import spoil_labels
from tabbench.data.modifiers.names import Stage, parse_modifier
from tabbench.data.modifiers.numbers import gaussianise, monotone, rotate
from tabbench.data.modifiers.roles import give_role
from tabbench.data.modifiers.rows import keep_rows
from tabbench.data.tables import kind_of, with_columns
from tabbench.errors import DataError
from tabbench.task import Column, ColumnKind, Role, Task, TaskData

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from tabbench.data.modifiers.names import Modifier
    from tabbench.task import IntArray

TABLE_CHANGES: dict[str, Callable[[TaskData, Modifier], TaskData]] = {
    "rows": keep_rows,
    "noise_columns": add_noise_columns,
    "missing": blank_cells,
    "shuffle_columns": shuffle_columns,
}
SPLIT_CHANGES: dict[str, Callable[[TaskData, IntArray, Modifier], TaskData]] = {
    "rotate": rotate,
    "gaussianise": gaussianise,
    "monotone": monotone,
    "label_noise": spoil_labels,
}


def describe_modified(task: Task, modifiers: Sequence[Modifier]) -> Task:
    """A task under its modified name, if no table is needed for that.

    Args:
        task: As its source has it.
        modifiers: Of roles and of the split; one of the table changes what the card says of rows and columns.

    Raises:
        UnknownNameError: If a column that is to have a role does not exist.
        DataError: If a column cannot have its role, or numeric features that a modifier changes are lacking.
    """
    for modifier in modifiers:
        if modifier.kind.stage is Stage.ROLES:
            task = give_role(task, modifier)
        n_numeric = sum(c.kind is ColumnKind.NUMERIC for c in task.features)
        if n_numeric < modifier.kind.least_numeric:
            raise DataError(
                f"{task.name} has {n_numeric} numeric features, ~{modifier.name} needs {modifier.kind.least_numeric}."
            )
    texts = tuple(modifier.text for modifier in modifiers)
    return replace(task, name="~".join([task.name, *texts]), modifiers=(*task.modifiers, *texts))


def modify_table(data: TaskData, modifiers: Sequence[Modifier]) -> TaskData:
    """A task under its modified name, with the changes of the table applied in order.

    Raises:
        DataError: If the task cannot be changed so.
    """
    for modifier in modifiers:
        task = describe_modified(data.task, [modifier])
        if modifier.kind.stage is Stage.TABLE:
            data = TABLE_CHANGES[modifier.name](data, modifier)
            X = _without_unused_levels(data.X)
            columns = _columns(data.task, X)
            dataset = replace(data.task.dataset, columns=columns)
            task = replace(data.task, name=task.name, modifiers=task.modifiers, dataset=dataset)
            data = replace(data, X=X)
        data = replace(data, task=task)
    return data


def on_split(data: TaskData, train: IntArray) -> TaskData:
    """The table as it is for one split: fitted on the split's train rows, applied to all rows.

    Args:
        data: With the changes of the table applied.
        train: Row numbers of the whole train part, valid among them.

    Raises:
        DataError: If the task cannot be changed so.
    """
    modifiers = [parse_modifier(text, data.task.name) for text in data.task.modifiers]
    of_split = [modifier for modifier in modifiers if modifier.kind.stage is Stage.SPLIT]
    for modifier in of_split:
        data = SPLIT_CHANGES[modifier.name](data, train, modifier)
    if not of_split:
        return data
    dataset = replace(data.task.dataset, columns=_columns(data.task, data.X))
    return replace(data, task=replace(data.task, dataset=dataset))


def _columns(task: Task, X: pd.DataFrame) -> tuple[Column, ...]:
    """The card's columns after a change: features as X has them, in the places of features, new ones behind."""
    names = iter(str(name) for name in X.columns)
    columns = [_measured(next(names), X) if c.role is Role.FEATURE else c for c in task.dataset.columns]
    return (*columns, *(_measured(name, X) for name in names))


def _measured(name: str, X: pd.DataFrame) -> Column:
    kind = kind_of(X[name])
    n_levels = int(X[name].nunique()) if kind is ColumnKind.CATEGORICAL else 0
    return Column(name, kind, Role.FEATURE, int(X[name].isna().sum()), n_levels)


def _without_unused_levels(X: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in X.columns if kind_of(X[name]) is ColumnKind.CATEGORICAL]
    return with_columns(X, {name: X[name].cat.remove_unused_categories() for name in names})
