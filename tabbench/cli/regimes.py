"""The rows of one regime or of all, with the ensembles that `tuned_ensembled` needs made on the way."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tabbench.store.leaderboard_rows import ErrorRows

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from tabbench.derived.ensembles import Pool
    from tabbench.store.layout import Store

REGIMES = ("default", "tuned", "tuned_ensembled", "all")
ENSEMBLED = "tuned_ensembled"


def rows_of_regime(store: Store, regime: str, read: Callable[[], ErrorRows]) -> ErrorRows:
    """Rows of the regime asked for.

    `tuned_ensembled` makes the ensembles that the store does not hold, from kept predictions; `all` takes that regime
    only if it is complete already, and says so if it is not.

    Args:
        store: Where ensembles are kept.
        regime: One of `REGIMES`.
        read: Reads the rows of all regimes.
    """
    rows = read()
    made: tuple[str, ...] = ()
    if regime == ENSEMBLED:
        missing = missing_pools(rows.errors)
        if missing:
            made = _make(store, missing)
            rows = read()
    if regime != "all":
        return ErrorRows(rows.errors[rows.errors["regime"] == regime], (*rows.notices, *made))
    missing = missing_pools(rows.errors)
    if not missing:
        return rows
    errors = rows.errors[rows.errors["regime"] != ENSEMBLED]
    is_begun = (rows.errors.loc[rows.errors["regime"] == ENSEMBLED, "error"].notna()).any()
    mend = f"`tabbench rank --regime {ENSEMBLED}` makes them."
    partly = f"Regime {ENSEMBLED} is left out: {len(missing)} jobs have no ensemble of their present trials. {mend}"
    return ErrorRows(errors, (*rows.notices, partly) if is_begun else rows.notices)


def missing_pools(errors: pd.DataFrame) -> list[Pool]:
    """The jobs that were tuned but have no ensemble."""
    from tabbench.derived.ensembles import Pool

    wanted = errors[(errors["regime"] == "tuned") & errors["error"].notna()]
    held = set(errors.loc[(errors["regime"] == ENSEMBLED) & errors["error"].notna(), "job_id"])
    pairs = zip(wanted["job_id"], wanted["choice_metric"], strict=True)
    return [Pool((str(job_id),), str(metric)) for job_id, metric in pairs if job_id not in held]


def _make(store: Store, pools: list[Pool]) -> tuple[str, ...]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from tabbench.derived.ensembles import make_ensembles

    columns = (TextColumn("ensembles"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task("ensembles", total=len(pools))
        return make_ensembles(store, pools, lambda done, _: progress.update(task, completed=done)).notices
