"""Where `tabbench analyze` takes metafeatures from: a store, what it knows of tasks anyway, or a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.rank_rows import read_long_table
from tabbench.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tabbench.analysis.known_tasks import Metafeatures


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
    from tabbench.analysis.known_tasks import metafeatures_in
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store

    with open_database(Store(Path(options.store))) as connection:
        return metafeatures_in(connection, tasks)


def _from_file(options: argparse.Namespace, tasks: Sequence[str]) -> Metafeatures:
    from tabbench.analysis.known_tasks import Metafeatures, rows_column
    from tabbench.analysis.task_matching import match_tasks

    frame, key = read_long_table(Path(options.metafeatures), "--metafeatures"), options.metafeatures_key
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
    return Metafeatures(table.astype("float64"), rows_column(table), says)
