"""Read suite cards, and look across them for tasks on one table."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tabbench.data.card_checks import Keys, check_keys, check_word
from tabbench.data.cards import card_names, datasets_folder, read_yaml
from tabbench.data.modifiers.names import split_name
from tabbench.errors import DataError
from tabbench.suite import SameTable, SplitsRun
from tabbench.task import Suite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUITE = Keys(
    frozenset({"name", "version", "title", "tasks"}),
    frozenset({"smoke", "citation", "licence", "notes", "splits", "datasets", "duplicates"}),
)
SAME = Keys(frozenset({"table", "tasks"}))


@cache
def read_suite_card(name: str) -> Suite:
    """The card of a suite that comes with tabbench."""
    file = datasets_folder() / "suites" / f"{name}.yaml"
    return parse_suite_card(read_yaml(file), str(file))


def parse_suite_card(card: Mapping[str, Any], where: str) -> Suite:
    """A suite card's keys as a suite.

    Raises:
        DataError: If the card is incomplete, misspelt or contradicts itself.
    """
    check_keys(card, SUITE, where)
    tasks, smoke = _names(card, "tasks", where), _names(card, "smoke", where)
    if twice := sorted({task for task in tasks if tasks.count(task) > 1}):
        raise DataError(f"{where}: tasks {twice} stand twice.")
    if not set(smoke) <= set(tasks):
        raise DataError(f"{where}: smoke tasks {sorted(set(smoke) - set(tasks))} are not among the tasks.")
    datasets = _names(card, "datasets", where)
    if datasets and len(datasets) != len(tasks):
        raise DataError(f"{where}: {len(datasets)} datasets are named for {len(tasks)} tasks. Name one for each.")
    return Suite(
        name=card["name"],
        version=card["version"],
        title=card["title"],
        tasks=tasks,
        smoke=smoke,
        citation=card.get("citation", ""),
        licence=card.get("licence", ""),
        notes=_names(card, "notes", where),
        splits=check_word(SplitsRun, card.get("splits", SplitsRun.ALL), where),
        datasets=datasets,
        duplicates=tuple(_same(group, tasks, where) for group in card.get("duplicates", ())),
    )


def suites_of(task: str) -> tuple[str, ...]:
    """The suites that come with tabbench and hold a task, however modified."""
    base = _base(task)
    return tuple(name for name in card_names("suites") if base in map(_base, read_suite_card(name).tasks))


def same_table(task: str) -> tuple[str, ...]:
    """Other tasks that a suite card knows to be on the same table."""
    base = _base(task)
    for name in suites_of(base):
        for group in read_suite_card(name).duplicates:
            if base in group.tasks:
                return tuple(other for other in group.tasks if other != base)
    return ()


def tables_twice(tasks: Sequence[str]) -> tuple[SameTable, ...]:
    """Tables on which several of the given tasks are, modifiers aside, as far as the suite cards know."""
    given = {_base(task): task for task in reversed(tasks)}
    found: dict[tuple[str, ...], SameTable] = {}
    for name in card_names("suites") if any(task.startswith("openml/") for task in tasks) else ():
        for group in read_suite_card(name).duplicates:
            mine = tuple(given[task] for task in group.tasks if task in given)
            if len(mine) > 1:
                found.setdefault(mine, SameTable(group.table, mine))
    return tuple(found.values())


def _names(card: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    names = card.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError(f"{where}: {key} must be a list of texts, got {names!r}. Quote numbers and names with a colon.")
    return tuple(names)


def _same(group: Mapping[str, Any], tasks: tuple[str, ...], where: str) -> SameTable:
    check_keys(group, SAME, f"{where}: duplicates")
    names = _names(group, "tasks", f"{where}: duplicates")
    if len(set(names)) < 2 or not set(names) & set(map(_base, tasks)):
        raise DataError(f"{where}: duplicates {list(names)} must be at least two tasks, one of them of this suite.")
    return SameTable(str(group["table"]), names)


def _base(task: str) -> str:
    """A task's name without its modifiers; cheap for the hundreds that have none."""
    return split_name(task).base if "~" in task else task
