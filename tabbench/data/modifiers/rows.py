"""`~rows=N`: keep N rows, stratified by target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.splits import fixed_rule, shuffled
from tabbench.data.splits.dealing import target_strata
from tabbench.data.splits.grouped import groups_of
from tabbench.errors import DataError
from tabbench.hashing import derive_seed
from tabbench.task import Split, SplitKind, TaskData

if TYPE_CHECKING:
    from tabbench.data.modifiers.names import Modifier
    from tabbench.task import IntArray


def keep_rows(data: TaskData, modifier: Modifier) -> TaskData:
    """N rows in their old order: every class (target tenth) gives its share, and keeps a row.

    Of a grouped task whole groups are kept, as many as have room in N rows. Rows of fixed splits stay in their parts.
    With one seed, fewer rows are some of more rows.

    Raises:
        DataError: If the table has no more rows than that, or a class or a part of a split would be empty.
    """
    n_rows, n_wanted = len(data.y), int(modifier.amount)
    if n_wanted >= n_rows:
        raise DataError(f"{data.task.name} has {n_rows:,} rows, of which ~rows={n_wanted} would leave out none.")
    seed = derive_seed("rows", modifier.seed)
    kept = _groups_within(data, n_wanted, seed) if data.group is not None else _stratified(data, n_wanted, seed)
    if not len(kept):
        raise DataError(f"{data.task.name}: ~rows={n_wanted} has no room for a whole group. Keep more rows.")
    if data.task.classes and len(np.unique(data.y[kept])) < len(data.task.classes):
        raise DataError(f"{data.task.name}: ~rows={n_wanted} would leave out a class. Keep more rows.")
    task, splits = data.task, data.splits
    if task.split_rule.kind is SplitKind.FIXED and splits is not None:
        place = np.full(n_rows, -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        splits = tuple(_split(split, place, task.name, n_wanted) for split in splits)
        task = task.with_splits(fixed_rule(splits))
    return TaskData(
        task=replace(task, dataset=replace(task.dataset, n_rows=len(kept))),
        X=data.X.iloc[kept].reset_index(drop=True),
        y=data.y[kept],
        time=None if data.time is None else data.time[kept],
        group=None if data.group is None else np.unique(data.group[kept], return_inverse=True)[1].astype(np.int64),
        splits=splits,
    )


def _stratified(data: TaskData, n_wanted: int, seed: int) -> IntArray:
    n_rows = len(data.y)
    order = shuffled(n_rows, seed)
    strata = target_strata(data, np.arange(n_rows), order)
    counts = np.bincount(strata)
    quota = _quotas(counts, n_wanted)
    by_stratum = order[np.argsort(strata[order], kind="stable")]
    place = np.arange(n_rows) - (np.cumsum(counts) - counts)[strata[by_stratum]]
    return np.sort(by_stratum[place < quota[strata[by_stratum]]])


def _quotas(counts: IntArray, n_wanted: int) -> IntArray:
    """Rows of each stratum: its share by largest remainders, at least one while there is room."""
    share = counts * n_wanted / counts.sum()
    quota: IntArray = np.maximum(np.floor(share).astype(np.int64), np.minimum(counts, 1))
    while quota.sum() < n_wanted:
        quota[np.argmax(np.where(quota < counts, share - quota, -np.inf))] += 1
    while quota.sum() > n_wanted:
        quota[np.argmax(np.where(quota > 0, quota - share, -np.inf))] -= 1
    return quota


def _groups_within(data: TaskData, n_wanted: int, seed: int) -> IntArray:
    """Rows of random groups, taken in turn while they fit."""
    names, number = np.unique(groups_of(data), return_inverse=True)
    sizes = np.bincount(number)
    order = shuffled(len(names), seed)
    n_groups = int(np.searchsorted(np.cumsum(sizes[order]), n_wanted, side="right"))
    return np.flatnonzero(np.isin(number, order[:n_groups])).astype(np.int64)


def _split(split: Split, place: IntArray, name: str, n_wanted: int) -> Split:
    """The rows of a split that were kept, under their new numbers."""

    def kept(rows: IntArray, part: str) -> IntArray:
        rows = place[rows]
        if not (rows >= 0).any():
            raise DataError(
                f"{name}: ~rows={n_wanted} leaves no {part} rows in split ({split.repeat}, {split.fold}), whose rows "
                "are fixed. Keep more rows."
            )
        return rows[rows >= 0]

    valid = None if split.valid is None else kept(split.valid, "valid")
    return Split(split.repeat, split.fold, kept(split.train, "train"), kept(split.test, "test"), valid)
