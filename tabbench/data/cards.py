"""Read dataset cards: what is known of a table without opening it.

A dataset card has a part that a person writes (source, licence, traps, the task) and a part that
`scripts/bundle_tables.py` writes from the table (rows, hash, columns, classes).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbench.data.card_checks import Keys, check_keys, check_types, check_word
from tabbench.data.split_cards import parse_split
from tabbench.errors import DataError
from tabbench.task import (
    Column,
    ColumnKind,
    DatasetCard,
    Origin,
    Role,
    SplitKind,
    Task,
    TaskType,
    primary_metric,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


DATASET = Keys(
    frozenset({"name", "version", "title", "table", "source", "licence", "origin", "family", "task"})
    | {"n_rows", "content_hash", "columns"},
    frozenset({"citation", "openml_id", "traps", "roles", "classes"}),
)
TASK = Keys(frozenset({"target", "type"}), frozenset({"split", "drop_rows_without_target"}))
COLUMN = Keys(frozenset({"name", "kind", "role"}), frozenset({"n_missing", "n_levels"}))

TEXT = ("name", "title", "table", "source", "licence", "family", "citation", "content_hash", "target")
TYPES: dict[str, type] = {
    **dict.fromkeys(TEXT, str),
    **dict.fromkeys(("version", "n_rows", "n_missing", "n_levels"), int),
    **dict.fromkeys(("columns", "classes", "traps"), list),
    "drop_rows_without_target": bool,
}


@dataclass(frozen=True)
class BundledCard:
    """A task and where its table is: `NAME.parquet` beside the cards, or `sklearn/NAME`.

    Attributes:
        splits_file: Where the rows of `fixed` splits are, beside the table; else empty.
        drops_gaps: Rows without a target are left out of the task; the card's hash and counts are of all rows.
    """

    task: Task
    table: str
    splits_file: str = ""
    drops_gaps: bool = False


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


def read_yaml(file: Path) -> Mapping[str, Any]:
    """A card's keys.

    Raises:
        DataError: If the file is not a YAML mapping.
    """
    import yaml

    try:
        # libyaml reads the suites in a tenth of the time; both loaders are safe
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        card = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
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
    check_keys(card, DATASET, where)
    check_keys(card["task"], TASK, f"{where}: task")
    check_types({**card, **card["task"]}, TYPES, where)
    dataset = DatasetCard(
        name=card["name"],
        version=card["version"],
        title=card["title"],
        columns=tuple(_column(column, where) for column in card["columns"]),
        n_rows=card["n_rows"],
        content_hash=card["content_hash"],
        source=card["source"],
        licence=card["licence"],
        origin=check_word(Origin, card["origin"], where),
        family=card["family"],
        citation=card.get("citation", ""),
        openml_id=card.get("openml_id"),
        traps=tuple(card.get("traps", ())),
    )
    splits = parse_split(card["task"].get("split", {}), where)
    task_type = check_word(TaskType, card["task"]["type"], where)
    task = Task(
        name=source.replace("{name}", dataset.name).replace("{target}", card["task"]["target"]),
        dataset=dataset,
        target=card["task"]["target"],
        type=task_type,
        metric=primary_metric(task_type),
        split_rule=splits.rule,
        classes=tuple(card.get("classes", ())),
    )
    check_roles(task, where)
    drops_gaps = card["task"].get("drop_rows_without_target", False)
    if drops_gaps and splits.file:
        raise DataError(f"{where}: drop_rows_without_target changes the row numbers, which {splits.file} fixes.")
    return BundledCard(task, card["table"], splits.file, drops_gaps)


def _column(column: Mapping[str, Any], where: str) -> Column:
    check_keys(column, COLUMN, f"{where}: a column")
    check_types(column, TYPES, f"{where}: a column")
    return Column(
        name=column["name"],
        kind=check_word(ColumnKind, column["kind"], where),
        role=check_word(Role, column["role"], where),
        n_missing=column.get("n_missing", 0),
        n_levels=column.get("n_levels", 0),
    )


def check_roles(task: Task, where: str) -> None:
    """Hold target, split rule and classes against the columns' roles.

    Raises:
        DataError: If they contradict each other.
    """
    names = {role: [c.name for c in task.dataset.columns if c.role is role] for role in Role}
    if names[Role.TARGET] != [task.target]:
        raise DataError(f"{where}: the target is {task.target!r}, but columns {names[Role.TARGET]} have that role.")
    if not names[Role.FEATURE]:
        raise DataError(f"{where}: no column is a feature, so there is nothing to predict {task.target!r} from.")
    for column in task.dataset.columns:
        if column.role is Role.TIME and column.kind is ColumnKind.CATEGORICAL:
            raise DataError(f"{where}: the time {column.name!r} is categorical. Make it numbers or ISO 8601 dates.")
    for kind, role in ((SplitKind.TEMPORAL, Role.TIME), (SplitKind.GROUPED, Role.GROUP)):
        if task.split_rule.kind is kind and len(names[role]) != 1:
            raise DataError(f"{where}: {kind} splits need one column with the role {role}, found {names[role]}.")
    if (task.type is TaskType.REGRESSION) != (not task.classes):
        raise DataError(f"{where}: classes are {list(task.classes)}, which does not fit a {task.type} task.")
