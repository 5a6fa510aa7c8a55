"""What a change of the table does to the gap: dose and response, paired by task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.analysis.units import mean_interval
from tabbench.data.modifiers.names import Stage, split_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd


def doses_of(tasks: Iterable[str], n_rows: Mapping[str, float]) -> pd.DataFrame:
    """Each modified task, each modifier of its table as a dose, and the task without it.

    Args:
        tasks: Names, modified or not.
        n_rows: Of the tasks that are known.

    Returns:
        `task base change dose x x_without`; `dose` is the modifier's text without its seed, `x` its amount as a number
        (log10 for rows), `x_without` that of the task without it.
    """
    import pandas as pd

    rows = []
    for task in tasks:
        base, modifiers = split_name(task)
        changes = [modifier for modifier in modifiers if modifier.kind.stage is not Stage.ROLES]
        for change in changes:
            kept = "".join(f"~{m.text}" for m in modifiers if m is not change)
            is_rows = change.name == "rows"
            amount = change.amount or 1.0
            without = float(n_rows.get(base + kept, np.nan)) if is_rows else 0.0
            rows.append({
                "task": task, "base": base + kept, "change": change.name, "dose": change.text.partition("@")[0],
                "x": np.log10(amount) if is_rows else amount, "x_without": np.log10(without) if is_rows else 0.0,
            })  # fmt: skip
    return pd.DataFrame(rows, columns=["task", "base", "change", "dose", "x", "x_without"])


def responses(gaps: pd.DataFrame, doses: pd.DataFrame, related: Mapping[str, str], seed: int = 0) -> pd.DataFrame:
    """By how much each dose of a change moves the gap, over the tasks that were run with and without it.

    Only the change differs within a pair, so what moves the gap is the change: an experiment, where a correlation over
    tasks is none. The tasks are the unit; doses that were drawn with several seeds are averaged first.

    Args:
        gaps: Index tasks, modified and not; column `gap`.
        doses: One row a modified task: `task base change dose`; `base` is the task without that change.
        related: Family of each base task.
        seed: Of the draws.

    Returns:
        One row a change and dose: `change dose n_tasks gap_without gap_with moved low high`; `moved` is the mean
        difference with its interval of 95 % (NaN under ten families of tasks).
    """
    import pandas as pd

    pairs = paired(gaps, doses)
    rows = []
    for (change, dose), mine in pairs.groupby(["change", "dose"], sort=True):
        families = [related.get(str(base), str(base)) for base in mine["base"]]
        moved = mean_interval(mine["moved"].to_numpy(dtype=np.float64), families, seed)
        rows.append({
            "change": change, "dose": dose, "n_tasks": moved.n_tasks, "gap_without": mine["without"].mean(),
            "gap_with": mine["with"].mean(), "moved": moved.value, "low": moved.low, "high": moved.high,
        })  # fmt: skip
    names = ["change", "dose", "n_tasks", "gap_without", "gap_with", "moved", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def paired(gaps: pd.DataFrame, doses: pd.DataFrame) -> pd.DataFrame:
    """Every task beside itself under a dose: `change dose base without with moved`, one row a base task and dose."""
    known = gaps["gap"].dropna()
    both = doses[doses["task"].isin(known.index) & doses["base"].isin(known.index)]
    made = both.assign(**{"with": known.reindex(both["task"]).to_numpy()})
    means = made.groupby(["change", "dose", "base"], sort=True)["with"].mean().reset_index()
    without = known.reindex(means["base"]).to_numpy()
    return means.assign(without=without, moved=means["with"].to_numpy() - without)


def trends(gaps: pd.DataFrame, doses: pd.DataFrame, related: Mapping[str, str], seed: int = 0) -> pd.DataFrame:
    """Slope of the gap over the doses of each task, and its mean over tasks.

    A least-squares line a task through its doses, the undosed task at 0; for rows the dose is log10 of their number.

    Args:
        gaps: As for `responses`.
        doses: Likewise, with `x`, the dose as a number, and `x_without`, that of the task without the change.
        related: Family of each base task.
        seed: Of the draws.

    Returns:
        `change n_tasks slope low high`; changes with one dose alone have none.
    """
    import pandas as pd

    known, rows = gaps["gap"].dropna(), []
    both = doses[doses["task"].isin(known.index) & doses["base"].isin(known.index)]
    for change, mine in both.groupby("change", sort=True):
        slopes, families = [], []
        for base, of_base in mine.groupby("base", sort=True):
            x = np.append(of_base["x"].to_numpy(dtype=np.float64), of_base["x_without"].iloc[0])
            y = np.append(known.reindex(of_base["task"]).to_numpy(), known[base])
            if len(np.unique(x)) > 2:
                slopes.append(float(np.polyfit(x, y, 1)[0]))
                families.append(related.get(str(base), str(base)))
        if slopes:
            mean = mean_interval(np.array(slopes), families, seed)
            rows.append({"change": change, "n_tasks": mean.n_tasks, "slope": mean.value, "low": mean.low,
                         "high": mean.high})  # fmt: skip
    return pd.DataFrame(rows, columns=["change", "n_tasks", "slope", "low", "high"])
