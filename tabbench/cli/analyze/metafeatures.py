"""Where `tabbench analyze` takes metafeatures from: a store, what it knows of tasks anyway, or a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabbench.cli.rank_rows import read_long_table
from tabbench.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

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


def metafeatures_of(options: argparse.Namespace, tasks: Sequence[str]) -> Metafeatures:
    """The metafeatures of some tasks.

    Raises:
        DataError: If a table has none for any of the tasks, or names one twice.
        UnknownNameError: If it has no such column.
    """
    if options.metafeatures is not None:
        return _from_file(options, tasks)
    if options.file is not None:
        raise DataError("Rows of --from come without metafeatures: name a table of them with --metafeatures FILE.")
    return _from_store(Path(options.store), tasks)


def _from_file(options: argparse.Namespace, tasks: Sequence[str]) -> Metafeatures:
    from tabbench.analysis.task_matching import match_tasks

    frame, key = read_long_table(Path(options.metafeatures)), options.metafeatures_key
    if key not in frame:
        raise UnknownNameError("column", key, map(str, frame.columns), where="--metafeatures-key")
    keys = frame[key].astype(str)
    if keys.duplicated().any():
        raise DataError(f"{options.metafeatures} has several rows for {keys[keys.duplicated()].iloc[0]!r} in {key!r}.")
    matched = match_tasks(tasks, keys.tolist())
    if not matched:
        raise DataError(
            f"No task of the results has a row in {options.metafeatures}: tasks are called {', '.join(tasks[:3])}, "
            f"its {key!r} {', '.join(keys.head(3))}. --metafeatures-key names the column that holds the same names or "
            "numbers of OpenML."
        )
    numbers = frame.drop(columns=key).select_dtypes("number").set_index(keys.to_numpy())
    table = numbers.loc[list(matched.values())].set_axis(list(matched), axis=0)
    lacking = len(tasks) - len(matched)
    says = (f"{lacking} of {len(tasks)} tasks have no row in {options.metafeatures}.",) if lacking else ()
    return Metafeatures(table.astype("float64"), _rows_column(table), says)


def _from_store(folder: Path, tasks: Sequence[str]) -> Metafeatures:
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store
    from tabbench.store.metafeatures import task_metafeatures

    with open_database(Store(folder)) as connection:
        table = task_metafeatures(connection)
        facts = connection.execute(
            f"select task, {', '.join(f'any_value({name}) as {name}' for name in FACTS)} from tasks group by task"
        ).df()
    known = table[table.index.isin(tasks)].dropna(axis=1, how="all")
    says: tuple[str, ...] = ()
    if not len(known):
        known = facts.set_index("task")
        known = known[known.index.isin(tasks)].astype("float64")
        known["rows_per_column"] = known["n_rows"] / known["n_columns"]
        says = (
            "No metafeatures in this store: what cards say of tasks stands in. `tabbench metafeatures` computes them.",
        )
    elif len(known) < len(tasks):
        says = (f"{len(tasks) - len(known)} of {len(tasks)} tasks have no metafeatures in this store.",)
    return Metafeatures(known, _rows_column(known), says)


def _rows_column(table: pd.DataFrame) -> str:
    return next((name for name in ROW_COUNTS if name in table), "")
