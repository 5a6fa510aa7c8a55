"""`tabbench analyze features`: which metafeatures go with the gap, and with each model's normalised error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.cli.analyze.metafeatures import metafeatures_of
from tabbench.cli.analyze.output import Found
from tabbench.cli.rank_more import Panel

if TYPE_CHECKING:
    import argparse

    import pandas as pd

    from tabbench.analysis.gap import Sides
    from tabbench.analysis.material import Material

MOST_SHOWN = 12


def analyze_features(options: argparse.Namespace, material: Material) -> Found:
    """Associations of metafeatures with the gap of two families and with each model's normalised error."""
    from tabbench.analysis.association import LEVEL, associations, beside_the_paper, normalised_errors, published_gap
    from tabbench.analysis.material import sides_of
    from tabbench.analysis.outcomes import outcomes_of

    sides = sides_of(material.trials, options.first, options.second)
    outcomes = outcomes_of(material, sides)
    known = metafeatures_of(options, list(outcomes.table.tasks))
    by_task = normalised_errors(outcomes.table)
    by_task.insert(0, "gap", outcomes.gap.reindex(by_task.index))
    found = associations(known.table, by_task, material.related, known.rows, options.seed)
    panels = []
    for outcome, rows in found.groupby("outcome", sort=False):
        title = f"gap of {sides.first} and {sides.second}" if outcome == "gap" else f"normalised error of {outcome}"
        shown = rows.drop(columns=["outcome", "p", "given_rows_p"]).head(MOST_SHOWN).assign(pool="")
        n = int((rows["q"] < LEVEL).sum())
        panels.append(
            Panel(f"{title}: {n} of {len(rows)} metafeatures go with it at a false-discovery rate of 5 %", shown)
        )
    tables = {"associations": found}
    models = [[m for m, side in sides.of_model.items() if side == name] for name in (sides.first, sides.second)]
    paper = beside_the_paper(
        known.table, published_gap(outcomes.table, *models), outcomes.gap, material.related, options.seed
    )
    if len(paper):
        tables["beside_the_paper"] = paper
        panels.append(
            Panel("beside McElfresh et al. (2023), Pearson; above 0: trees gain by it", paper.assign(pool=""))
        )
    notices = [*known.notices, f"Regime {outcomes.regime}, over {len(by_task)} tasks."]
    if not len(found):
        notices.append("No metafeature is known and varies over ten tasks or more: nothing can be said.")
    return Found(panels, found, tuple(notices), tables, _figures(found, sides))


def _figures(found: pd.DataFrame, sides: Sides) -> dict[str, str]:
    from tabbench.analysis.drawings import Bar, interval_drawing

    gap = found[found["outcome"] == "gap"].head(30).to_dict("records")
    if not gap:
        return {}
    bars = [Bar(str(row["feature"]), row["rho"], row["low"], row["high"]) for row in gap]
    title = f"Metafeatures and the gap of {sides.first} and {sides.second}"
    zero = f"right of 0: the more of it, the better for {sides.second}"
    return {"associations": interval_drawing(title, "Spearman's rho over tasks, 95 %", bars, zero)}
