"""Find tasks and suites by name.

::

    task = describe_task("bundled/penguins")   # from its card, no table opened
    data = load_task("bundled/penguins")       # with its table, checked against the card
    suite = load_suite("quickstart")
    data = load_task("file:my.csv::price")     # a table of one's own
    data = load_task("bundled/diamonds~rows=1000")  # changed, with a seed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.data.cards import card_names, read_dataset_card
from tabbench.data.local import FILE, describe_file_task, load_file_task
from tabbench.data.modifiers.names import Stage, split_name
from tabbench.data.roles import cut_roles
from tabbench.data.suites import read_suite_card
from tabbench.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.task import Suite, Task, TaskData

BUNDLED = "bundled/"


def known_tasks() -> list[str]:
    """Names of the tasks that need no network, sorted."""
    return [BUNDLED + name for name in card_names("cards")]


def known_suites() -> list[str]:
    """Names of the suites, sorted."""
    return card_names("suites")


def is_here(name: str) -> bool:
    """Whether a task can be run without a network."""
    return name in known_tasks()


def describe_task(name: str) -> Task:
    """A task from its card; a table is opened only of a file without a card, or if rows or columns are modified.

    Raises:
        UnknownNameError: If there is none of that name.
        DataError: If its card is faulty, its file cannot be read, or it cannot be modified so.
    """
    base, modifiers = split_name(name)
    if any(modifier.kind.stage is Stage.TABLE for modifier in modifiers):
        return load_task(name).task
    if not modifiers:
        return _describe(base)
    from tabbench.data.modifiers.apply import describe_modified

    return describe_modified(_describe(base), modifiers)


def _describe(name: str) -> Task:
    if name.startswith(FILE):
        return describe_file_task(name)
    if name not in known_tasks():
        hint = "Tasks are named by source: bundled/NAME or file:PATH::TARGET." if not name.startswith("openml/") else ""
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
        DataError: If the table is not the one that the card describes, or cannot be modified so.
    """
    base, modifiers = split_name(name)
    if not modifiers:
        return _load(base)
    from tabbench.data.modifiers.apply import modify_table

    return modify_table(_load(base), modifiers)


def _load(name: str) -> TaskData:
    if name.startswith(FILE):
        return load_file_task(name)
    from tabbench.data.bundled import read_table

    task = _describe(name)
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
    return cut_roles(task, typed)
