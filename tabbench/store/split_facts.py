"""What a store knows of tasks that a comparison over their splits needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb


class SplitFacts(NamedTuple):
    """One task.

    Attributes:
        test_per_train: Test rows over the rows that a model may learn from (train and valid), mean over its splits.
        family: Tables that are variants of one source share it; the task's name where the card is not in the store.
    """

    test_per_train: float
    family: str


def split_facts(connection: duckdb.DuckDBPyConnection, tasks: Sequence[str]) -> dict[str, SplitFacts]:
    """The facts of each task that has a finished fit.

    Args:
        connection: An open database.
        tasks: Their names.
    """
    rows = connection.execute(
        """
        select task, avg(n_test / (fits.n_train + fits.n_valid)), any_value(coalesce(nullif(family, ''), task))
        from trials join fits using (job_id, trial, attempt)
            left join (select task, any_value(family) as family
                       from tasks join datasets using (dataset_hash) group by task) using (task)
        where list_contains($tasks::varchar[], task) and fits.n_train > 0 and n_test > 0
        group by task
        """,
        {"tasks": list(tasks)},
    ).fetchall()
    return {str(task): SplitFacts(float(ratio), str(family)) for task, ratio, family in rows}
