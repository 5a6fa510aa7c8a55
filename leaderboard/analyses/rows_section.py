"""Whether more rows or another model is the better bet: learning curves of tasks at several sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tabbench_leaderboard.analyses.shown import (
    Chart,
    Column,
    Line,
    LineView,
    Point,
    Section,
    ShownTable,
    between,
    data_table,
    known,
    lines_of,
    rows_of,
    told_interval,
)
from tabbench_leaderboard.analyses.texts import CURVES
from tabbench_leaderboard.figures import count, significant
from tabbench_leaderboard.pages import REGIMES

from tabbench.analysis.gap import TUNED
from tabbench.analysis.learning_curves import FEWEST_ERRORS, LEVEL, bets, sizes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from tabbench.analysis.material import Material

MOST_LISTED = 40
BRINGS = (
    "tabbench run \"tasks=['bundled/ames','bundled/ames~rows=250','bundled/ames~rows=500','bundled/ames~rows=1000',"
    "'bundled/ames~rows=2000']\" 'models=[mlp,lightgbm]'"
)

EMPTY = Section(
    "rows",
    "More rows, or another model",
    "On a given task, would twice the rows lower the error more than another model does?",
)


def rows_section(material: Material) -> Section:
    """A power law through the sizes of each task and model, and twice its largest."""
    regime = TUNED if TUNED in set(material.errors["regime"]) else "default"
    sizes = sizes_of(material.errors[material.errors["regime"] == regime])
    if not len(sizes):
        return replace(EMPTY, missing="No task was run at several sizes.", brings=BRINGS)
    found = bets(sizes)
    n_bets = found["better_bet"].value_counts()
    says = (
        f"{REGIMES[regime]} configurations: {int(found['with_twice'].notna().sum())} of {len(found)} curves have "
        f"{FEWEST_ERRORS} sizes and could be fitted. More rows are the better bet {n_bets.get('more rows', 0)} times, "
        f"another model {n_bets.get('another model', 0)} times; the others cannot be told.",
    )
    views = tuple(_view(str(task), rows, found[found["task"] == task]) for task, rows in sizes.groupby("task"))
    return replace(EMPTY, says=says, charts=(Chart(CURVES, "Task", views),), tables=(_listed(found),))


def _view(task: str, sizes: pd.DataFrame, found: pd.DataFrame) -> LineView:
    beyond = {row["model"]: row for row in rows_of(found)}
    lines = []
    for model, rows in sizes.groupby("model", sort=True):
        points = [
            Point(row["n_rows"], row["error"], lines_of(str(model), f"{count(int(row['n_rows']))} rows",
                  f"error {significant(row['error'], 4)}"))
            for row in rows_of(rows) if known(row["error"]) is not None
        ]  # fmt: skip
        there = beyond.get(model)
        if there is not None and known(there["with_twice"]) is not None:
            points.append(_expected(str(model), there))
        if points:
            lines.append(Line(str(model), tuple(points)))
    return LineView(
        title=task, x_axis="training rows (log)", y_axis="test error", is_percent=False, lines=tuple(lines),
        table=data_table(sizes), is_log=True,
    )  # fmt: skip


def _expected(model: str, row: Mapping[str, Any]) -> Point:
    told = lines_of(
        model, f"{count(int(2 * row['n_rows']))} rows, expected", f"error {significant(row['with_twice'], 4)}",
        told_interval(row["low"], row["high"], lambda value: significant(value, 4), f"{LEVEL:.0%}"), row["better_bet"],
    )  # fmt: skip
    return Point(2 * row["n_rows"], row["with_twice"], told, known(row["low"]), known(row["high"]))


def _listed(found: pd.DataFrame) -> ShownTable:
    told = found[found["better_bet"] != "cannot tell"]
    shown = (told if len(told) else found).head(MOST_LISTED)
    cells = tuple(
        (
            str(row["task"]), str(row["model"]), significant(row["error"], 4), significant(row["with_twice"], 4),
            between(row["low"], row["high"], lambda value: significant(value, 3)),
            f"{row['other']}: {significant(row['other_error'], 4)}" if row["other"] else "", str(row["better_bet"]),
        )
        for row in rows_of(shown)
    )  # fmt: skip
    columns = (
        Column("Task", "task"), Column("Model", "model"), Column("Error", "number"),
        Column("With twice the rows", "number"), Column("90 %", "number"), Column("The model that valid chooses"),
        Column("Better bet"),
    )  # fmt: skip
    caption = f"{len(shown)} of {len(found)} curves: those that tell anything." if len(told) else (
        f"No curve tells: {len(shown)} of {len(found)}."
    )  # fmt: skip
    return ShownTable("The better bet", columns, cells, caption)
