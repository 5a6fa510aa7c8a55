"""Find tasks and suites by name.

::

    task = describe_task("bundled/penguins")   # from its card, no table opened
    data = load_task("bundled/penguins")       # with its table, checked against the card
    suite = load_suite("quickstart")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.cards import card_names, read_dataset_card, read_suite_card
from tabbench.errors import DataError, UnknownNameError
from tabbench.task import REGRESSION, Array, FloatArray, IntArray, Role, Suite, Task, TaskData

if TYPE_CHECKING:
    import pandas as pd

BUNDLED = "bundled/"


def known_tasks() -> list[str]:
    """Names of the tasks that need no network, sorted."""
    return [BUNDLED + name for name in card_names("cards")]


def known_suites() -> list[str]:
    """Names of the suites, sorted."""
    return card_names("suites")


def describe_task(name: str) -> Task:
    """A task from its card: no table is opened.

    Raises:
        UnknownNameError: If there is none of that name.
        DataError: If its card is faulty.
    """
    if name not in known_tasks():
        hint = "Tasks are named by source: bundled/NAME." if "/" not in name else ""
        raise UnknownNameError("task", name, known_tasks(), hint=hint)
    return read_dataset_card(name.removeprefix(BUNDLED)).task


def load_suite(name: str) -> Suite:
    """A suite from its card.

    Raises:
        UnknownNameError: If there is none of that name.
        DataError: If its card is faulty.
    """
    if name not in known_suites():
        raise UnknownNameError("suite", name, known_suites())
    return read_suite_card(name)


def load_task(name: str) -> TaskData:
    """A task with its table in memory.

    Raises:
        UnknownNameError: If there is none of that name.
        DataError: If the table is not the one that the card describes.
    """
    from tabbench.data.bundled import read_table

    task = describe_task(name)
    return task_data(task, read_table(read_dataset_card(task.dataset.name).table))


def task_data(task: Task, table: pd.DataFrame) -> TaskData:
    """A table cut into what a task calls features, target, time and group.

    Args:
        task: Its card says each column's kind and role.
        table: The rows as stored, at least the card's columns.

    Raises:
        DataError: If the rows differ from the card's hash, or the target, time or group has gaps.
    """
    from tabbench.data.tables import content_hash, typed_frame

    card = task.dataset
    typed = typed_frame(table, card.columns)
    found = content_hash(typed)
    if found != card.content_hash:
        raise DataError(
            f"The table of {task.name} has the content hash {found}, its card says {card.content_hash}: these are "
            f"other rows (source: {card.source}). Results on them cannot be compared. Install the release again."
        )
    columns = {role: [c.name for c in card.columns if c.role is role] for role in Role}
    for name in columns[Role.TARGET] + columns[Role.TIME] + columns[Role.GROUP]:
        if typed[name].isna().any():
            raise DataError(f"Column {name!r} of {task.name} has gaps; rows without it belong to no split.")
    return TaskData(
        task=task,
        X=typed[columns[Role.FEATURE]],
        y=_target(task, typed[task.target]),
        time=_numbers(typed[columns[Role.TIME][0]]) if columns[Role.TIME] else None,
        group=_group(typed[columns[Role.GROUP][0]]) if columns[Role.GROUP] else None,
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
    """Groups numbered 0..k-1 in the order of their names or numbers."""
    if values.dtype.kind == "f":
        return np.unique(values.to_numpy(), return_inverse=True)[1].astype(np.int64)
    return values.cat.codes.to_numpy().astype(np.int64)
