"""Cut a task into train and test, and train into what is fitted on and valid.

All chance comes from the raw words of PCG64 and a stable sort: numpy promises both, while
`Generator.permutation` and scikit-learn's splitters may change from one release to the next.
"""

from __future__ import annotations

import numpy as np

from tabbench.errors import DataError
from tabbench.hashing import derive_seed, hash_bytes
from tabbench.task import REGRESSION, Array, FloatArray, IntArray, Split, SplitKind, TaskData

N_QUANTILES = 10
"""Strata of a regression target: tenths of its ranks, fewer under 20 rows."""


def make_split(data: TaskData, repeat: int, fold: int) -> Split:
    """Train and test rows of one (repeat, fold), by the task's own rule.

    kfold: classes (target tenths for regression) are spread evenly over the folds.
    temporal: n_folds test blocks follow a first block in time; train is all that lies before the test block.
    grouped: whole groups are dealt to folds so that the folds grow evenly.

    Args:
        data: The task with its table.
        repeat: 0 to n_repeats-1.
        fold: 0 to n_folds-1.

    Raises:
        DataError: If the task has no such split or too few rows, times or groups for its rule.
    """
    task = data.task
    rule = task.split_rule
    if (repeat, fold) not in task.splits:
        raise DataError(
            f"{task.name} has no split ({repeat}, {fold}): repeats are 0..{rule.n_repeats - 1}, "
            f"folds are 0..{rule.n_folds - 1}."
        )
    if rule.kind is SplitKind.TEMPORAL:
        if rule.n_repeats != 1:
            raise DataError(f"{task.name}: temporal splits hold no chance, so n_repeats must be 1.")
        block = _time_blocks(data, rule.n_folds + 1)
        return _split(repeat, fold, block <= fold, block == fold + 1)
    if rule.kind is SplitKind.FIXED:
        raise DataError(f"{task.name}: splits fixed by a file cannot be read yet. Use kfold, temporal or grouped.")
    deal = _deal_groups if rule.kind is SplitKind.GROUPED else _deal_rows
    folds = deal(data, rule.n_folds, derive_seed("fold", rule.seed, repeat))
    return _split(repeat, fold, folds != fold, folds == fold)


def cut_valid(data: TaskData, rows: IntArray, fraction: float, seed: int) -> tuple[IntArray, IntArray]:
    """Rows to fit on and valid rows, as the task's split rule demands.

    kfold: every class (target tenth) gives its share; a class keeps at least one row in the fit part.
    temporal: valid is the latest part of time; rows of one time stay together.
    grouped: valid is made of whole groups.

    Args:
        data: The task with its table.
        rows: Row numbers to cut (train), each once.
        fraction: Share of valid, between 0 and 1; met as nearly as the rule allows.
        seed: Where chance starts; temporal cuts hold none.

    Returns:
        Two ascending arrays that together are `rows`; neither is empty.

    Raises:
        DataError: If the rows cannot be cut so: too few rows, times or groups.
    """
    if not 0 < fraction < 1:
        raise DataError(f"The valid fraction must lie between 0 and 1, got {fraction}.")
    rows = np.sort(rows)
    cut = {SplitKind.TEMPORAL: _latest, SplitKind.GROUPED: _some_groups}.get(data.task.split_rule.kind, _some_rows)
    is_valid = cut(data, rows, fraction, derive_seed("valid", seed))
    if not is_valid.any() or is_valid.all():
        raise DataError(
            f"{data.task.name}: {len(rows)} train rows cannot be cut in two parts with a valid fraction of {fraction}."
        )
    return rows[~is_valid], rows[is_valid]


def rows_hash(rows: IntArray) -> str:
    """Hash of row numbers in the order given, 16 hex digits.

    >>> rows_hash(np.array([0, 1, 2]))
    'ab25350e3e65efeb'
    """
    return hash_bytes(np.asarray(rows).astype("<i8").tobytes())


def shuffled(n: int, seed: int) -> IntArray:
    """The numbers 0..n-1 in a random order that no release of numpy changes."""
    return np.argsort(np.random.PCG64(seed).random_raw(n), kind="stable").astype(np.int64)


def _split(repeat: int, fold: int, train: Array, test: Array) -> Split:
    return Split(repeat, fold, np.flatnonzero(train).astype(np.int64), np.flatnonzero(test).astype(np.int64))


def _strata(data: TaskData, rows: IntArray, order: IntArray) -> IntArray:
    """Class of each row, or tenth of its target's rank among the rows; equal targets are ranked by `order`."""
    y = data.y[rows]
    if data.task.type is not REGRESSION:
        return y.astype(np.int64)
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order[np.argsort(y[order], kind="stable")]] = np.arange(len(rows))
    n_strata = max(min(N_QUANTILES, len(rows) // 2), 1)  # a stratum of one row could not be cut
    return rank * n_strata // max(len(rows), 1)


def _deal_rows(data: TaskData, n_folds: int, seed: int) -> IntArray:
    """Fold of each row: rows sorted by stratum, random within, are dealt like cards."""
    n_rows = len(data.y)
    if n_rows < n_folds:
        raise DataError(f"{data.task.name} has {n_rows} rows, too few for {n_folds} folds.")
    order = shuffled(n_rows, seed)
    strata = _strata(data, np.arange(n_rows), order)
    folds = np.empty(n_rows, dtype=np.int64)
    folds[order[np.argsort(strata[order], kind="stable")]] = np.arange(n_rows) % n_folds
    return folds


def _some_rows(data: TaskData, rows: IntArray, fraction: float, seed: int) -> Array:
    order = shuffled(len(rows), seed)
    strata = _strata(data, rows, order)
    counts = np.bincount(strata)
    share = fraction * counts
    take = np.floor(share).astype(np.int64)
    spare = max(int(fraction * len(rows) + 0.5), 1) - int(take.sum())
    by_remainder = np.argsort(take - share, kind="stable")
    takes_more = by_remainder[(take + 1 < counts)[by_remainder] & (share > 0)[by_remainder]][: max(spare, 0)]
    take[takes_more] += 1
    by_stratum = order[np.argsort(strata[order], kind="stable")]
    place = np.arange(len(rows)) - (np.cumsum(counts) - counts)[strata[by_stratum]]
    is_valid = np.zeros(len(rows), dtype=bool)
    is_valid[by_stratum] = place < take[strata[by_stratum]]
    return is_valid


def _time(data: TaskData) -> FloatArray:
    if data.time is None or not np.isfinite(data.time).all():
        raise DataError(f"{data.task.name}: temporal splits need a time for every row.")
    return data.time


def _edge(time: FloatArray, wanted: float) -> int:
    """The place nearest to `wanted` at which sorted times change; 0 if they never do."""
    edges = np.flatnonzero(np.diff(time)) + 1
    return int(edges[np.argmin(np.abs(edges - wanted))]) if len(edges) else 0


def _time_blocks(data: TaskData, n_blocks: int) -> IntArray:
    """Block of each row: equal parts of the rows in time order, moved so that no time is in two."""
    time = _time(data)
    in_order = np.sort(time)
    starts = [_edge(in_order, len(time) * block / n_blocks) for block in range(1, n_blocks)]
    if len({0, *starts}) < n_blocks:
        raise DataError(
            f"{data.task.name} has {len(np.unique(time))} distinct times, too few or too uneven for "
            f"{n_blocks - 1} temporal folds. Use fewer folds."
        )
    return np.searchsorted(in_order[starts], time, side="right").astype(np.int64)


def _latest(data: TaskData, rows: IntArray, fraction: float, seed: int) -> Array:
    time = _time(data)[rows]
    in_order = np.sort(time)
    start = _edge(in_order, len(rows) * (1 - fraction))
    return time >= in_order[start] if start else np.zeros(len(rows), dtype=bool)


def _groups(data: TaskData) -> IntArray:
    if data.group is None:
        raise DataError(f"{data.task.name}: grouped splits need a group for every row.")
    return data.group


def _deal_groups(data: TaskData, n_folds: int, seed: int) -> IntArray:
    """Fold of each row: groups, the larger first, go to the fold that is smallest so far.

    Sizes are compared by powers of two only, so that another seed deals otherwise.
    """
    names, number = np.unique(_groups(data), return_inverse=True)
    if len(names) < n_folds:
        raise DataError(f"{data.task.name} has {len(names)} groups, too few for {n_folds} folds.")
    sizes = np.bincount(number)
    order = shuffled(len(names), seed)
    magnitude = np.frexp(sizes)[1]
    fold_of = np.empty(len(names), dtype=np.int64)
    filled = np.zeros(n_folds, dtype=np.int64)
    for group in order[np.argsort(-magnitude[order], kind="stable")]:
        fold_of[group] = np.argmin(filled)
        filled[fold_of[group]] += sizes[group]
    return fold_of[number]


def _some_groups(data: TaskData, rows: IntArray, fraction: float, seed: int) -> Array:
    names, number = np.unique(_groups(data)[rows], return_inverse=True)
    sizes = np.bincount(number)
    wanted, n_valid = fraction * len(rows), 0
    is_taken = np.zeros(len(names), dtype=bool)
    for group in shuffled(len(names), seed):
        if n_valid + sizes[group] <= wanted:
            is_taken[group] = True
            n_valid += sizes[group]
    if not n_valid and len(names) > 1:
        is_taken[np.argmin(sizes)] = True
    return is_taken[number]
