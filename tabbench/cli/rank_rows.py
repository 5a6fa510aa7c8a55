"""Where `tabbench rank` takes its rows from: a store, or a file that anybody made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabbench.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    import argparse

    import duckdb
    import pandas as pd

REGIMES = ("default", "tuned", "tuned_ensembled", "all")


class Rows(NamedTuple):
    """What is ranked.

    Attributes:
        errors: Tidy rows, of the regimes asked for.
        notices: What was left out, a sentence each.
        by_metric: The same rows by other metrics, where that was asked for.
    """

    errors: pd.DataFrame
    notices: tuple[str, ...]
    by_metric: dict[str, pd.DataFrame]


def rows_of(options: argparse.Namespace) -> Rows:
    """The rows that the options name.

    Raises:
        TabbenchError: If there is no such store, file, suite, metric, protocol, column or regime.
    """
    if options.regime not in REGIMES:
        raise UnknownNameError("regime", options.regime, REGIMES, where="--regime")
    return _from_file(options) if options.file is not None else _from_store(options)


def _from_store(options: argparse.Namespace) -> Rows:
    from tabbench.metrics import METRICS, metric_named
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store
    from tabbench.store.leaderboard_rows import read_errors
    from tabbench.store.ranking_facts import tasks_where, with_facts

    metric = None if options.metric is None else metric_named(options.metric, where="--metric")
    by_metric = {}
    with open_database(Store(Path(options.store))) as connection:
        chosen = None if options.where is None else tasks_where(connection, options.where)

        def read(by: str | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
            named = metric if by is None else METRICS[by]
            rows = read_errors(connection, options.suite, named, options.protocol, options.latest)
            errors = rows.errors if options.regime == "all" else rows.errors[rows.errors["regime"] == options.regime]
            errors = errors if chosen is None else errors[errors["task"].isin(chosen)]
            return with_facts(connection, errors), rows.notices

        errors, notices = read(None)
        if options.sensitivity:
            by_metric = {name: read(name)[0] for name in _measured(connection) if name != options.metric}
    if chosen is not None:
        notices = (f"Tasks where {options.where}: {errors['task'].nunique()}.", *notices)
    return Rows(errors, notices, by_metric)


def _measured(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Metrics that the store has any score by."""
    from tabbench.metrics import METRICS

    counts = ", ".join(f"count(test_{name})" for name in METRICS)
    row = connection.execute(f"select {counts} from trials where status = 'ok'").fetchone()
    return [name for name, n in zip(METRICS, row or (), strict=False) if n]


def _from_file(options: argparse.Namespace) -> Rows:
    from tabbench.ranking.long_table import Columns, tidy_errors

    columns = Columns(
        task=options.task_column, model=options.model_column, error=options.error_column,
        split=options.split_column or "", time=options.time_column or "", imputed=options.imputed_column or "",
        metric=options.metric_column or "", is_higher_better=options.higher_is_better,
    )  # fmt: skip
    tidy = tidy_errors(_read(Path(options.file)), columns)
    return Rows(tidy.errors, tidy.notices, {})


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise DataError(f"--from {path}: it must end in .csv or .parquet.")
    if not path.is_file():
        raise DataError(f"--from {path}: there is no such file.")
    try:
        frame = pd.read_csv(path) if kind == ".csv" else pd.read_parquet(path)
    except (ValueError, pa.ArrowException) as error:  # pandas' parser and encoding errors are ValueErrors
        raise DataError(f"--from {path} cannot be read: {str(error).splitlines()[0]}") from error
    if not len(frame):
        raise DataError(f"--from {path} holds no rows.")
    return frame
