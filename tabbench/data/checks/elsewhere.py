"""The same table under other names: by its content, or known from the cards of suites."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tabbench.data.cache.index import noted_names
from tabbench.data.cache.reading import entry_folder, open_entry
from tabbench.data.cached import origin_of
from tabbench.data.catalog import describe_task, known_tasks
from tabbench.data.checks.finding import NOTE, WARNING, Finding
from tabbench.data.modifiers.names import split_name
from tabbench.data.suites import same_table, suites_of
from tabbench.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench.task import TaskData

N_SHOWN = 6


def same_content(data: TaskData) -> tuple[Finding, ...]:
    """Other bundled or cached tasks whose table has the same columns and rows; other names of one file don't count."""
    name, content = split_name(data.task.name).base, data.task.dataset.content_hash
    place = origin_of(name).place
    others = [other.name for other in _others() if other.content == content and other.is_not(name, place)]
    if not others:
        return ()
    shown = ", ".join(others[:N_SHOWN]) + (", …" if len(others) > N_SHOWN else "")
    told = f"The same rows are at hand as {shown}: results on both are no two pieces of evidence."
    return (Finding("same_content", WARNING, told),)


def known_twins(data: TaskData) -> tuple[Finding, ...]:
    """Other tasks that suite cards know to be on the same table."""
    others = same_table(data.task.name)
    if not others:
        return ()
    named = ", ".join(f"{task} ({', '.join(suites_of(task))})" for task in others)
    return (Finding("same_table", NOTE, f"The same table, perhaps in another version, is {named}."),)


class _Other(NamedTuple):
    """A task at hand: its name, the file it is of (empty if none), and the hash of its table."""

    name: str
    place: str
    content: str

    def is_not(self, name: str, place: str) -> bool:
        return self.name != name and (not place or self.place != place)


def _others() -> Iterator[_Other]:
    for name in known_tasks():
        yield _Other(name, "", describe_task(name).dataset.content_hash)
    for noted in noted_names():
        try:
            entry = open_entry(entry_folder(noted.key), noted.name)
        except DataError:
            continue  # damaged: `data fetch` mends it
        yield _Other(noted.name, noted.place, entry.task.dataset.content_hash)
