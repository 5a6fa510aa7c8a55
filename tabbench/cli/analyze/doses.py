"""`tabbench analyze doses`: how the gap of two families moves when a table is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.cli.analyze.material import sides_of
from tabbench.cli.analyze.output import Found
from tabbench.cli.rank_more import Panel

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    import pandas as pd

    from tabbench.cli.analyze.material import Material

EXAMPLE = """"tasks=['bundled/diamonds','bundled/diamonds~rotate','bundled/diamonds~noise_columns=10']\""""


def analyze_doses(options: argparse.Namespace, material: Material) -> Found:
    """The gap against the dose of every modifier that the results hold."""
    from tabbench.analysis.doses import paired, responses, trends
    from tabbench.analysis.drawings import dose_drawing
    from tabbench.analysis.gap import TUNED, split_gaps, task_gaps

    sides = sides_of(options, material.trials)
    all_gaps = task_gaps(split_gaps(material.trials, sides), material.test_per_train)
    sizes = material.errors.drop_duplicates("task")
    n_rows = dict(zip(sizes["task"], sizes["n_rows"], strict=True)) if "n_rows" in sizes else {}
    doses = doses_of(sorted(all_gaps["task"].unique()), n_rows)
    panels: list[Panel] = []
    tables: dict[str, pd.DataFrame] = {}
    regime = TUNED if TUNED in set(all_gaps["regime"]) else "default"
    gaps = all_gaps[all_gaps["regime"] == regime].set_index("task")
    found = responses(gaps, doses, material.related, options.seed)
    if not len(found):
        says = f"No task of these results stands beside itself with a modifier. Run some: {EXAMPLE}"
        return Found([], found, (says,), {})
    slopes = trends(gaps, doses, material.related, options.seed)
    panels.append(Panel(f"{regime}: gap of {sides.first} and {sides.second} by change and dose", found.assign(pool="")))
    if len(slopes):
        panels.append(Panel("slope of the gap over doses (rows: per tenfold)", slopes.assign(pool="")))
    tables |= {"doses": found, "dose_pairs": paired(gaps, doses), "dose_slopes": slopes}
    figures = {
        f"dose_{change}": dose_drawing(f"{sides.first} and {sides.second}: {change}", rows)
        for change, rows in found.groupby("change", sort=True)
    }
    return Found(panels, found, (f"Regime {regime}. `moved` above 0: {sides.second} gains by the change.",), tables,
                 figures)  # fmt: skip


def doses_of(tasks: list[str], n_rows: Mapping[str, float]) -> pd.DataFrame:
    """Each modified task, its last modifier that changes rows as a dose, and the task without it.

    Returns:
        `task base change dose x x_without`; `dose` is the modifier's text without its seed.
    """
    import pandas as pd

    from tabbench.data.modifiers.names import Stage, split_name

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
