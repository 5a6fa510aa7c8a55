"""What `tabbench rank` prints below the leaderboard: what it is sensitive to, and what its tasks are worth."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.ranking.rules import Rules

WIDTH = 100
MOST_ROWS = 12
"""Rows of the longer tables that a person is shown; --csv has all."""


class Panel(NamedTuple):
    """A table with a title.

    Attributes:
        title: What it is.
        frame: Its rows, with the column `pool`.
        is_shown: Whether people see it.
        is_data: Whether it is what --csv and --json print.
    """

    title: str
    frame: pd.DataFrame
    is_shown: bool = True
    is_data: bool = False


def at_a_glance(errors: pd.DataFrame, rules: Rules) -> list[str]:
    """A sentence a pool: the choice that moves its order most. Models are not left out in turn: that is the panel's."""
    from tabbench.ranking.leaderboard import pools_of
    from tabbench.ranking.sensitivity import alternatives_of, sensitivity

    found = []
    for name, pool in pools_of(errors, rules.pool):
        try:
            options = sensitivity(pool, rules, alternatives_of(errors, name, {}, rules), leave_models_out=False).options
        except ValueError:  # nobody is ranked
            continue
        moved = options[options["largest_move"] > 0].sort_values("least_tau", kind="stable").head(3)
        words = [
            f"{row['option']} ({row['least_tau_variant']}: tau {row['least_tau']:.2f}, "
            f"{row['moved_model']} moves {row['largest_move']:g})"
            for row in moved.to_dict("records")
        ]
        found.append(f"{name}: most sensitive to {'; '.join(words)}." if words else f"{name}: no choice moves a place.")
    return found


def sensitivity_panels(errors: pd.DataFrame, by_metric: dict[str, pd.DataFrame], rules: Rules) -> list[Panel]:
    """Each pool's options, models and variants."""
    from tabbench.ranking.leaderboard import pools_of
    from tabbench.ranking.sensitivity import alternatives_of, sensitivity

    panels = []
    for name, pool in pools_of(errors, rules.pool):
        try:
            found = sensitivity(pool, rules, alternatives_of(errors, name, by_metric, rules))
        except ValueError:  # nobody is ranked
            continue
        panels += [
            Panel(f"{name}: how the order moves with each choice", found.options.assign(pool=name)),
            Panel(f"{name}: how far each model moves", found.models.assign(pool=name)),
            Panel(f"{name}: every variant", found.variants.assign(pool=name), is_shown=False, is_data=True),
        ]
    return panels


def diagnostic_panels(errors: pd.DataFrame, rules: Rules, seed: int) -> tuple[list[Panel], list[str]]:
    """What each pool's tasks are worth, and sentences on agreement and on how many an order needs."""
    from tabbench.ranking.averages import task_means
    from tabbench.ranking.diagnostics import stability_by_splits, stability_by_tasks, task_agreement, task_values
    from tabbench.ranking.hard_tasks import hard_tasks
    from tabbench.ranking.imputation import impute
    from tabbench.ranking.leaderboard import pools_of
    from tabbench.ranking.ranks import split_ranks
    from tabbench.ranking.table import error_table

    panels, notices = [], []
    for name, pool in pools_of(errors, rules.pool):
        table = impute(error_table(pool), rules.impute, rules.constant, rules.reference_model).table.dense()
        if len(table.models) < 2 or not table.tasks:
            continue
        ranks = split_ranks(table.errors)
        of_task = task_means(ranks, table.task_of)
        agreement = task_agreement(of_task)
        by_tasks, by_splits = stability_by_tasks(of_task, seed), stability_by_splits(ranks, table.task_of, seed)
        panels.append(Panel(f"{name}: what each task tells", task_values(table, ranks).assign(pool=name), is_data=True))
        if "family" in pool:
            families = pool.drop_duplicates("model").set_index("model")["family"].astype(str)
            hard = hard_tasks(table, [str(families[model]) for model in table.models])
            panels.append(Panel(f"{name}: hard tasks by TabZilla's rules", hard.assign(pool=name)))
        panels.append(
            Panel(f"{name}: agreement of two orders from disjoint draws of n tasks", by_tasks.assign(pool=name))
        )
        panels.append(Panel(f"{name}: the same of n splits of every task", by_splits.assign(pool=name)))
        splits = _needed(by_splits, "splits")
        if len(table.tasks) < 2:
            notices.append(f"{name}: agreement needs two tasks. A stable order on this one needs {splits}.")
            continue
        notices.append(
            f"{name}: tasks agree with Kendall's W {agreement.w:.2f}, mean tau {agreement.mean_tau:.2f}. "
            f"A stable order needs {_needed(by_tasks, 'tasks')} and {splits} a task."
        )
    return panels, notices


def _needed(stability: pd.DataFrame, what: str) -> str:
    from tabbench.ranking.diagnostics import needed

    n = needed(stability)
    if n is not None:
        return f"{n} {what.removesuffix('s') if n == 1 else what}"
    return f"over {int(stability['n'].max())} {what}" if len(stability) else f"an unknown number of {what}"


def print_panels(panels: list[Panel]) -> None:
    """Print tables for people, long ones cut short."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console.width = WIDTH
    for title, frame, *_ in panels:
        rows = frame.drop(columns="pool")
        console.print(title, highlight=False, markup=False)
        shown = Table(box=box.SIMPLE, pad_edge=False)
        shown.padding = (0, 1, 0, 0)
        for column in rows.columns:
            is_text = rows[column].dtype == object
            shown.add_column(str(column).replace("_", " "), justify="left" if is_text else "right", overflow="fold")
        for row in rows.head(MOST_ROWS).itertuples(index=False):
            shown.add_row(*[_cell(value) for value in row])
        console.print(shown)
        if len(rows) > MOST_ROWS:
            sys.stderr.write(f"{title}: {len(rows) - MOST_ROWS} more rows; --csv and --json have all.\n")


def _cell(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else ""
    if isinstance(value, float):
        return "-" if np.isnan(value) else f"{round(value, 2):g}"
    return str(value)
