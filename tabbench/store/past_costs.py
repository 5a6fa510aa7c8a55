"""What trials of a store have cost, by model and table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import duckdb


class PastCost(NamedTuple):
    """What the fits of one model on one table cost.

    Attributes:
        n_classes: 0 for regression.
        n_trials: How many trials were looked at.
        seconds: Mean wall seconds of a fit with all that belongs to it: prepare, encode, fit and predict.
        memory_mib: The largest of their peaks; None where none was measured.
    """

    model: str
    task_hash: str
    n_rows: int
    n_columns: int
    n_classes: int
    n_trials: int
    seconds: float
    memory_mib: float | None


_QUERY = """
    SELECT t.model, t.task_hash, any_value(k.n_rows), any_value(k.n_columns), any_value(k.n_classes), count(*),
        avg(t.total_seconds / t.n_fits), max(t.peak_memory_mib)
    FROM trials t JOIN (SELECT DISTINCT ON (task_hash) task_hash, n_rows, n_columns, n_classes FROM tasks) k
        USING (task_hash)
    WHERE t.total_seconds > 0 AND t.n_fits > 0 AND t.status NOT IN ('skipped', 'unavailable', 'error')
    GROUP BY t.model, t.task_hash ORDER BY t.model, t.task_hash
"""


def past_costs(connection: duckdb.DuckDBPyConnection) -> tuple[PastCost, ...]:
    """What each model cost on each table, from the trials that did not fail for a fault of theirs."""
    return tuple(PastCost(*row) for row in connection.execute(_QUERY).fetchall())
