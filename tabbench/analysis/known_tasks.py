"""What a store knows of tasks: their metafeatures, or what their cards say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tabbench.store.metafeatures import task_metafeatures

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import pandas as pd

FACTS = ("n_rows", "n_columns", "n_categorical", "n_classes", "missing_share")
ROW_COUNTS = ("general.nr_inst", "n_rows", "NumberOfInstances", "num_instances")
"""What tables call the number of rows."""


class Metafeatures(NamedTuple):
    """What is known of tasks.

    Attributes:
        table: Index tasks, a column a metafeature, all numbers.
        rows: The column that counts rows; empty if none does.
        notices: What stands in, and what is missing, a sentence each.
    """

    table: pd.DataFrame
    rows: str
    notices: tuple[str, ...]


def metafeatures_in(connection: duckdb.DuckDBPyConnection, tasks: Sequence[str]) -> Metafeatures:
    """The metafeatures of some tasks, of their training parts alone; where a store has none, what cards say."""
    table = task_metafeatures(connection)
    known = table[table.index.isin(tasks)].dropna(axis=1, how="all")
    says: tuple[str, ...] = ()
    if not len(known):
        known = connection.execute(
            f"select task, {', '.join(f'any_value({name}) as {name}' for name in FACTS)} from tasks group by task"
        ).df().set_index("task")  # fmt: skip
        known = known[known.index.isin(tasks)].astype("float64")
        known["rows_per_column"] = known["n_rows"] / known["n_columns"]
        says = (
            "No metafeatures in this store: what cards say of tasks stands in. `tabbench metafeatures` computes them.",
        )
    elif len(known) < len(tasks):
        says = (f"{len(tasks) - len(known)} of {len(tasks)} tasks have no metafeatures in this store.",)
    return Metafeatures(known, rows_column(known), says)


def rows_column(table: pd.DataFrame) -> str:
    """The column of a table of metafeatures that counts rows; empty if none does."""
    return next((name for name in ROW_COUNTS if name in table), "")
