"""What `tabbench analyze` looks at: the trials of a store, or a table that anybody made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.rank_rows import read_long_table, rows_of
from tabbench.errors import UnknownNameError

if TYPE_CHECKING:
    import argparse

    import pandas as pd

    from tabbench.analysis.material import Material


def material_of(options: argparse.Namespace) -> Material:
    """The rows that the options name.

    Raises:
        TabbenchError: If there is no such store, file, suite, metric, protocol or column, or rows must not be pooled.
    """
    from tabbench.analysis.material import Material
    from tabbench.ranking.table import check_errors
    from tabbench.ranking.uncertainty import uncertain_of

    rows = rows_of(options)
    check_errors(rows.errors)
    trials, more = (
        _trials_of_file(options, rows.errors)
        if options.file
        else (trials_of_store(options, options.metric, set(rows.errors["task"])), [])
    )
    known = uncertain_of(rows.errors)
    return Material(trials, rows.errors, known.families, known.test_per_train, (*rows.notices, *more))


def trials_of_store(options: argparse.Namespace, name: str | None, tasks: set[str]) -> pd.DataFrame:
    """The trials of some tasks, scored on test by a metric; None for the one that configurations were chosen by."""
    from tabbench.metrics import METRICS
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store
    from tabbench.store.new_metrics import ranking_metric
    from tabbench.store.trial_errors import read_trials

    with open_database(Store(Path(options.store))) as connection:
        metric = None if name is None else ranking_metric(connection, name, METRICS)
        trials = read_trials(connection, options.suite, metric, options.protocol, options.latest)
    kept = trials[trials["task"].isin(tasks)]
    return kept[kept["trial"] == 0] if options.regime == "default" else kept


def _trials_of_file(options: argparse.Namespace, errors: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """One trial a row; where no column holds valid errors, other splits or other tasks choose."""
    from tabbench.analysis.choosing import choice_from_elsewhere
    from tabbench.ranking.long_table import numbers_in

    frame = read_long_table(Path(options.file))
    for name in (options.valid_column, options.family_column):
        if name is not None and name not in frame:
            raise UnknownNameError("column", name, map(str, frame.columns), where=f"of {options.file}")
    family = frame[options.family_column].astype(str) if options.family_column else ""
    trials = errors.assign(trial=0, family=family)
    if options.valid_column:
        sign = -1.0 if options.higher_is_better else 1.0
        return trials.assign(valid_error=sign * numbers_in(frame, options.valid_column)), []
    chosen = choice_from_elsewhere(trials)
    return trials.assign(valid_error=chosen.error), [chosen.says]
