"""`tabbench analyze rows`: learning curves over ~rows=, and whether more rows or another model is the better bet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.cli.analyze.output import Found
from tabbench.cli.rank_more import Panel

if TYPE_CHECKING:
    import argparse

    from tabbench.analysis.material import Material

EXAMPLE = """"tasks=['bundled/ames','bundled/ames~rows=250','bundled/ames~rows=500', …]\""""


def analyze_rows(options: argparse.Namespace, material: Material) -> Found:
    """A power law through the sizes of each task and model, and twice its largest."""
    from tabbench.analysis.drawings import Bar, interval_drawing
    from tabbench.analysis.learning_curves import FEWEST_ERRORS, LEVEL, bets, sizes_of

    regime = "tuned" if "tuned" in set(material.errors["regime"]) else "default"
    sizes = sizes_of(material.errors[material.errors["regime"] == regime])
    if not len(sizes):
        says = f"No task of these results was run at several sizes. Run some: {EXAMPLE}"
        return Found([], sizes, (says,), {})
    found = bets(sizes)
    n_known = int(found["with_twice"].notna().sum())
    n_bets = found["better_bet"].value_counts()
    says = (
        f"Regime {regime}: {n_known} of {len(found)} curves have {FEWEST_ERRORS} sizes and could be fitted; intervals "
        f"of {LEVEL:.0%} are for the error measured with twice the rows. More rows are the better bet "
        f"{n_bets.get('more rows', 0)} times, another model {n_bets.get('another model', 0)} times."
    )
    bars = [
        Bar(f"{r['model']} on {str(r['task']).rpartition('/')[2]}", r["with_twice"] / r["error"] - 1,
            r["low"] / r["error"] - 1, min(r["high"] / r["error"] - 1, 1.0))
        for r in found.to_dict("records") if r["error"] > 0
    ]  # fmt: skip
    drawing = interval_drawing("What twice the rows would bring", "change of the error, 90 %", bars,
                               "left of 0: a lower error")  # fmt: skip
    tables = {"learning_curves": sizes, "better_bets": found}
    return Found([Panel(f"{regime}: twice the rows", found.assign(pool=""))], found, (says,), tables,
                 {"better_bets": drawing})  # fmt: skip
