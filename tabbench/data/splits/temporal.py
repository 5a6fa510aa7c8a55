"""Cut rows by time: no row that is learned from is later than one that is predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.errors import DataError
from tabbench.task import Window

if TYPE_CHECKING:
    from tabbench.task import Array, FloatArray, IntArray, TaskData


def temporal_parts(data: TaskData, fold: int) -> tuple[Array, Array]:
    """Whether each row is in train, and whether it is in test.

    Raises:
        DataError: If rows lack a time, or there are too few times for the folds or the gap.
    """
    rule, time = data.task.split_rule, times_of(data)
    if rule.n_repeats != 1:
        raise DataError(f"{data.task.name}: temporal splits hold no chance, so n_repeats must be 1.")
    block = _time_blocks(data, rule.n_folds + 1)
    is_test = block == fold + 1
    is_train = block <= fold if rule.window is Window.EXPANDING else block == fold
    is_train &= is_before(time, time[is_test].min(), rule.gap)
    if not is_train.any():
        raise DataError(f"{data.task.name}: a gap of {rule.gap:g} leaves no train rows before fold {fold}.")
    return is_train, is_test


def latest_rows(data: TaskData, rows: IntArray, fraction: float) -> Array:
    """Whether each row is in the latest part of time; rows of one time stay together."""
    time = times_of(data)[rows]
    in_order = np.sort(time)
    start = _edge(in_order, len(rows) * (1 - fraction))
    return time >= in_order[start] if start else np.zeros(len(rows), dtype=bool)


def is_before(time: FloatArray, start: float, gap: float) -> Array:
    """Whether each time lies before `start`, by more than the gap if there is one."""
    return start - time > gap


def times_of(data: TaskData) -> FloatArray:
    """Time of each row.

    Raises:
        DataError: If a row has none.
    """
    if data.time is None or not np.isfinite(data.time).all():
        raise DataError(f"{data.task.name}: temporal splits need a time for every row.")
    return data.time


def _edge(time: FloatArray, wanted: float) -> int:
    """The place nearest to `wanted` at which sorted times change; 0 if they never do."""
    edges = np.flatnonzero(np.diff(time)) + 1
    return int(edges[np.argmin(np.abs(edges - wanted))]) if len(edges) else 0


def _time_blocks(data: TaskData, n_blocks: int) -> IntArray:
    """Block of each row: equal parts of the rows in time order, moved so that no time is in two."""
    time = times_of(data)
    in_order = np.sort(time)
    starts = [_edge(in_order, len(time) * block / n_blocks) for block in range(1, n_blocks)]
    if len({0, *starts}) < n_blocks:
        raise DataError(
            f"{data.task.name} has {len(np.unique(time))} distinct times, too few or too uneven for "
            f"{n_blocks - 1} temporal folds. Use fewer folds."
        )
    return np.searchsorted(in_order[starts], time, side="right").astype(np.int64)
