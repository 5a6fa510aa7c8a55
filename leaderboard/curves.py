"""Tuning curves for the plots: those of `tuning.curve_tables`, averaged over a task's splits and over tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.tuning.curve_tables import tuning_curves
from tabbench.tuning.overtuning import relative_loss

if TYPE_CHECKING:
    import pandas as pd
    from pandas.core.groupby import DataFrameGroupBy

    from tabbench.task import IntArray

MOST_POINTS = 40
"""Points of a drawn curve: numbers of trials spread evenly on a logarithmic axis."""
BAND = ("q05", "q95")
"""The luck in tuning that is drawn: nine orders of ten end between these."""
_VALUES = ("seconds", "error", *BAND)


@dataclass(frozen=True)
class Curve:
    """What tuning a model brings on a task, or over all tasks.

    Attributes:
        model: Its name.
        is_exact: Whether the numbers are expectations over all orders of the trials; else the one order that happened.
        n_tasks: Tasks behind it.
        n_splits: Splits behind it.
        n_trials: Trials spent, the default configuration counted, as far as every split goes.
        seconds: Expected sum of their seconds, of one split.
        error: Expected test error; over all tasks its relative difference to that of the default configuration.
        low: Error that the luckiest twentieth of orders reaches; None in a curve of one order.
        high: Error that all but the unluckiest twentieth reach.
    """

    model: str
    is_exact: bool
    n_tasks: int
    n_splits: int
    n_trials: tuple[int, ...]
    seconds: tuple[float | None, ...]
    error: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]


@dataclass(frozen=True)
class Curves:
    """Every curve of the site.

    Attributes:
        over_tasks: A curve a model that was tuned.
        by_task: The same of each task, by its name.
    """

    over_tasks: tuple[Curve, ...]
    by_task: dict[str, tuple[Curve, ...]]


def curves_of(trials: pd.DataFrame) -> Curves:
    """The curves of every model that has more than one trial.

    Args:
        trials: As `tuning_curves` takes them.
    """
    of_jobs = tuning_curves(trials)
    by_task: dict[str, list[Curve]] = {}
    over_tasks = []
    for model, jobs in of_jobs.groupby("model", sort=True):
        means = _task_means(jobs)
        if means["n_trials"].max() < 2:
            continue
        for task, rows in means.groupby("task", sort=True):
            by_task.setdefault(str(task), []).append(_curve(str(model), rows, rows))
        over_tasks.append(_curve(str(model), _over_tasks(means), means))
    return Curves(tuple(over_tasks), {task: tuple(curves) for task, curves in sorted(by_task.items())})


def _task_means(jobs: pd.DataFrame) -> pd.DataFrame:
    """Mean over a task's splits at each number of trials that all of them reach."""
    length = jobs.groupby(["task", "job_id"])["n_trials"].transform("max")
    least = length.groupby(jobs["task"]).transform("min")
    groups = jobs[jobs["n_trials"] <= least].groupby(["task", "n_trials"], sort=True)
    means = _strict_means(groups)
    return means.assign(n_splits=groups.size(), is_exact=groups["is_exact"].all()).reset_index()


def _mean_of_all(values: pd.Series[float]) -> float:
    """NaN where one is missing, which pandas would leave out."""
    return float(values.mean(skipna=False))


def _over_tasks(means: pd.DataFrame) -> pd.DataFrame:
    """Mean over tasks of the relative difference to the default's error, at each number of trials that all reach.

    Tasks on which the default has no error are left out.
    """
    default = means[means["n_trials"] == 1].set_index("task")["error"].dropna()
    kept = means[means["task"].isin(default.index)]
    reference = kept["task"].map(default).to_numpy(dtype=np.float64)
    shares = {name: relative_loss(kept[name].to_numpy(dtype=np.float64), reference) for name in _VALUES[1:]}
    kept = kept.assign(**shares)
    least = kept.groupby("task")["n_trials"].max().min() if len(kept) else 0
    groups = kept[kept["n_trials"] <= least].groupby("n_trials", sort=True)
    return _strict_means(groups).reset_index()


def _strict_means(groups: DataFrameGroupBy[Any, Any]) -> pd.DataFrame:
    """Means of each group; NaN where any of its values is missing."""
    columns = groups[list(_VALUES)]
    return columns.mean().where(columns.count().eq(groups.size(), axis=0))


def _curve(model: str, rows: pd.DataFrame, behind: pd.DataFrame) -> Curve:
    shown = rows.iloc[_drawn(len(rows))]
    first = behind[behind["n_trials"] == 1]
    return Curve(
        model=model,
        is_exact=bool(behind["is_exact"].all()),
        n_tasks=len(first),
        n_splits=int(first["n_splits"].sum()),
        n_trials=tuple(int(n) for n in shown["n_trials"]),
        seconds=_numbers(shown["seconds"]),
        error=_numbers(shown["error"]),
        low=_numbers(shown[BAND[0]]),
        high=_numbers(shown[BAND[1]]),
    )


def _drawn(n: int) -> IntArray:
    """Places of the points that are drawn: all of the first, then ever fewer, the last always."""
    places: IntArray = np.unique(np.geomspace(1, max(n, 1), MOST_POINTS).round().astype(np.int64))
    return places[:n] - 1


def _numbers(values: pd.Series[float]) -> tuple[float | None, ...]:
    found = values.to_numpy(dtype=np.float64)
    return tuple(float(value) if np.isfinite(value) else None for value in found)
