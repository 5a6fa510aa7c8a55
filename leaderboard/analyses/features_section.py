"""Which metafeatures go with the gap and with each model's error, beside what a paper has published."""

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
from tabbench_leaderboard.analyses.sides import FIRST, SECOND
from tabbench_leaderboard.analyses.texts import ASSOCIATIONS
from tabbench_leaderboard.figures import significant

from tabbench.analysis.association import LEVEL, associations, beside_the_paper, normalised_errors, published_gap
from tabbench.analysis.correlation import FEWEST_UNITS
from tabbench.analysis.outcomes import outcomes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from tabbench.analysis.gap import Sides
    from tabbench.analysis.known_tasks import Metafeatures
    from tabbench.analysis.material import Material

MOST_DRAWN = 20
MOST_LISTED = 10
MOST_OUTCOMES = 8
"""Models whose errors are held against metafeatures, those with the least error first: bounds what a build costs."""

NONE = f"No metafeature is known and varies over {FEWEST_UNITS} families of tasks or more."
BRINGS = "tabbench metafeatures suite=bundled"
EMPTY = Section(
    "features", "What tasks are like", "Which properties of tasks go with the gap, and with the error of each model?"
)


def features_section(material: Material, sides: Sides, features: Metafeatures) -> Section:
    """Associations with the gap and with the errors of the best models.

    Raises:
        DataError: If no split has both families.
    """
    families = {material.related.get(str(task), str(task)) for task in features.table.index}
    if len(families) < FEWEST_UNITS:
        return replace(EMPTY, missing=NONE, brings=BRINGS)
    outcomes = outcomes_of(material, sides)
    errors = normalised_errors(outcomes.table)
    by_task = errors[errors.mean().sort_values(kind="stable").index[:MOST_OUTCOMES]]
    by_task.insert(0, "gap", outcomes.gap.reindex(by_task.index))
    found = associations(features.table, by_task, material.related, features.rows, n_intervals=MOST_DRAWN)
    if not len(found):
        return replace(EMPTY, missing=NONE, brings=BRINGS)
    views = tuple(_view(str(outcome), rows) for outcome, rows in found.groupby("outcome", sort=False))
    of_gap = found[found["outcome"] == "gap"]
    n = int((of_gap["q"] < LEVEL).sum())
    says = (
        f"{n} of {len(of_gap)} metafeatures go with the gap at a false-discovery rate of 5 %, over "
        f"{int(of_gap['n'].max()) if len(of_gap) else 0} families of tasks.",
        *features.notices,
    )  # fmt: skip
    tables = [_strongest(of_gap)] if len(of_gap) else []
    models = [[m for m, side in sides.of_model.items() if side == name] for name in (sides.first, sides.second)]
    paper = beside_the_paper(features.table, published_gap(outcomes.table, *models), outcomes.gap, material.related)
    if len(paper):
        tables.append(_beside_the_paper(paper))
    return replace(EMPTY, says=says, charts=(Chart(ASSOCIATIONS, "Of", views),), tables=tuple(tables))


def _view(outcome: str, rows: pd.DataFrame) -> MarkView:
    is_gap = outcome == "gap"
    n = int((rows["q"] < LEVEL).sum())
    return MarkView(
        title=f"the gap of {FIRST} and {SECOND}" if is_gap else f"the error of {outcome}",
        axis="Spearman's rho", is_percent=False, marks=tuple(_mark(row) for row in rows_of(rows.head(MOST_DRAWN))),
        table=data_table(rows.drop(columns="outcome")),
        sides=(f"good for {FIRST}", f"good for {SECOND}") if is_gap else ("less error", "more error"),
        hues=("network", "boosted_trees") if is_gap else (),
        note=f"{n} of {len(rows)} have q under 0.05; the {min(len(rows), MOST_DRAWN)} strongest are drawn.",
    )  # fmt: skip


def _mark(row: Mapping[str, Any]) -> Mark:
    given = f"given rows {plain(row['given_rows'])}, q {significant(row['given_rows_q'], 2)}"
    told = lines_of(
        f"rho {plain(row['rho'])}, {row['n']} families of tasks", told_interval(row["low"], row["high"], plain),
        f"q {significant(row['q'], 2)}", given if known(row["given_rows"]) is not None else "",
    )  # fmt: skip
    return Mark(str(row["feature"]), row["rho"], known(row["low"]), known(row["high"]), told, bool(row["q"] < LEVEL))


def _strongest(rows: pd.DataFrame) -> ShownTable:
    cells = tuple(
        (
            str(row["feature"]), plain(row["n"], 0), plain(row["rho"]), between(row["low"], row["high"], plain),
            significant(row["q"], 2), plain(row["given_rows"]), significant(row["given_rows_q"], 2),
        )
        for row in rows_of(rows.head(MOST_LISTED))
    )  # fmt: skip
    columns = (
        Column("Metafeature"), Column("Families", "number"), Column("Rho", "number"), Column("95 %", "number"),
        Column("q", "number"), Column("Given rows", "number"), Column("Its q", "number"),
    )  # fmt: skip
    caption = f"Above 0: the more of it, the better for {SECOND}. The chart's table has all {len(rows)}."
    return ShownTable("The strongest with the gap", columns, cells, caption)


def _beside_the_paper(paper: pd.DataFrame) -> ShownTable:
    cells = tuple(
        (
            str(row["finding"]), plain(row["published"]) if known(row["published"]) is not None else "sign alone",
            plain(row["same_way"]), between(row["low"], row["high"], plain), plain(row["on_valid"]),
            between(row["on_valid_low"], row["on_valid_high"], plain), plain(row["n"], 0),
        )
        for row in rows_of(paper)
    )  # fmt: skip
    columns = (
        Column("Finding"), Column("Published", "number"), Column("Here, the same way", "number"),
        Column("95 %", "number"), Column("Here, chosen on valid", "number"), Column("95 %", "number"),
        Column("Families", "number"),
    )  # fmt: skip
    caption = (
        "McElfresh et al. (2023), tables 17, 22 and 23: Pearson's correlation with the gap, each family's best picked "
        "on test, over 176 datasets and other models. Above 0 trees gain by it. A difference is no contradiction."
    )
    return ShownTable("Beside the published correlations", columns, cells, caption)
