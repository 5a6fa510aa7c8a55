"""Every trial of a store with what valid said of it and what test says: for what is studied after tuning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.store.leaderboard_rows import chosen_tasks, taken_trials

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from tabbench.task import Metric


def read_trials(
    connection: duckdb.DuckDBPyConnection,
    suite: str | None = None,
    metric: Metric | None = None,
    protocol: str | None = None,
    latest: bool = False,
) -> pd.DataFrame:
    """The trials that a ranking by the same choices would read.

    Returns:
        One row a trial: `model family task repeat fold trial config_id config valid_error error fit_seconds
        total_seconds protocol_id source_hash task_hash splits_hash has_space`. `valid_error` is by the metric that
        configurations were chosen by, `error` is test's by `metric`; both NaN where a trial failed.
    """
    tasks, _ = chosen_tasks(connection, suite, metric)
    query = f"""
    with {taken_trials(metric, latest)}
    select model, any_value(family) over (partition by model) as family, task, repeat, fold, trial, config_id, config,
        if(status = 'ok', valid_error, null) as valid_error, error, fit_seconds, total_seconds, protocol_id,
        source_hash, task_hash, splits_hash, coalesce(has_space, true) as has_space
    from taken join (select job_id, trial, attempt, config_id, config from trials) using (job_id, trial, attempt)
        left join (select source_hash, any_value(family) as family, bool_or(has_space) as has_space
            from models group by source_hash) using (source_hash)
    order by model, task, repeat, fold, trial
    """
    name = None if metric is None else metric.name
    return connection.execute(query, {"protocol": protocol, "tasks": tasks, "metric": name}).df()
