"""Find tasks and suites by name.

::

    task = describe_task("bundled/penguins")   # from its card, no table opened
    data = load_task("bundled/penguins")       # with its table, checked
    suite = load_suite("quickstart")
    data = load_task("file:my.csv::price")     # a table of one's own, put into the cache on the way
    data = load_task("openml/31")              # from the cache, after `tabbench data fetch`
    data = load_task("bundled/diamonds~rows=1000")  # changed, with a seed
    data = load_task("openml/d/41162~time=PurchDate")  # split by a column of its own
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.data.cache.index import find_suite, noted_suites
from tabbench.data.cache.reading import load_entry
from tabbench.data.cached import CACHED, cached_entry, is_cached
from tabbench.data.cards import card_names, read_dataset_card, read_yaml
from tabbench.data.modifiers.names import Stage, split_name
from tabbench.data.roles import cut_roles
from tabbench.data.suites import parse_suite_card, read_suite_card
from tabbench.errors import DataError, NotCachedError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from tabbench.data.modifiers.names import Modifier
    from tabbench.task import Suite, Task, TaskData

BUNDLED = "bundled/"
OPENML_SUITE = "openml/s/"
SUITE_ENDINGS = (".yaml", ".yml")


def known_tasks() -> list[str]:
    """Names of the tasks that come with tabbench, sorted."""
    return [BUNDLED + name for name in card_names("cards")]


def known_suites() -> list[str]:
    """Names of the suites that come with tabbench or lie in the cache, sorted."""
    return sorted({*card_names("suites"), *noted_suites()})


def is_here(name: str) -> bool:
    """Whether a task can be run without a network."""
    name, _ = split_name(name)
    return is_cached(name) if name.startswith(CACHED) else name in known_tasks()


def is_suite(name: str) -> bool:
    """Whether a name means a suite: a known one, the path of a card, or a study of OpenML."""
    return name.startswith(OPENML_SUITE) or name.endswith(SUITE_ENDINGS) or name in known_suites()


def describe_task(name: str) -> Task:
    """A task without its table; the file of a local task is read when it is new or was edited.

    A table is opened if its rows or columns are modified.

    Raises:
        UnknownNameError: If there is none of that name.
        NotCachedError: If it has to be fetched first.
        DataError: If the name is that of a file alone, its card is faulty, its file cannot be read, its entry in the
            cache is damaged, or it cannot be modified so.
    """
    base, modifiers = split_name(name)
    if any(modifier.kind.stage is Stage.TABLE for modifier in modifiers):
        return load_task(name).task
    return _described(describe_base(base), modifiers)


def load_task(name: str, refresh: bool = True) -> TaskData:
    """A task with its table in memory.

    Args:
        name: Of the task.
        refresh: Look whether the file of a local task was edited, and read it again then; jobs don't.

    Raises:
        UnknownNameError: If there is none of that name.
        NotCachedError: If it has to be fetched first.
        DataError: If the table is not the one that the card or the cache describes, or cannot be modified so.
    """
    base, modifiers = split_name(name)
    roles = [modifier for modifier in modifiers if modifier.kind.stage is Stage.ROLES]
    data = load_base(base, refresh, roles)
    if len(roles) == len(modifiers):
        return data
    from tabbench.data.modifiers.apply import modify_table

    return modify_table(data, modifiers[len(roles) :])


def describe_base(name: str) -> Task:
    """A task without its table and without modifiers."""
    return cached_entry(name).task if name.startswith(CACHED) else _bundled(name)


def load_base(name: str, refresh: bool = True, roles: Sequence[Modifier] = ()) -> TaskData:
    """A task with its table, without modifiers but for those that give columns their roles."""
    if name.startswith(CACHED):
        entry = cached_entry(name, refresh)
        return load_entry(replace(entry, task=_described(entry.task, roles)))
    from tabbench.data.bundled import read_table

    task = _bundled(name)
    return task_data(_described(task, roles), read_table(read_dataset_card(task.dataset.name).table))


def load_suite(name: str) -> Suite:
    """A suite from its card: one that comes with tabbench, lies in the cache, or is named by path.

    Raises:
        UnknownNameError: If there is none of that name.
        NotCachedError: If it has to be fetched first.
        DataError: If its card is faulty.
    """
    if name in card_names("suites"):
        return read_suite_card(name)
    if name.endswith(SUITE_ENDINGS):
        return _suite_at(Path(name).expanduser())
    if (suite := find_suite(name)) is not None:
        return suite
    if name.startswith(OPENML_SUITE):
        raise NotCachedError(
            f"The suite {name} is not in the cache. Fetch it where there is a network: tabbench data fetch suite={name}"
        )
    raise UnknownNameError("suite", name, known_suites(), hint="A card of your own is named by path: suite=./my.yaml")


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


def _described(task: Task, modifiers: Sequence[Modifier]) -> Task:
    if not modifiers:
        return task
    from tabbench.data.modifiers.apply import describe_modified

    return describe_modified(task, modifiers)


def _bundled(name: str) -> Task:
    if name not in known_tasks():
        hint = "Tasks are named by source: bundled/NAME, openml/ID, file:PATH::TARGET, folder:PATH or frame/NAME."
        path, _, target = name.partition("::")
        if os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where a name is too long for a file
            raise DataError(f"Unknown task {name!r}. Did you mean file:{path}::{target or 'TARGET'}? {hint}")
        raise UnknownNameError("task", name, known_tasks(), hint=hint)
    return read_dataset_card(name.removeprefix(BUNDLED)).task


def _suite_at(path: Path) -> Suite:
    if not path.is_file():
        raise DataError(f"There is no suite card {path} (looked in {path.absolute().parent}).")
    suite = parse_suite_card(read_yaml(path), str(path))
    if suite.name in card_names("suites"):
        raise DataError(f"{path}: a suite {suite.name!r} comes with tabbench. Give yours a name of its own.")
    return suite
