"""Make a task of a bare table: kinds from the columns, the type from the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.counted import counted
from tabbench.data.tables import kind_of, level_numbers, typed_column
from tabbench.errors import DataError, UnknownNameError
from tabbench.task import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    Column,
    ColumnKind,
    DatasetCard,
    Origin,
    Role,
    SplitKind,
    SplitRule,
    Task,
    TaskType,
    primary_metric,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

FEW_NUMBERS = 20
"""A target of so many whole numbers or fewer may be meant as classes."""
SPLIT_OF_ROLE = {Role.TIME: SplitKind.TEMPORAL, Role.GROUP: SplitKind.GROUPED}


class TargetType(NamedTuple):
    """A task type, and what to tell the user where another could have been meant."""

    type: TaskType
    remark: str = ""


def infer_type(values: pd.Series) -> TargetType:
    """What a target is, from its values: two are binary, text is multiclass, numbers are regression.

    Args:
        values: The target as it stands in the file; gaps don't count.

    Raises:
        DataError: If it holds fewer than two values, or dates.
    """
    kind = kind_of(values)
    if kind is ColumnKind.DATE:
        raise DataError(f"The target {values.name!r} holds dates. Make it a number (days since …) or classes.")
    n_values = values.nunique()
    if n_values < 2:
        raise DataError(
            f"The target {values.name!r} holds {counted(n_values, 'distinct value')}; there is nothing to predict."
        )
    if n_values == 2:
        return TargetType(BINARY)
    if kind is ColumnKind.CATEGORICAL:
        return TargetType(MULTICLASS)
    if n_values <= FEW_NUMBERS and (values.dropna() % 1 == 0).all():
        return TargetType(
            REGRESSION,
            f"The target {values.name!r} holds {n_values} whole numbers and was taken as regression. If they are "
            f"classes, write a card: tabbench data add FILE --target {values.name} --type multiclass",
        )
    return TargetType(REGRESSION)


def infer_task(
    frame: pd.DataFrame,
    name: str,
    target: str,
    content_hash: str,
    roles: Mapping[str, Role] | None = None,
    task_type: TaskType | None = None,
) -> Task:
    """A task on a table that nobody has described.

    Args:
        frame: As read from its file.
        name: The task's name.
        target: A column.
        content_hash: Of the frame.
        roles: Columns that are neither features nor the target; a time makes splits temporal, a group grouped.
        task_type: Instead of the one that the target suggests.

    Raises:
        UnknownNameError: If there is no such column.
        DataError: If the target cannot be predicted.
    """
    roles = roles or {}
    for column in (target, *roles):
        if column not in frame.columns:
            hint = "Columns are parted by commas in .csv, by tabs in .tsv." if len(frame.columns) == 1 else ""
            raise UnknownNameError("column", column, map(str, frame.columns), where=name, hint=hint)
    if target in roles:
        raise DataError(f"{name}: column {target!r} is the target and cannot be {roles[target]} as well.")
    found = infer_type(frame[target])
    task_type = task_type or found.type
    _check_type(frame[target], task_type, name)
    kinds = {column: kind_of(frame[column]) for column in frame.columns}
    kinds[target] = ColumnKind.NUMERIC if task_type is REGRESSION else ColumnKind.CATEGORICAL
    columns = measured_columns(frame, kinds, {**roles, target: Role.TARGET})
    stem = name.partition("::")[0].rpartition("/")[2].removeprefix("file:").rpartition(".")[0]
    dataset = DatasetCard(
        name=stem,
        version=1,
        title=f"{stem}: {target}",
        columns=columns,
        n_rows=len(frame),
        content_hash=content_hash,
        source="a local file",
        licence="unknown",
        origin=Origin.UNKNOWN,
        family=stem,
        traps=(found.remark,) if found.remark and task_type is REGRESSION else (),
    )
    classes = () if task_type is REGRESSION else level_numbers(typed_column(frame[target], ColumnKind.CATEGORICAL))[1]
    return Task(name, dataset, target, task_type, primary_metric(task_type), _rule(roles), classes)


def measured_columns(
    frame: pd.DataFrame, kinds: Mapping[str, ColumnKind], roles: Mapping[str, Role]
) -> tuple[Column, ...]:
    """A table's columns in order, with missing values and levels counted."""
    columns = []
    for name, kind in kinds.items():
        n_levels = int(frame[name].nunique()) if kind is ColumnKind.CATEGORICAL else 0
        columns.append(Column(name, kind, roles.get(name, Role.FEATURE), int(frame[name].isna().sum()), n_levels))
    return tuple(columns)


def _check_type(target: pd.Series, task_type: TaskType, name: str) -> None:
    n_values = target.nunique()
    if task_type is BINARY and n_values != 2:
        raise DataError(f"{name}: a binary target holds two values, {target.name!r} holds {n_values}.")
    if task_type is REGRESSION:
        typed = typed_column(target, ColumnKind.NUMERIC)
        if np.isnan(typed.to_numpy()).all():
            raise DataError(f"{name}: the target {target.name!r} holds no number.")


def _rule(roles: Mapping[str, Role]) -> SplitRule:
    kinds = [SPLIT_OF_ROLE[role] for role in (Role.TIME, Role.GROUP) if role in roles.values()]
    return SplitRule(kinds[0]) if kinds else SplitRule()
