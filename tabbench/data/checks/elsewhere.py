"""The same table under other names: by its content, or known from the cards of suites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.data.cached import cached_tasks
from tabbench.data.catalog import describe_task, known_tasks
from tabbench.data.checks.finding import NOTE, WARNING, Finding
from tabbench.data.modifiers.names import split_name
from tabbench.data.suites import same_table, suites_of

if TYPE_CHECKING:
    from tabbench.task import TaskData


def same_content(data: TaskData) -> tuple[Finding, ...]:
    """Other tasks at hand whose table has the same columns and rows."""
    card = data.task.dataset
    tasks = (*map(describe_task, known_tasks()), *cached_tasks())
    contents = {task.name: task.dataset.content_hash for task in tasks}
    others = [name for name, found in contents.items() if found == card.content_hash and name != data.task.name]
    if not others:
        return ()
    told = f"{', '.join(others)} holds the same rows: results on both are no two pieces of evidence."
    return (Finding("same_content", WARNING, told),)


def known_twins(data: TaskData) -> tuple[Finding, ...]:
    """Other tasks that suite cards know to be on the same table."""
    others = same_table(split_name(data.task.name).base)
    if not others:
        return ()
    named = ", ".join(f"{task} ({', '.join(suites_of(task))})" for task in others)
    return (Finding("same_table", NOTE, f"The same table, perhaps in another version, is {named}."),)
