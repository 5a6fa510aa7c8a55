"""The rows of one regime or of all, with the ensembles that `tuned_ensembled` needs made on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.cli.bars import progress_bar
from tabbench.counted import counted
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
    only if it is complete already, and says so if it is begun.

    Args:
        store: Where ensembles are kept.
        regime: One of `REGIMES`.
        read: Reads the rows of all regimes, or of those that the metric knows.
    """
    from tabbench.derived.ensembles import make_ensembles

    rows = read()
    if regime not in (ENSEMBLED, "all"):
        return rows._replace(errors=rows.errors[rows.errors["regime"] == regime])
    missing = missing_pools(rows.errors)
    if regime == ENSEMBLED:
        if missing:
            with progress_bar("ensembles") as report:
                made = make_ensembles(store, missing, report)
            rows = read()
            rows = rows._replace(notices=(*rows.notices, *made.notices))
        return rows._replace(errors=rows.errors[rows.errors["regime"] == regime])
    if not missing:
        return rows
    is_ensembled = rows.errors["regime"] == ENSEMBLED
    notices = rows.notices
    if rows.errors.loc[is_ensembled, "error"].notna().any():
        mend = f"`tabbench rank{store.option} --regime {ENSEMBLED}` makes them."
        told = f"{counted(len(missing), 'job')} without an ensemble of trials"
        notices += (f"Regime {ENSEMBLED} is left out: {told}. {mend}",)
    return ErrorRows(rows.errors[~is_ensembled], notices)


def missing_pools(errors: pd.DataFrame) -> list[Pool]:
    """The jobs that were tuned but have no ensemble."""
    from tabbench.derived.ensembles import Pool

    wanted = errors[(errors["regime"] == "tuned") & errors["error"].notna()]
    held = set(errors.loc[(errors["regime"] == ENSEMBLED) & errors["error"].notna(), "job_id"])
    pairs = zip(wanted["job_id"], wanted["choice_metric"], strict=True)
    return [Pool((str(job_id),), str(metric)) for job_id, metric in pairs if job_id not in held]
