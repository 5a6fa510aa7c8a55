"""Seconds made comparable: over tasks, by rows, and in units of a reference model on the same machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.averages import task_means

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.ranking.table import Layout
    from tabbench.task import FloatArray, IntArray

SECONDS = ("fit_seconds", "predict_seconds", "search_seconds")
TIME_COLUMNS = (
    *SECONDS, "fit_seconds_per_1000", "predict_seconds_per_1000", "fit_seconds_relative", "predict_seconds_relative",
)  # fmt: skip
"""Columns of a leaderboard that are times."""


def times_of(pool: pd.DataFrame, layout: Layout, reference: int | None) -> dict[str, FloatArray]:
    """Each of `TIME_COLUMNS` as the typical time of each entrant, over the splits that it finished.

    `fit_seconds_per_1000` is fit_seconds / n_train x 1000 and `predict_seconds_per_1000` the same by n_test (source:
    the times of TabZilla, McElfresh et al. 2023, table 1, and of TabArena, Erickson et al. 2025). `*_relative` is
    seconds over those of the reference model on the same split in the same environment (`environment_id`, where the
    rows have one). Neither is exact. Missing where what they need is missing.

    Args:
        pool: Tidy rows, one an entrant and split.
        layout: Their layout.
        reference: Number of the entrant that is 1; None where there is none.

    Returns:
        Arrays of shape (n_models,).
    """
    times = {name: np.full((len(layout.task_of), len(layout.models)), np.nan) for name in TIME_COLUMNS}
    times |= {name: layout.wide(pool[name]) for name in SECONDS if name in pool}
    for name, rows in (("fit_seconds", "n_train"), ("predict_seconds", "n_test")):
        if rows in pool:
            times[f"{name}_per_1000"] = times[name] / layout.wide(pool[rows]) * 1000
        if reference is not None:
            times[f"{name}_relative"] = relative_times(times[name], reference, _machines(pool, layout))
    finished = np.isfinite(layout.wide(pool["error"]))
    return {name: typical_times(np.where(finished, values, np.nan), layout.task_of) for name, values in times.items()}


def relative_times(seconds: FloatArray, reference: int, machines: FloatArray | None = None) -> FloatArray:
    """Seconds over the reference model's on the same split and machine; NaN where it ran elsewhere or in no time.

    Args:
        seconds: Shape (n_splits, n_models).
        reference: Number of the reference model.
        machines: Shape (n_splits, n_models), a number for each machine; None if all ran on one.

    >>> relative_times(np.array([[2.0, 6.0], [1.0, 5.0]]), 0, np.array([[0.0, 0.0], [0.0, 1.0]])).tolist()
    [[1.0, 3.0], [1.0, nan]]
    """
    own = seconds[:, [reference]]
    ratios = np.divide(seconds, own, out=np.full_like(seconds, np.nan), where=own > 0)
    return ratios if machines is None else np.where(machines == machines[:, [reference]], ratios, np.nan)


def typical_times(seconds: FloatArray, task_of: IntArray) -> FloatArray:
    """Median over tasks of the task's mean over the splits with a time; NaN for a model without any.

    Args:
        seconds: Shape (n_splits, n_models), NaN where nothing was timed.
        task_of: Shape (n_splits,), number of each split's task.
    """
    means = task_means(seconds, task_of)
    return np.array([np.median(m[~np.isnan(m)]) if (~np.isnan(m)).any() else np.nan for m in means.T])


def _machines(pool: pd.DataFrame, layout: Layout) -> FloatArray | None:
    import pandas as pd

    if "environment_id" not in pool:
        return None
    return layout.wide(pd.Series(pd.factorize(pool["environment_id"])[0]))
