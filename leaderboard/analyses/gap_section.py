"""Networks against boosted trees on every task, beside the noise of splits and the gain from tuning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tabbench_leaderboard.analyses.shown import (
    Chart,
    Column,
    Mark,
    MarkView,
    Section,
    ShownTable,
    between,
    data_table,
    known,
    lines_of,
    plain,
    rows_of,
    share,
    told_interval,
)
from tabbench_leaderboard.analyses.sides import FIRST, SECOND
from tabbench_leaderboard.analyses.texts import GAP
from tabbench_leaderboard.pages import REGIMES

from tabbench.analysis.gap import TUNED, gap_summary, metric_gaps, split_gaps, task_gaps
from tabbench.analysis.gap_in_words import gap_in_words
from tabbench.analysis.material import unmodified

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from tabbench.analysis.gap import Sides
    from tabbench.analysis.material import Material

BRINGS = "tabbench run suite=bundled 'models=[mlp,lightgbm]'"
QUANTITIES = {
    "mean_gap": "Mean gap; above 0 boosted trees are better",
    "first_wins": "Splits on which networks are ahead, chosen on valid",
    "first_wins_by_test": "Tasks that networks would win, were both picked on test",
    "within_noise": "Tasks on which the gap is within the noise of splits",
    "first_gain": "What tuning brings networks",
    "second_gain": "What tuning brings boosted trees",
    "tuning_matters_more": "Tasks on which tuning the trees brings more than the choice of family",
}

EMPTY = Section(
    "gap",
    "Networks against boosted trees",
    "How far apart are the two families, is that more than the luck of a split, and would tuning have brought more?",
)


def gap_section(material: Material, sides: Sides, by_metric: Iterable[tuple[str, pd.DataFrame]]) -> Section:
    """The gap of the two families, under every configuration that there is, and by every metric.

    Args:
        material: What is analysed.
        sides: The two families.
        by_metric: Trials of the same tasks scored on test by each metric; read only where there is a gap.
    """
    tasks = task_gaps(split_gaps(unmodified(material.trials), sides), material.test_per_train)
    regimes = [regime for regime in (TUNED, "default") if regime in set(tasks["regime"])]
    if not regimes:
        return replace(EMPTY, missing=f"No split has results of both {FIRST} and {SECOND}.", brings=BRINGS)
    pools = {regime: tasks[tasks["regime"] == regime] for regime in regimes}
    summaries = {regime: gap_summary(pool, material.related) for regime, pool in pools.items()}
    says = [gap_in_words(REGIMES[regime], summary, sides) for regime, summary in summaries.items()]
    views = tuple(_view(regime, pool) for regime, pool in pools.items())
    tables = [_summary_table(summaries), _metric_table(by_metric, material, sides)]
    return replace(EMPTY, says=tuple(says), charts=(Chart(GAP, "Configuration", views),), tables=tuple(tables))


def _view(regime: str, tasks: pd.DataFrame) -> MarkView:
    ordered = tasks.sort_values(["gap", "task"], kind="stable")
    has_bars = bool(ordered["low"].notna().any())
    return MarkView(
        title=REGIMES[regime], axis="gap", is_percent=True, marks=tuple(_mark(row) for row in rows_of(ordered)),
        table=data_table(ordered.drop(columns="regime")), sides=(f"{FIRST} better", f"{SECOND} better"),
        hues=("network", "boosted_trees"),
        note="Hollow dots: within the noise of splits." if has_bars else "No bars: a task has one split.",
    )  # fmt: skip


def _mark(row: Mapping[str, Any]) -> Mark:
    told = lines_of(
        f"gap {share(row['gap'])}", told_interval(row["low"], row["high"]), f"{row['n_splits']} splits",
        f"{FIRST} ahead on {share(row['first_wins'], 0)} of them",
        f"tuning brings the trees {share(row['second_gain'])}" if known(row["second_gain"]) is not None else "",
    )  # fmt: skip
    is_filled = known(row["p"]) is None or row["p"] < 0.05
    return Mark(str(row["task"]), row["gap"], known(row["low"]), known(row["high"]), told, is_filled)


def _summary_table(summaries: Mapping[str, pd.DataFrame]) -> ShownTable:
    columns = [Column("Over all tasks")]
    by_regime = []
    for regime, summary in summaries.items():
        columns += [Column(REGIMES[regime], "number"), Column("95 %", "number")]
        by_regime.append({row["quantity"]: row for row in rows_of(summary)})
    rows = []
    for quantity, words in QUANTITIES.items():
        if any(quantity in found for found in by_regime):
            cells = [_shown(found.get(quantity), quantity) for found in by_regime]
            rows.append((words, *(cell for pair in cells for cell in pair)))
    caption = "Intervals draw families of tasks; there are none under ten."
    return ShownTable("What it comes to", tuple(columns), tuple(rows), caption)


def _shown(row: Mapping[str, Any] | None, quantity: str) -> tuple[str, str]:
    if row is None:
        return ("–", "")
    digits = 1 if "gap" in quantity or "gain" in quantity else 0
    return share(row["value"], digits), between(row["low"], row["high"], lambda value: share(value, digits))


def _metric_table(by_metric: Iterable[tuple[str, pd.DataFrame]], material: Material, sides: Sides) -> ShownTable:
    found = metric_gaps(((name, unmodified(trials)) for name, trials in by_metric), sides, material.related)
    rows = tuple(
        (
            str(row["metric"]), REGIMES[row["regime"]], plain(row["n_tasks"], 0), share(row["gap"]),
            between(row["low"], row["high"]), share(row["first_wins"], 0),
        )
        for row in rows_of(found)
    )  # fmt: skip
    columns = (
        Column("Metric"), Column("Configuration"), Column("Tasks", "number"), Column("Mean gap", "number"),
        Column("95 %", "number"), Column("Networks ahead", "number"),
    )  # fmt: skip
    caption = "Configurations stay those that the metric of the run chose."
    return ShownTable("By metric", columns, rows, caption, is_folded=True)
