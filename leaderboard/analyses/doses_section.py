"""What a change of a table does to the gap: dose and response."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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
    plain,
    rows_of,
    share,
    told_interval,
)
from tabbench_leaderboard.analyses.sides import FIRST, SECOND
from tabbench_leaderboard.analyses.texts import DOSES
from tabbench_leaderboard.pages import REGIMES

from tabbench.analysis.doses import doses_of, paired, responses, trends
from tabbench.analysis.gap import TUNED, split_gaps, task_gaps

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.analysis.gap import Sides
    from tabbench.analysis.material import Material

WORDS = {
    "rotate": "Columns rotated", "rows": "Number of rows", "noise_columns": "Columns of noise added",
    "label_noise": "Labels made wrong", "missing": "Cells emptied",
}  # fmt: skip
"""Changes in words; others are called by their names."""
NONE = "No task stands beside a changed copy of itself with results of both families."
BRINGS = (
    "tabbench run \"tasks=['bundled/ames','bundled/ames~rotate','bundled/ames~noise_columns=10']\" "
    "'models=[mlp,lightgbm]'"
)

EMPTY = Section(
    "doses", "Changing the tables", "What goes with the gap need not cause it. Does changing a table move the gap?"
)


def doses_section(material: Material, sides: Sides) -> Section:
    """The gap against the dose of every change that tasks were run with."""
    doses = doses_of(sorted(map(str, material.trials["task"].unique())), _n_rows(material))
    if not len(doses):
        return replace(EMPTY, missing=NONE, brings=BRINGS)
    every = task_gaps(split_gaps(material.trials, sides), material.test_per_train)
    regime = TUNED if TUNED in set(every["regime"]) else "default"
    gaps = every[every["regime"] == regime].set_index("task")
    found = responses(gaps, doses, material.related)
    if not len(found):
        return replace(EMPTY, missing=NONE, brings=BRINGS)
    pairs = paired(gaps, doses)
    views = tuple(
        _view(str(change), rows, pairs[pairs["change"] == change], doses[doses["change"] == change])
        for change, rows in found.groupby("change", sort=True)
    )
    n_tasks = pairs["base"].nunique()
    says = (f"{REGIMES[regime]} configurations; {n_tasks} tasks stand beside changed copies of themselves.",)
    slopes = trends(gaps, doses, material.related)
    order = dict(zip(doses["dose"], doses["x"], strict=True))
    listed = found.assign(x=found["dose"].map(order)).sort_values(["change", "x"], kind="stable")
    tables = (_listed(listed), *((_slopes(slopes),) if len(slopes) else ()))
    return replace(EMPTY, says=says, charts=(Chart(DOSES, "Change", views),), tables=tables)


def _n_rows(material: Material) -> dict[str, float]:
    sizes = material.errors.drop_duplicates("task")
    return dict(zip(sizes["task"], sizes["n_rows"], strict=True)) if "n_rows" in sizes else {}


def _view(change: str, found: pd.DataFrame, pairs: pd.DataFrame, doses: pd.DataFrame) -> LineView:
    """The tasks as they are come first, then the doses from the least to the most change.

    The mean goes through the doses that most tasks were run with: means over other tasks do not compare.
    """
    amount = doses.groupby("dose")["x"].first()
    order = [str(dose) for dose in amount.sort_values(ascending=change != "rows", kind="stable").index]
    order = [dose for dose in order if dose in set(found["dose"])]
    place = {dose: float(i + 1) for i, dose in enumerate(order)}
    faint = []
    for task, rows in pairs.groupby("base", sort=True):
        points = [
            Point(place[row["dose"]], row["moved"], lines_of(str(task), f"{row['dose']}: {share(row['moved'])}",
                  f"gap {share(row['without'])} before, {share(row['with'])} after"))
            for row in rows_of(rows)
        ]  # fmt: skip
        faint.append(Line("", (_undosed(str(task)), *sorted(points, key=lambda point: point.x))))
    mean = [
        Point(place[row["dose"]], row["moved"], lines_of("Mean", f"{row['dose']}: {share(row['moved'])}",
              told_interval(row["low"], row["high"]), f"{row['n_tasks']} tasks"), known(row["low"]), known(row["high"]))
        for row in rows_of(found[found["n_tasks"] == found["n_tasks"].max()])
    ]  # fmt: skip
    strong = Line("Mean", (_undosed("Mean"), *sorted(mean, key=lambda point: point.x)))
    return LineView(
        title=_word(change), x_axis=_word(change).lower(), y_axis="moves the gap by",
        is_percent=True, lines=(*faint, strong), table=data_table(found), places=("as it is", *map(_amount, order)),
        note=f"Above 0 {SECOND} gain by the change, below 0 {FIRST}.",
    )  # fmt: skip


def _word(change: str) -> str:
    return WORDS.get(change, change.replace("_", " ").capitalize())


def _amount(dose: str) -> str:
    """What stands below a dose, with the change named beside: its amount, or its name where it has none."""
    return dose.partition("=")[2] or dose.replace("_", " ")


def _undosed(name: str) -> Point:
    return Point(0.0, 0.0, lines_of(name, "as it is"))


def _listed(found: pd.DataFrame) -> ShownTable:
    cells = tuple(
        (
            f"~{row['dose']}", plain(row["n_tasks"], 0), share(row["gap_without"]), share(row["gap_with"]),
            share(row["moved"]), between(row["low"], row["high"]),
        )
        for row in rows_of(found)
    )  # fmt: skip
    columns = (
        Column("Change"), Column("Tasks", "number"), Column("Gap as it is", "number"), Column("Gap changed", "number"),
        Column("Moves by", "number"), Column("95 %", "number"),
    )  # fmt: skip
    caption = f"Above 0 {SECOND} gain by the change. There are no intervals under ten families of tasks."
    return ShownTable("By change", columns, cells, caption)


def _slopes(slopes: pd.DataFrame) -> ShownTable:
    cells = tuple(
        (
            _word(str(row["change"])), plain(row["n_tasks"], 0), share(row["slope"], 2),
            between(row["low"], row["high"], lambda value: share(value, 2)),
        )
        for row in rows_of(slopes)
    )  # fmt: skip
    columns = (Column("Change"), Column("Tasks", "number"), Column("Slope of the gap", "number"),
               Column("95 %", "number"))  # fmt: skip
    caption = "Mean over tasks of each task's least-squares line over its doses; for rows, by each tenfold of them."
    return ShownTable("Slopes", columns, cells, caption)
