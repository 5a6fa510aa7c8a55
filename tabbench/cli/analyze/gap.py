"""`tabbench analyze gap`: two families on every task and over tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.cli.analyze.output import Found
from tabbench.cli.rank_more import Panel

if TYPE_CHECKING:
    import argparse

    import pandas as pd

    from tabbench.analysis.gap import Sides
    from tabbench.analysis.material import Material


def analyze_gap(options: argparse.Namespace, material: Material) -> Found:
    """The gap of two families by regime: what it comes to over tasks, and each task."""
    import pandas as pd

    from tabbench.analysis.gap import gap_summary, split_gaps, task_gaps
    from tabbench.analysis.gap_in_words import gap_in_words
    from tabbench.analysis.material import sides_of, unmodified

    sides = sides_of(material.trials, options.first, options.second)
    tasks = task_gaps(split_gaps(unmodified(material.trials), sides), material.test_per_train)
    panels: list[Panel] = []
    notices: list[str] = []
    summaries: list[pd.DataFrame] = []
    for regime, mine in tasks.groupby("regime", sort=True):
        summary = gap_summary(mine, material.related, options.seed).assign(pool=regime)
        summaries.append(summary)
        panels.append(Panel(f"{regime}: {sides.first} against {sides.second}, over tasks", summary))
        panels.append(Panel(f"{regime}: by task, {sides.first} is better at the top", _shown(mine, sides)))
        notices.append(gap_in_words(str(regime), summary, sides))
    if not panels:
        notices.append(f"No split has rows of both {sides.first} and {sides.second}: there is no gap.")
    tables = {"gap_by_task": tasks}
    if options.by_metric:
        metrics = _by_metric(options, material, sides)
        panels.append(Panel("by metric; configurations are chosen by the metric of the run", metrics.assign(pool="")))
        tables["gap_by_metric"] = metrics
    if summaries:
        tables["gap_summary"] = pd.concat(summaries, ignore_index=True)
    return Found(panels, tasks, tuple(notices), tables, _figures(tasks, sides))


def _by_metric(options: argparse.Namespace, material: Material, sides: Sides) -> pd.DataFrame:
    """Mean gap and share of wins by every metric and regime."""
    from pathlib import Path

    from tabbench.analysis.gap import metric_gaps
    from tabbench.analysis.material import unmodified
    from tabbench.cli.analyze.material import trials_of_store
    from tabbench.cli.rank_rows import measured
    from tabbench.store.layout import Store

    tasks = set(unmodified(material.trials)["task"])
    scored = ((metric, trials_of_store(options, metric, tasks)) for metric in measured(Store(Path(options.store))))
    return metric_gaps(scored, sides, material.related, options.seed)


def _figures(tasks: pd.DataFrame, sides: Sides) -> dict[str, str]:
    from tabbench.analysis.drawings import Bar, interval_drawing

    zero = f"left of 0: {sides.first} is better; right: {sides.second}"
    axis = "gap: difference of test errors over the larger, interval of the corrected t-test over splits"
    found = {}
    for regime, mine in tasks.groupby("regime", sort=True):
        ordered = mine.sort_values("gap", kind="stable").to_dict("records")
        bars = [Bar(str(row["task"]), row["gap"], row["low"], row["high"]) for row in ordered]
        title = f"{sides.first} and {sides.second}, {regime}"
        found[f"gap_{regime}"] = interval_drawing(title, axis, bars, zero)
    return found


def _shown(tasks: pd.DataFrame, sides: Sides) -> pd.DataFrame:
    """What people are shown of tasks: the gap with its split noise, and who wins."""
    kept = tasks[["task", "n_splits", "gap", "low", "high", "first_wins", "second_gain"]]
    names = {"n_splits": "splits", "first_wins": f"{sides.first} wins", "second_gain": f"tuning {sides.second}"}
    return kept.sort_values("gap", kind="stable").rename(columns=names).assign(pool="").dropna(axis=1, how="all")
