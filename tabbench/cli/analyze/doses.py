"""`tabbench analyze doses`: how the gap of two families moves when a table is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.cli.analyze.output import Found
from tabbench.cli.rank_more import Panel

if TYPE_CHECKING:
    import argparse

    import pandas as pd

    from tabbench.analysis.material import Material

EXAMPLE = """"tasks=['bundled/diamonds','bundled/diamonds~rotate','bundled/diamonds~noise_columns=10']\""""


def analyze_doses(options: argparse.Namespace, material: Material) -> Found:
    """The gap against the dose of every modifier that the results hold."""
    from tabbench.analysis.doses import doses_of, paired, responses, trends
    from tabbench.analysis.drawings import dose_drawing
    from tabbench.analysis.gap import TUNED, split_gaps, task_gaps
    from tabbench.analysis.material import sides_of

    sides = sides_of(material.trials, options.first, options.second)
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
