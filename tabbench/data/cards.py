"""Read dataset and suite cards: what is known of a table without opening it.

A dataset card has a part that a person writes (source, licence, traps, the task) and a part that
`scripts/bundle_tables.py` writes from the table (rows, hash, columns, classes).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tabbench.errors import DataError, UnknownNameError
from tabbench.task import (
    Column,
    ColumnKind,
    DatasetCard,
    Origin,
    Role,
    SplitKind,
    SplitRule,
    Suite,
    Task,
    TaskType,
    primary_metric,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class Keys(NamedTuple):
    """What a mapping on a card must hold, and what it may."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


LEAST = {"n_repeats": 1, "n_folds": 1, "seed": 0}
DATASET = Keys(
    frozenset({"name", "version", "title", "table", "source", "licence", "origin", "family", "task"})
    | {"n_rows", "content_hash", "columns"},
    frozenset({"citation", "openml_id", "traps", "roles", "classes"}),
)
TASK = Keys(frozenset({"target", "type"}), frozenset({"split"}))
SPLIT = Keys(frozenset(), frozenset({"kind", *LEAST}))
COLUMN = Keys(frozenset({"name", "kind", "role"}), frozenset({"n_missing", "n_levels"}))
SUITE = Keys(frozenset({"name", "version", "title", "tasks"}), frozenset({"smoke", "citation", "licence", "notes"}))

TEXT = ("name", "title", "table", "source", "licence", "family", "citation", "content_hash", "target")
TYPES: dict[str, type] = {
    **dict.fromkeys(TEXT, str),
    **dict.fromkeys(("version", "n_rows", "n_missing", "n_levels"), int),
    **dict.fromkeys(("columns", "classes", "traps"), list),
}

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class BundledCard:
    """A task and where its table is: `NAME.parquet` beside the cards, or `sklearn/NAME`."""

    task: Task
    table: str


@cache
def datasets_folder() -> Path:
    """The installed `datasets/` folder.

    Raises:
        DataError: If the installation has none.
    """
    # A folder without __init__.py: importlib.resources fails on it when editable.
    folders = [Path(place) for place in import_module("tabbench_datasets").__path__]
    for folder in folders:
        if folder.is_dir():
            return folder
    raise DataError(f"The datasets of tabbench are not installed (looked at {folders}). Install tabbench again.")


def card_names(shelf: str) -> list[str]:
    """Names of the cards on a shelf (`cards` or `suites`), sorted."""
    return sorted(file.stem for file in (datasets_folder() / shelf).glob("*.yaml"))


@cache
def read_dataset_card(name: str) -> BundledCard:
    """The card of a bundled dataset.

    Raises:
        DataError: If the card is incomplete, misspelt or contradicts itself.
    """
    file = datasets_folder() / "cards" / f"{name}.yaml"
    return parse_dataset_card(read_yaml(file), str(file))


@cache
def read_suite_card(name: str) -> Suite:
    """The card of a suite."""
    file = datasets_folder() / "suites" / f"{name}.yaml"
    return parse_suite_card(read_yaml(file), str(file))


def read_yaml(file: Path) -> Mapping[str, Any]:
    """A card's keys.

    Raises:
        DataError: If the file is not a YAML mapping.
    """
    import yaml

    try:
        card = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{file} is not YAML: {error}") from error
    if not isinstance(card, dict):
        raise DataError(f"{file} must be a mapping of keys to values.")
    return card


def parse_dataset_card(card: Mapping[str, Any], where: str, source: str = "bundled/{name}") -> BundledCard:
    """A card's keys as a task.

    Args:
        card: What the YAML file says.
        where: The file, for messages.
        source: The task's name, with `{name}` for the dataset's and `{target}` for the target's.

    Raises:
        DataError: If the card is incomplete, misspelt or contradicts itself.
    """
    _check_keys(card, DATASET, where)
    _check_keys(card["task"], TASK, f"{where}: task")
    _check_types({**card, **card["task"]}, where)
    dataset = DatasetCard(
        name=card["name"],
        version=card["version"],
        title=card["title"],
        columns=tuple(_column(column, where) for column in card["columns"]),
        n_rows=card["n_rows"],
        content_hash=card["content_hash"],
        source=card["source"],
        licence=card["licence"],
        origin=_word(Origin, card["origin"], where),
        family=card["family"],
        citation=card.get("citation", ""),
        openml_id=card.get("openml_id"),
        traps=tuple(card.get("traps", ())),
    )
    task_type = _word(TaskType, card["task"]["type"], where)
    task = Task(
        name=source.replace("{name}", dataset.name).replace("{target}", card["task"]["target"]),
        dataset=dataset,
        target=card["task"]["target"],
        type=task_type,
        metric=primary_metric(task_type),
        split_rule=_split_rule(card["task"].get("split", {}), where),
        classes=tuple(card.get("classes", ())),
    )
    check_roles(task, where)
    return BundledCard(task, card["table"])


def parse_suite_card(card: Mapping[str, Any], where: str) -> Suite:
    """A suite card's keys as a suite."""
    _check_keys(card, SUITE, where)
    tasks, smoke = tuple(card["tasks"]), tuple(card.get("smoke", ()))
    if not set(smoke) <= set(tasks):
        raise DataError(f"{where}: smoke tasks {sorted(set(smoke) - set(tasks))} are not among the tasks.")
    return Suite(
        name=card["name"],
        version=card["version"],
        title=card["title"],
        tasks=tasks,
        smoke=smoke,
        citation=card.get("citation", ""),
        licence=card.get("licence", ""),
        notes=tuple(card.get("notes", ())),
    )


def _check_keys(card: Mapping[str, Any], keys: Keys, where: str) -> None:
    if not isinstance(card, dict):
        raise DataError(f"{where} must be a mapping of keys to values, got {card!r}.")
    known = keys.required | keys.optional
    for key in card:
        if key not in known:
            raise UnknownNameError("key", str(key), known, where=where)
    absent = sorted(keys.required - set(card))
    if absent:
        raise DataError(f"{where}: {', '.join(absent)} must be given.")


def _check_types(card: Mapping[str, Any], where: str) -> None:
    for key, value in card.items():
        if (wanted := TYPES.get(key)) and not isinstance(value, wanted):
            hint = f" Quote it: {key}: '{value}'." if wanted is str else ""
            raise DataError(f"{where}: {key} must be a {wanted.__name__}, got {value!r}.{hint}")


def _word(words: type[Word], value: str, where: str) -> Word:
    try:
        return words(value)
    except ValueError:
        raise UnknownNameError(words.__name__, str(value), [*words], where=where) from None


def _column(column: Mapping[str, Any], where: str) -> Column:
    _check_keys(column, COLUMN, f"{where}: a column")
    _check_types(column, f"{where}: a column")
    return Column(
        name=column["name"],
        kind=_word(ColumnKind, column["kind"], where),
        role=_word(Role, column["role"], where),
        n_missing=column.get("n_missing", 0),
        n_levels=column.get("n_levels", 0),
    )


def _split_rule(rule: Mapping[str, Any], where: str) -> SplitRule:
    _check_keys(rule, SPLIT, f"{where}: task.split")
    kind = _word(SplitKind, rule.get("kind", SplitKind.KFOLD), where)
    least = LEAST if kind is SplitKind.TEMPORAL else {**LEAST, "n_folds": 2}
    for key, number in rule.items():
        if key in least and (type(number) is not int or number < least[key]):
            raise DataError(f"{where}: {key} must be a whole number of at least {least[key]}, got {number!r}.")
    return SplitRule(kind, rule.get("n_repeats", 1), rule.get("n_folds", 3), rule.get("seed", 0))


def check_roles(task: Task, where: str) -> None:
    """Hold target, split rule and classes against the columns' roles.

    Raises:
        DataError: If they contradict each other.
    """
    names = {role: [c.name for c in task.dataset.columns if c.role is role] for role in Role}
    if names[Role.TARGET] != [task.target]:
        raise DataError(f"{where}: the target is {task.target!r}, but columns {names[Role.TARGET]} have that role.")
    for column in task.dataset.columns:
        if column.role is Role.TIME and column.kind is ColumnKind.CATEGORICAL:
            raise DataError(f"{where}: the time {column.name!r} is categorical. Make it numbers or ISO 8601 dates.")
    for kind, role in ((SplitKind.TEMPORAL, Role.TIME), (SplitKind.GROUPED, Role.GROUP)):
        if task.split_rule.kind is kind and len(names[role]) != 1:
            raise DataError(f"{where}: {kind} splits need one column with the role {role}, found {names[role]}.")
    if (task.type is TaskType.REGRESSION) != (not task.classes):
        raise DataError(f"{where}: classes are {list(task.classes)}, which does not fit a {task.type} task.")
