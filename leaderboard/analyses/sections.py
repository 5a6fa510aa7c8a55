"""Every section of the analysis page, of the rows that the site shows; what the store cannot tell is said instead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tabbench_leaderboard.analyses import (
    doses_section,
    features_section,
    gap_section,
    portfolio_section,
    recommenders_section,
    rows_section,
)
from tabbench_leaderboard.analyses.shown import Analyses, Section
from tabbench_leaderboard.analyses.sides import compared

from tabbench.analysis.known_tasks import metafeatures_in
from tabbench.analysis.material import Material, unmodified
from tabbench.errors import DataError
from tabbench.ranking.uncertainty import uncertain_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import duckdb
    import pandas as pd


def analyses_of(
    connection: duckdb.DuckDBPyConnection,
    errors: pd.DataFrame,
    trials: pd.DataFrame,
    by_metric: Iterable[tuple[str, pd.DataFrame]],
) -> Analyses:
    """The sections, as `tabbench analyze` computes them with its defaults.

    Args:
        connection: An open database.
        errors: The ranked rows of every regime, with the facts of `with_facts`.
        trials: The trials behind them, as `read_trials` gives them.
        by_metric: The same trials scored by each metric that the store has; read only where they are needed.
    """
    known = uncertain_of(errors)
    material = Material(trials[trials["task"].isin(errors["task"])], errors, known.families, known.test_per_train)
    tasks = sorted(set(unmodified(errors)["task"]))
    features, sides = metafeatures_in(connection, tasks), compared(material.trials)
    gap = gap_section.gap_section(material, sides, by_metric)

    def beside_the_gap(empty: Section, make: Callable[[], Section]) -> Section:
        return replace(empty, missing=gap.missing, brings=gap.brings) if gap.missing else _made(empty, make)

    sections = (
        gap,
        beside_the_gap(features_section.EMPTY, lambda: features_section.features_section(material, sides, features)),
        beside_the_gap(doses_section.EMPTY, lambda: doses_section.doses_section(material, sides)),
        rows_section.rows_section(material),
        _made(recommenders_section.EMPTY, lambda: recommenders_section.recommenders_section(material, features)),
        _made(portfolio_section.EMPTY, lambda: portfolio_section.portfolio_section(material)),
    )
    return Analyses(sections, len({known.families.get(task, task) for task in tasks}))


def _made(empty: Section, make: Callable[[], Section]) -> Section:
    """A section; where the rows do not suffice, why."""
    try:
        return make()
    except DataError as error:
        return replace(empty, missing=str(error))
