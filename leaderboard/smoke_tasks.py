"""Errors on smoke tasks, which are shown on pages of their own and never ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_QUERY = """
    select b.regime, b.model, b.task, b.repeat, b.fold, b.test_error as error, b.fit_seconds, b.predict_seconds,
        b.protocol_id, b.source_hash, b.task_hash, b.splits_hash
    from best_trials b
    where b.protocol_id in (select protocol_id from ranked_frame)
        and b.task in (select task from suites where not is_ranked and ($suite::varchar is null or suite = $suite))
        and b.task not in (select task from ranked_frame)
        and b.regime in (select regime from ranked_frame)
    qualify row_number() over (
        partition by b.regime, b.model, b.task, b.repeat, b.fold order by b.started_at desc, b.job_id) = 1
    order by all
"""


def read_smoke_errors(connection: duckdb.DuckDBPyConnection, suite: str | None, ranked: pd.DataFrame) -> pd.DataFrame:
    """Rows like those that are ranked, of the same protocol; of several versions the last one run.

    Args:
        connection: An open database.
        suite: Only its tasks; None for every smoke task in the store.
        ranked: The rows that are ranked, as `read_errors` gives them.
    """
    connection.register("ranked_frame", ranked)
    rows = connection.execute(_QUERY, {"suite": suite}).df()
    connection.unregister("ranked_frame")
    return rows
