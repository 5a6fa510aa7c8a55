"""Seconds made comparable: over tasks, by rows, and in units of a reference model on the same machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.averages import task_means
from tabbench.ranking.table import SPLIT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from tabbench.task import FloatArray

SECONDS = ("fit_seconds", "predict_seconds", "search_seconds")
TIME_COLUMNS = (
    *SECONDS, "fit_seconds_per_1000", "predict_seconds_per_1000", "fit_seconds_relative", "predict_seconds_relative",
)  # fmt: skip
"""Columns of a leaderboard that are times, as `with_rescaled_times` makes them."""


def with_rescaled_times(pool: pd.DataFrame, reference: str) -> pd.DataFrame:
    """The rows of a pool with times that can be compared between tasks, and roughly between machines.

    `fit_seconds_per_1000` is fit_seconds / n_train x 1000 and `predict_seconds_per_1000` the same by n_test (source:
    the times of TabZilla, McElfresh et al. 2023, table 1, and of TabArena, Erickson et al. 2025). `*_relative` is a
    row's seconds over those of the reference model on the same split in the same environment (`environment_id`, where
    the rows have one), as DESIGN asks; neither is exact. Missing where what they need is missing.

    Args:
        pool: Tidy rows, one an entrant and split.
        reference: Name of the entrant that is 1.
    """
    made = pool.copy(deep=False)
    for name, rows in (("fit_seconds", "n_train"), ("predict_seconds", "n_test")):
        if name in pool and rows in pool:
            made[f"{name}_per_1000"] = pool[name] / pool[rows] * 1000
        if name in pool:
            made[f"{name}_relative"] = _relative(pool, name, reference)
    return made


def _relative(pool: pd.DataFrame, name: str, reference: str) -> FloatArray:
    keys = [*SPLIT_COLUMNS, *(["environment_id"] if "environment_id" in pool else [])]
    own = pool.loc[pool["model"] == reference, [*keys, name]].drop_duplicates(keys)
    of_reference = pool[keys].merge(own, on=keys, how="left")[name].to_numpy(dtype=np.float64, na_value=np.nan)
    seconds = pool[name].to_numpy(dtype=np.float64, na_value=np.nan)
    ratios: FloatArray = np.divide(seconds, of_reference, out=np.full(len(pool), np.nan), where=of_reference > 0)
    return ratios


def typical_times(pool: pd.DataFrame, name: str, models: Sequence[str]) -> FloatArray:
    """Median over tasks of the task's mean over the splits that a model finished; NaN where nothing was timed.

    Args:
        pool: Tidy rows, one an entrant and split.
        name: The column of times.
        models: Entrants in the order wanted.
    """
    if name not in pool:
        return np.full(len(models), np.nan)
    finished = pool[pool["error"].notna()]
    wide = finished.pivot(index=SPLIT_COLUMNS, columns="model", values=name)
    wide = wide.reindex(columns=list(models)).sort_index()
    tasks = np.unique(wide.index.get_level_values("task").to_numpy().astype(str), return_inverse=True)[1]
    means = task_means(wide.to_numpy(dtype=np.float64, na_value=np.nan), tasks.astype(np.int64))
    return np.array([np.median(m[~np.isnan(m)]) if (~np.isnan(m)).any() else np.nan for m in means.T])
