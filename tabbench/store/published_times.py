"""Put the times of the timing pass in the place of those that were seen while searching."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.store.leaderboard_rows import ErrorRows

if TYPE_CHECKING:
    import duckdb

KEYS = ["regime", "model", "source_hash", "task", "task_hash", "splits_hash", "protocol_id"]
TIMES = ["fit_seconds", "predict_seconds", "environment_id"]

_QUERY = f"""
    SELECT {", ".join(f"b.{key}" for key in KEYS)}, avg(t.fit_seconds) AS fit_seconds,
        avg(t.predict_seconds) AS predict_seconds, any_value(t.environment_id) AS environment_id,
        any_value(e.cpu) AS cpu
    FROM (SELECT * FROM timings WHERE status = 'ok') t
        JOIN best_trials b USING (job_id, trial, attempt)
        LEFT JOIN (SELECT environment_id, any_value(cpu) AS cpu FROM environments GROUP BY ALL) e
            ON e.environment_id = t.environment_id
    GROUP BY ALL
"""


def with_published_times(connection: duckdb.DuckDBPyConnection, rows: ErrorRows, option: str = "") -> ErrorRows:
    """Fit and predict seconds from the timing pass, in each regime that was timed as a whole.

    Times of the two kinds cannot be compared, so a regime shows one or the other; a notice says which. A task was timed
    on one split, which stands for all of its splits. Search times stay as they are. `is_timed` says which rows
    have those seconds; it is there where anything was timed.

    Args:
        connection: An open database.
        rows: Of the regimes that are shown.
        option: What `tabbench time` needs to ask the same store.
    """
    if connection.execute("SELECT count(*) FROM timings").fetchall() == [(0,)]:
        return rows
    errors = rows.errors.reset_index(drop=True)
    timed = errors[KEYS].merge(connection.execute(_QUERY).df(), "left", KEYS, validate="many_to_one")
    notices: list[str] = []
    timed_regimes: list[str] = []
    for regime in errors["regime"].unique():
        wanted = (errors["regime"] == regime) & errors["error"].notna()
        pairs = timed[wanted].drop_duplicates(KEYS)
        n_timed = int(pairs["fit_seconds"].notna().sum())
        if n_timed < len(pairs):
            told = f"{n_timed} of {len(pairs)} pairs of a model and a task are timed. `tabbench time{option}` measures"
            notices.append(f"Fit and predict seconds of regime {regime} were seen on a shared machine; {told} them.")
            continue
        errors.loc[wanted, TIMES] = timed.loc[wanted, TIMES]
        timed_regimes.append(regime)
        places = ", ".join(sorted(pairs["cpu"].dropna().unique()))
        notices.append(f"Fit and predict seconds of regime {regime} are those of the timing pass, on {places}.")
    errors["is_timed"] = errors["regime"].isin(timed_regimes)
    return ErrorRows(errors, (*rows.notices, *notices))
