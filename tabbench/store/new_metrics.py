"""The metrics that a store can be ranked by: those of tabbench, and those that `tabbench score` added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.errors import UnknownNameError
from tabbench.task import Direction, Metric, TaskType

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb


def ranking_metric(connection: duckdb.DuckDBPyConnection, name: str, metrics: Mapping[str, Metric]) -> Metric:
    """The metric of that name; one that was added is an error: lower is better, 0 is perfect.

    Args:
        connection: An open database.
        name: As asked for.
        metrics: Those of tabbench, by name.

    Raises:
        UnknownNameError: If neither tabbench nor the store has it.
    """
    if name in metrics:
        return metrics[name]
    found: dict[str, set[TaskType]] = {}
    query = """select distinct s.metric, k.task_type from new_scores s join trials t using (job_id, trial, attempt)
        join tasks k on k.task_hash = t.task_hash"""
    for metric, task_type in connection.execute(query).fetchall():
        found.setdefault(metric, set()).add(TaskType(task_type))
    if name not in found:
        hint = "A metric of your own is added by `tabbench score FILE.py`."
        raise UnknownNameError("metric", name, [*metrics, *found], where="--metric", hint=hint)
    return Metric(name, name, "", Direction.LOWER, 0.0, frozenset(found[name]))
