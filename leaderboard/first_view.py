"""The rows that the first page opens with: ranked here, so that they stand before any array is loaded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from tabbench_leaderboard.site_data import PRIMARY, TASK_COLUMNS, FirstView

from tabbench.ranking.leaderboard import leaderboard
from tabbench.ranking.rules import Rules
from tabbench.ranking.uncertainty import uncertain_of

if TYPE_CHECKING:
    import pandas as pd
    from tabbench_leaderboard.site_data import SiteData, ViewArrays

    from tabbench.task import FloatArray

OPENING_ORDER = ("tuned", "default")
"""The regime that the page opens with: the first of these that there is."""


def opening_regime(site: SiteData) -> str:
    """The regime that the page opens with."""
    there = [view.regime for view in site.views if view.metric == PRIMARY]
    return next((regime for regime in OPENING_ORDER if regime in there), there[0])


def first_view(errors: pd.DataFrame, site: SiteData, arrays: dict[str, ViewArrays]) -> FirstView:
    """Rank the regime that the page opens with.

    Args:
        errors: Rows of every regime.
        site: The facts.
        arrays: Of each view.
    """
    regime = opening_regime(site)
    rows = errors[errors["regime"] == regime]
    board = leaderboard(rows, Rules(), uncertain_of(rows))
    file = next(view.file for view in site.views if (view.regime, view.metric) == (regime, PRIMARY))
    numbers = {model.name: i for i, model in enumerate(site.models)}
    made = []
    for record in board.table.to_dict("records"):
        name = str(record["model"])
        row = {str(key): _plain(value) for key, value in record.items() if str(key) in COLUMNS}
        row |= {"entrant": name, "model": numbers[name]}
        row |= _by_task(arrays[file].by_task[:, :, numbers[name]])
        made.append(row)
    return FirstView(regime, tuple(made), board.notices)


COLUMNS = (
    "regime", "mean_rank", "elo", "elo_low", "elo_high", "rank_low", "rank_high", "groups", "win_rate",
    "normalised_score", "improvability", "skill_score", "median_rank", "n_first", "n_tasks", "n_tasks_finished",
    "imputed_share", "is_unbounded", "is_ranked",
)  # fmt: skip
"""What a row takes over from the leaderboard."""


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def _by_task(values: FloatArray) -> dict[str, float | None]:
    """Each of `TASK_COLUMNS` over tasks: the median of seconds and memory, the mean of the others."""
    found: dict[str, float | None] = {}
    for name, column in zip(TASK_COLUMNS, values, strict=True):
        known = column[np.isfinite(column)]
        typical = np.mean if name in ("optimism", "passed_over") else np.median
        found[name] = float(typical(known)) if len(known) else None
    return found
