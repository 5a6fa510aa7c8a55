"""Write the card of a table of one's own, beside its file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbench.data.cards import check_roles
from tabbench.data.files import read_file
from tabbench.data.inference import infer_task
from tabbench.data.local import FILE, parse_file_name
from tabbench.data.roles import gap_words
from tabbench.data.split_cards import split_text
from tabbench.data.split_files import read_splits
from tabbench.data.splits import fixed_rule
from tabbench.data.tables import content_hash
from tabbench.errors import DataError
from tabbench.task import Column, ColumnKind, SplitKind, SplitRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tabbench.data.local import FileName
    from tabbench.task import Role, Task, TaskType

HEAD = "# The card of {table}. Text, kinds, roles and splits may be changed by hand; the rows are held by the hash.\n"


def add_card(
    path: str,
    target: str,
    roles: Mapping[str, Role],
    task_type: TaskType | None = None,
    split: SplitKind | None = None,
    licence: str = "unknown",
    splits: str = "",
) -> tuple[Task, Path]:
    """Describe a file and write its card.

    Args:
        path: The table.
        target: A column.
        roles: Columns that are neither features nor the target.
        task_type: Instead of the one that the target suggests.
        split: Instead of the one that the roles suggest.
        licence: The table's own.
        splits: A file of splits, in the table's folder.

    Returns:
        The task, and the card's place.

    Raises:
        UnknownNameError: If the file has no such column.
        DataError: If there is a card already, the file cannot be read, or rows lack a target.
    """
    parts = parse_file_name(f"{FILE}{path}")
    if parts.card.exists():
        raise DataError(f"There is a card {parts.card} already. Edit it, or delete it first.")
    name = f"{FILE}{path}::{target}"
    frame = read_file(parts.file)
    task = infer_task(frame, name, target, content_hash(frame), roles, task_type)
    if frame[target].isna().any():
        raise DataError(gap_words(name, target, frame[target]))
    dataset = replace(task.dataset, licence=licence, source=f"the file {parts.file.name}")
    rule = task.split_rule if split is None else _rule(split)
    if splits:
        rule = _fixed(parts, splits, len(frame))
    task = replace(task, dataset=dataset, split_rule=rule)
    check_roles(task, name)
    try:
        with parts.card.open("x", encoding="utf-8") as file:
            file.write(card_text(task, parts.file.name, Path(splits).name))
    except OSError as error:
        raise DataError(f"The card {parts.card} cannot be written: {error}.") from error
    return task, parts.card


def card_text(task: Task, table: str, splits: str = "") -> str:
    """A card as YAML; `splits` is the file that fixes the splits, if one does."""
    import yaml

    card = task.dataset
    split = split_text(task.split_rule, splits)
    said: dict[str, Any] = {
        "name": card.name,
        "version": card.version,
        "title": card.title,
        "table": table,
        "source": card.source,
        "licence": card.licence,
        "origin": card.origin.value,
        "family": card.family,
        "traps": list(card.traps),
        "task": {"target": task.target, "type": task.type.value, "split": split},
        "n_rows": card.n_rows,
        "content_hash": card.content_hash,
        "classes": list(task.classes),
        "columns": [_column(column) for column in card.columns],
    }
    text = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
    return HEAD.format(table=table) + str(text)


def _rule(kind: SplitKind) -> SplitRule:
    return SplitRule(kind, n_folds=1) if kind is SplitKind.HOLDOUT else SplitRule(kind)


def _fixed(parts: FileName, splits: str, n_rows: int) -> SplitRule:
    """The rule of the splits in a file.

    Raises:
        DataError: If it cannot be read, or is in another folder than the table.
    """
    file = Path(splits)
    if file.absolute().parent != parts.file.absolute().parent:
        raise DataError(f"The splits {splits} must lie in the folder of the table {parts.path}. Copy them there.")
    return fixed_rule(read_splits(file, n_rows))


def _column(column: Column) -> dict[str, Any]:
    known = {"name": column.name, "kind": column.kind.value, "role": column.role.value, "n_missing": column.n_missing}
    return {**known, "n_levels": column.n_levels} if column.kind is ColumnKind.CATEGORICAL else known
