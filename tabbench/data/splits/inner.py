"""Cut the train rows of a split into what is fitted on and valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.splits.dealing import draw_rows, units_of
from tabbench.data.splits.grouped import draw_groups
from tabbench.data.splits.temporal import is_before, latest_rows, times_of
from tabbench.errors import DataError
from tabbench.hashing import derive_seed
from tabbench.task import SplitKind

if TYPE_CHECKING:
    from tabbench.task import IntArray, TaskData


def cut_valid(data: TaskData, rows: IntArray, fraction: float, seed: int) -> tuple[IntArray, IntArray]:
    """Rows to fit on and valid rows, as the task's split rule demands.

    kfold, holdout: every class (target tenth) gives its share; a class keeps at least one row in the fit part.
    temporal: valid is the latest part of time; rows of one time stay together. A gap lies before valid as well.
    grouped: valid is made of whole groups.
    fixed: as temporal or grouped where the task has a time or groups, else as kfold.

    Args:
        data: The task with its table.
        rows: Row numbers to cut (train), each once.
        fraction: Share of valid, between 0 and 1; met as nearly as the rule allows.
        seed: Where chance starts; temporal cuts hold none.

    Returns:
        Two ascending arrays that together are `rows`, but for those in a gap; neither is empty.

    Raises:
        DataError: If the rows cannot be cut so: too few rows, times or groups.
    """
    if not 0 < fraction < 1:
        raise DataError(f"The valid fraction must lie between 0 and 1, got {fraction}.")
    rows = np.sort(rows)
    seed, kind = derive_seed("valid", seed), kind_inside(data)
    if kind is SplitKind.TEMPORAL:
        is_valid = latest_rows(data, rows, fraction)
    elif kind is SplitKind.GROUPED:
        is_valid = draw_groups(data, rows, fraction, seed)
    else:
        is_valid = draw_rows(units_of(data, rows, seed), fraction)
    fit, valid = rows[~is_valid], rows[is_valid]
    gap = data.task.split_rule.gap
    if kind is SplitKind.TEMPORAL and len(valid):
        time = times_of(data)
        fit = fit[is_before(time[fit], time[valid].min(), gap)]
    if not len(fit) or not len(valid):
        raise DataError(
            f"{data.task.name}: {len(rows)} train rows cannot be cut in two parts with a valid fraction of {fraction}"
            + (f" and a gap of {gap:g}." if gap else ".")
        )
    return fit, valid


def kind_inside(data: TaskData) -> SplitKind:
    """The rule by which train is cut: the task's own; of fixed splits, what its columns ask for."""
    kind = data.task.split_rule.kind
    if kind is not SplitKind.FIXED:
        return kind
    if data.time is not None:
        return SplitKind.TEMPORAL
    return SplitKind.KFOLD if data.group is None else SplitKind.GROUPED
