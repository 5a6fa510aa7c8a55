"""What choosing a model by metafeatures is worth, beside what needs none."""

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
    told_interval,
)
from tabbench_leaderboard.analyses.texts import REGRETS
from tabbench_leaderboard.pages import REGIMES

from tabbench.analysis.material import unmodified
from tabbench.analysis.model_candidates import model_candidates
from tabbench.analysis.selection import FEWEST_TASKS, RECOMMENDERS, printed_tree, regrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from tabbench.analysis.known_tasks import Metafeatures
    from tabbench.analysis.material import Material

MOST_PARTS = 20
"""Families are left out one by one up to so many, then in so many parts: bounds what a build costs."""

EMPTY = Section(
    "recommenders",
    "Choosing a model",
    "Does knowing what a task is like help to choose a model for it, more than always taking the same one?",
)


def recommenders_section(material: Material, features: Metafeatures) -> Section:
    """Regret of recommenders, portfolios and the baselines, on tasks left out.

    Raises:
        DataError: If fewer than two models have a score.
    """
    tasks = set(unmodified(material.errors)["task"]) & set(features.table.index)
    regime, names, models = model_candidates(material, tasks)
    table, n_families = features.table.reindex(models.tasks), len(models.families())
    found = regrets(table, models, most_parts=MOST_PARTS)
    left_out = "each left out in turn" if n_families <= MOST_PARTS else f"left out in {MOST_PARTS} parts"
    says = [f"{REGIMES[regime]} configurations of {len(names)} models on {len(models.tasks)} tasks, {left_out}."]
    listing = ""
    if n_families < FEWEST_TASKS:
        says.append(f"Under {FEWEST_TASKS} families of tasks nothing is learnt from metafeatures: baselines alone.")
    else:
        told = found[found["way"].isin(list(RECOMMENDERS)) & (found["gain_low"] > 0)]
        says.append(
            f"Told better than always taking the single best model: {', '.join(told['way'])}." if len(told) else
            "No recommender is told better than always taking the single best model."
        )  # fmt: skip
        listing = f"The tree that all tasks give\n\n{printed_tree(table, models.task_loss, names)}"
    view = MarkView(
        title=REGIMES[regime], axis="regret", is_percent=False, marks=tuple(map(_mark, rows_of(found))),
        table=data_table(found),
    )  # fmt: skip
    return replace(
        EMPTY, says=(*says, *features.notices), charts=(Chart(REGRETS, "", (view,)),), tables=(_listed(found),),
        listing=listing,
    )  # fmt: skip


def _mark(row: Mapping[str, Any]) -> Mark:
    gain = told_interval(row["gain_low"], row["gain_high"], plain)
    told = lines_of(
        f"regret {plain(row['regret'], 3)}", told_interval(row["low"], row["high"], plain),
        f"fits {row['n_fits']} model{'' if row['n_fits'] == 1 else 's'}",
        f"gain over the single best {plain(row['gain'], 3)}{f' ({gain})' if gain else ''}",
    )  # fmt: skip
    return Mark(str(row["way"]), row["regret"], known(row["low"]), known(row["high"]), told)


def _listed(found: pd.DataFrame) -> ShownTable:
    cells = tuple(
        (
            str(row["way"]), plain(row["n_fits"], 0), plain(row["regret"], 3), between(row["low"], row["high"], plain),
            plain(row["gain"], 3), between(row["gain_low"], row["gain_high"], plain),
        )
        for row in rows_of(found)
    )  # fmt: skip
    columns = (
        Column("Way to choose"), Column("Fits", "number"), Column("Regret", "number"), Column("95 %", "number"),
        Column("Gain over the single best", "number"), Column("95 %", "number"),
    )  # fmt: skip
    return ShownTable("Regret", columns, cells)
