"""Tasks on a table of one's own: `file:PATH::TARGET`, with a card beside the file or without one.

The card of `my.csv` is `my.card.yaml` and has the keys of every dataset card. Its content hash is that of the table
as the file has it, so kinds and roles on the card may be changed by hand; they are part of the task's hash.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabbench.data.cards import parse_dataset_card, read_yaml
from tabbench.data.roles import cut_roles
from tabbench.data.source import OpenedTask
from tabbench.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.data.cards import BundledCard
    from tabbench.task import Split, Task, TaskData

FILE = "file:"
ENDING = ".card.yaml"


class FileName(NamedTuple):
    """A task's name in its parts; `path` as it was given, `target` empty if a card is to say it."""

    path: str
    target: str

    @property
    def file(self) -> Path:
        """Where the table is."""
        return Path(self.path).expanduser()

    @property
    def card(self) -> Path:
        """Where its card is, if it has one."""
        return self.file.with_name(self.file.stem + ENDING)


def parse_file_name(name: str) -> FileName:
    """`file:PATH::TARGET` in its parts; a target may be left out where a card says it.

    >>> parse_file_name("file:tables/my.csv::price")
    FileName(path='tables/my.csv', target='price')
    """
    path, _, target = name.removeprefix(FILE).partition("::")
    if not Path(path).name:  # empty, "." or "/": nothing that a card could be named after
        raise DataError(f"{name!r} names no file. Tasks on files are named file:PATH::TARGET.")
    return FileName(path, target)


def open_file_task(name: str) -> OpenedTask:
    """A task and its table, even where rows lack a target; a card may have those left out.

    Raises:
        UnknownNameError: If the file has no such column.
        DataError: If file or card cannot be used, or they do not belong together.
    """
    from dataclasses import replace

    from tabbench.data.files import read_file
    from tabbench.data.inference import infer_task, measured_columns
    from tabbench.data.tables import content_hash

    parts = parse_file_name(name)
    card = _read_card(parts) if parts.card.is_file() else None
    if card is None and not parts.target:
        raise DataError(f"{name!r} names no target, and there is no card {parts.card}. Say file:PATH::TARGET.")
    frame = read_file(parts.file)
    found = content_hash(frame)
    if card is None:
        return OpenedTask(infer_task(frame, name, parts.target, found), frame)
    task, splits = _with_rows(card, parts)
    if found != task.dataset.content_hash:
        from tabbench.data.card_command import add_command

        raise DataError(
            f"The file {parts.path} has the content hash {found}, its card {parts.card} says "
            f"{task.dataset.content_hash}: it was changed since. Undo the change; or, for a new version, delete the "
            f"card and write it again (what was edited on it by hand, too): {add_command(card, parts)}"
        )
    columns = {c.name: c for c in task.dataset.columns}
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        known = ", ".join(map(str, frame))
        raise DataError(f"{parts.card}: columns {absent} are not in {parts.path}, which has: {known}.")
    kinds, roles = ({n: getattr(c, part) for n, c in columns.items()} for part in ("kind", "role"))
    if card.drops_gaps:
        frame, task = _without_gaps(frame, task)
    dataset = replace(task.dataset, columns=measured_columns(frame, kinds, roles))
    return OpenedTask(replace(task, dataset=dataset), frame, splits)


def file_task_data(opened: OpenedTask) -> TaskData:
    """The table cut by roles.

    Raises:
        DataError: If a column cannot be read as its kind, or the target, time or group has gaps.
    """
    from dataclasses import replace

    from tabbench.data.tables import typed_frame

    data = cut_roles(opened.task, typed_frame(opened.frame, opened.task.dataset.columns))
    return replace(data, splits=opened.splits)


def _without_gaps(frame: pd.DataFrame, task: Task) -> tuple[pd.DataFrame, Task]:
    """The rows that have a target, and the task on them."""
    from dataclasses import replace

    from tabbench.data.tables import content_hash

    has_target = frame[task.target].notna()
    n_dropped = int((~has_target).sum())
    kept = frame[has_target].reset_index(drop=True)
    told = f"{n_dropped:,} of {len(frame):,} rows have no target and are left out."
    traps = (*task.dataset.traps, told) if n_dropped else task.dataset.traps
    card = replace(task.dataset, n_rows=len(kept), content_hash=content_hash(kept), traps=traps)
    return kept, replace(task, dataset=card)


def _read_card(parts: FileName) -> BundledCard:
    """The card beside a file; the file is not opened.

    Raises:
        DataError: If the card is faulty, or is that of another file or another target.
    """
    where = str(parts.card)
    if not parts.file.is_file():
        raise DataError(f"There is a card {where}, but no file {parts.path}.")
    card = parse_dataset_card(read_yaml(parts.card), where, f"{FILE}{parts.path}::{{target}}")
    if card.table != parts.file.name:
        raise DataError(f"{where} is the card of {card.table}, not of {parts.file.name}. Rename one of the two files.")
    if parts.target not in ("", card.task.target):
        raise DataError(
            f"{where} says the target is {card.task.target!r}, not {parts.target!r}. Ask for {card.task.name}, or copy "
            "the table under another name for another task."
        )
    return card


def _with_rows(card: BundledCard, parts: FileName) -> tuple[Task, tuple[Split, ...] | None]:
    """The task, with the rows of its splits if a file beside the card fixes them."""
    from tabbench.data.split_files import read_splits
    from tabbench.data.splits import fixed_rule

    if not card.splits_file:
        return card.task, None
    file = parts.file.parent / card.splits_file
    splits = read_splits(file, card.task.dataset.n_rows)
    rule, held = fixed_rule(splits), card.task.split_rule.rows_hash
    if held not in ("", rule.rows_hash):
        raise DataError(
            f"The splits in {file} have the hash {rule.rows_hash}, the card {parts.card} says {held}: they were "
            "changed since. Undo the change, or take rows_hash off the card."
        )
    return card.task.with_splits(rule), splits
