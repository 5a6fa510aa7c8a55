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
    split: SplitKind | Path | None = None,
    licence: str = "unknown",
    drops_gaps: bool = False,
) -> tuple[Task, Path]:
    """Describe a file and write its card.

    Args:
        path: The table.
        target: A column.
        roles: Columns that are neither features nor the target.
        task_type: Instead of the one that the target suggests.
        split: Instead of the one that the roles suggest; or a file of splits, in the table's folder.
        licence: The table's own.
        drops_gaps: Leave out rows without a target.

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
    if frame[target].isna().any() and not drops_gaps:
        raise DataError(gap_words(name, target, frame[target]))
    dataset = replace(task.dataset, licence=licence, source=f"the file {parts.file.name}")
    if drops_gaps and isinstance(split, Path):
        raise DataError(f"{name}: the splits in {split} count rows that would be left out. Ask for one of the two.")
    task = replace(task, dataset=dataset, split_rule=_rule(split, parts, task))
    check_roles(task, name)
    try:
        with parts.card.open("x", encoding="utf-8") as file:
            file.write(card_text(task, parts.file.name, split.name if isinstance(split, Path) else "", drops_gaps))
    except OSError as error:
        raise DataError(f"The card {parts.card} cannot be written: {error}.") from error
    return task, parts.card


def card_text(task: Task, table: str, splits: str = "", drops_gaps: bool = False) -> str:
    """A card as YAML.

    Args:
        task: On all rows.
        table: The file.
        splits: The file that fixes the splits, if one does.
        drops_gaps: Rows without a target are to be left out.
    """
    import yaml

    card = task.dataset
    asked: dict[str, Any] = {"target": task.target, "type": task.type.value}
    asked |= {"drop_rows_without_target": True} if drops_gaps else {}
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
        "task": {**asked, "split": split_text(task.split_rule, splits)},
        "n_rows": card.n_rows,
        "content_hash": card.content_hash,
        "classes": list(task.classes),
        "columns": [_column(column) for column in card.columns],
    }
    text = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
    return HEAD.format(table=table) + str(text)


def _rule(split: SplitKind | Path | None, parts: FileName, task: Task) -> SplitRule:
    """The rule that was asked for, that of the splits in a file, or the task's own.

    Raises:
        DataError: If the file cannot be read, or is in another folder than the table.
    """
    if split is None:
        return task.split_rule
    if not isinstance(split, Path):
        return SplitRule(split, n_folds=1) if split is SplitKind.HOLDOUT else SplitRule(split)
    if split.absolute().parent != parts.file.absolute().parent:
        raise DataError(f"The splits {split} must lie in the folder of the table {parts.path}. Copy them there.")
    return fixed_rule(read_splits(split, task.dataset.n_rows))


def _column(column: Column) -> dict[str, Any]:
    known = {"name": column.name, "kind": column.kind.value, "role": column.role.value, "n_missing": column.n_missing}
    return {**known, "n_levels": column.n_levels} if column.kind is ColumnKind.CATEGORICAL else known
