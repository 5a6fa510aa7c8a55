"""Where `tabbench rank` takes its rows from: a store, or a file that anybody made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabbench.cli.regimes import ENSEMBLED, REGIMES, rows_of_regime
from tabbench.errors import DataError, SettingsError, UnknownNameError

if TYPE_CHECKING:
    import argparse

    import pandas as pd

    from tabbench.store.layout import Store
    from tabbench.store.leaderboard_rows import ErrorRows


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
    from tabbench.metrics import METRICS
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store
    from tabbench.store.leaderboard_rows import read_errors
    from tabbench.store.new_metrics import ranking_metric
    from tabbench.store.published_times import with_published_times
    from tabbench.store.ranking_facts import tasks_where, with_facts

    store, name = Store(Path(options.store)), options.metric
    is_own = name is None or name in METRICS  # ensembles have no other scores
    if options.regime == ENSEMBLED and not is_own:
        raise SettingsError(
            f"Regime {ENSEMBLED} cannot be ranked by {name}: ensembles have the scores of tabbench's own metrics "
            "alone. Take --regime default or tuned."
        )

    def read(by: str | None) -> ErrorRows:
        with open_database(store) as connection:
            metric = None if by is None else ranking_metric(connection, by, METRICS)
            rows = read_errors(connection, options.suite, metric, options.protocol, options.latest, is_own)
            if options.where is None:
                return rows._replace(errors=with_facts(connection, rows.errors))
            chosen = rows.errors["task"].isin(tasks_where(connection, options.where))
            return rows._replace(errors=with_facts(connection, rows.errors[chosen]))

    rows = rows_of_regime(store, options.regime, lambda: read(name))
    with open_database(store) as connection:
        rows = with_published_times(connection, rows, store.option)
    by_metric = {}
    if options.sensitivity:
        for other in measured(store):
            if other != name:
                errors = read(other).errors
                by_metric[other] = errors[errors["regime"].isin(rows.errors["regime"].unique())]
    notices = rows.notices
    if options.where is not None:
        notices = (f"Tasks where {options.where}: {rows.errors['task'].nunique()}.", *notices)
    return Rows(rows.errors, notices, by_metric)


def measured(store: Store) -> list[str]:
    """Metrics that the store has any score by."""
    from tabbench.metrics import METRICS
    from tabbench.store.database import open_database

    counts = ", ".join(f"count(test_{name})" for name in METRICS)
    with open_database(store) as connection:
        row = connection.execute(f"select {counts} from trials where status = 'ok'").fetchone()
    return [name for name, n in zip(METRICS, row or (), strict=False) if n]


def _from_file(options: argparse.Namespace) -> Rows:
    from tabbench.ranking.long_table import Columns, tidy_errors

    columns = Columns(
        task=options.task_column, model=options.model_column, error=options.error_column,
        split=options.split_column or "", time=options.time_column or "", imputed=options.imputed_column or "",
        metric=options.metric_column or "", is_higher_better=options.higher_is_better,
    )  # fmt: skip
    tidy = tidy_errors(read_long_table(Path(options.file)), columns)
    return Rows(tidy.errors, tidy.notices, {})


def read_long_table(path: Path, option: str = "--from") -> pd.DataFrame:
    """The table that an option names.

    Raises:
        DataError: If there is none, it cannot be read, or it holds no rows.
    """
    import pandas as pd
    import pyarrow as pa

    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise DataError(f"{option} {path}: it must end in .csv or .parquet.")
    if not path.is_file():
        raise DataError(f"{option} {path}: there is no such file.")
    try:
        frame = pd.read_csv(path, float_precision="round_trip") if kind == ".csv" else pd.read_parquet(path)
    except (ValueError, pa.ArrowException) as error:  # pandas' parser and encoding errors are ValueErrors
        raise DataError(f"{option} {path} cannot be read: {str(error).splitlines()[0]}") from error
    if not len(frame):
        raise DataError(f"{option} {path} holds no rows.")
    return frame
