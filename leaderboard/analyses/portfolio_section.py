"""The few configurations that together do best: a default search that needs none."""

from __future__ import annotations

import json
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
    data_table,
    known,
    lines_of,
    plain,
    rows_of,
    told_interval,
)
from tabbench_leaderboard.analyses.texts import PORTFOLIO
from tabbench_leaderboard.chosen_trials import setting_text

from tabbench.analysis.material import unmodified
from tabbench.analysis.outcomes import BASELINE
from tabbench.analysis.portfolio import evaluate, shared_grid

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.analysis.material import Material
    from tabbench.analysis.portfolio import Grid

SIZE = 8
"""As `tabbench analyze portfolio` has it."""
MOST_PARTS = 20
WAYS = {"loss": "Portfolio", "random": "Random", "single_model": "Single model"}

EMPTY = Section(
    "portfolio",
    "A portfolio for any task",
    "Which few configurations would do for any task, when all are tried and valid chooses?",
)


def portfolio_section(material: Material) -> Section:
    """A portfolio, and what portfolios lose on tasks they were not selected on.

    Raises:
        DataError: If no configuration was tried on every split.
    """
    trials = unmodified(material.trials)
    grid = shared_grid(trials[trials["family"] != BASELINE], material.related)
    losses = evaluate(grid, SIZE, most_parts=MOST_PARTS)
    is_exact = len(grid.candidates.families()) <= MOST_PARTS
    left_out = "each task" if is_exact else f"one of {MOST_PARTS} parts of the tasks"
    says = (
        f"Taken from {len(grid.configs)} configurations of {grid.configs['model'].nunique()} models that were tried on "
        f"every split of {len(grid.candidates.tasks)} tasks; {left_out} is left out in turn. "
        "To run them: tabbench analyze portfolio -o FOLDER",
    )
    return replace(EMPTY, says=says, charts=(Chart(PORTFOLIO, "", (_view(losses),)),), tables=(_members(grid),))


def _view(losses: pd.DataFrame) -> LineView:
    lines = []
    for column, name in WAYS.items():
        points = []
        for row in rows_of(losses):
            is_own = column == "loss"
            interval = told_interval(row["low"], row["high"], plain) if is_own else ""
            n = f"{row['n_configs']} configuration{'' if row['n_configs'] == 1 else 's'}"
            ends = (known(row["low"]), known(row["high"])) if is_own else (None, None)
            points.append(Point(row["n_configs"], row[column], lines_of(name, n, f"loss {plain(row[column], 3)}",
                                interval), *ends))  # fmt: skip
        lines.append(Line(name, tuple(points)))
    return LineView(
        title="", x_axis="configurations tried", y_axis="loss", is_percent=False, lines=tuple(lines),
        table=data_table(losses),
    )  # fmt: skip


def _members(grid: Grid) -> ShownTable:
    members = grid.configs.iloc[grid.candidates.greedy(SIZE)]
    cells = tuple(
        (str(row["model"]), str(place), "default" if row["is_default"] else _settings(str(row["config"])))
        for place, row in enumerate(rows_of(members), start=1)
    )  # fmt: skip
    columns = (Column("Model", "model"), Column("Taken", "number"), Column("Configuration"))
    return ShownTable("In the order in which they were taken", columns, cells)


def _settings(config: str) -> str:
    """A configuration for reading; the command exports every digit.

    >>> _settings('{"num_leaves": 31, "learning_rate": 0.0312345}')
    'learning_rate 0.03123, num_leaves 31'
    """
    return ", ".join(f"{name} {setting_text(value)}" for name, value in sorted(json.loads(config).items()))
