"""`tabbench compare A B`: whether one of two models is better, in words."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabbench.cli.regimes import ENSEMBLED, REGIMES, rows_of_regime
from tabbench.errors import DataError, SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from tabbench.ranking.comparison import Comparison
    from tabbench.ranking.one_task import McNemar
    from tabbench.store.split_facts import SplitFacts


class Compared(NamedTuple):
    """Two models under one regime.

    Attributes:
        regime: The regime.
        tasks: Names of the tasks, as the comparison has them.
        comparison: The comparison.
        n_left_out: Splits on which one of the two has no error.
        mcnemar: McNemar's test, for one task with classes; None where it is not made.
        mcnemar_says: On which split it was made, or why it was not; empty over several tasks.
    """

    regime: str
    tasks: tuple[str, ...]
    comparison: Comparison
    n_left_out: int
    mcnemar: McNemar | None = None
    mcnemar_says: str = ""


def main(arguments: Sequence[str]) -> int:
    """Parse, read the rows, compare, print. Data goes to standard output, all else to standard error."""
    options = _parser().parse_args(list(arguments))
    if options.regime not in REGIMES:
        raise UnknownNameError("regime", options.regime, REGIMES, where="--regime")
    if not 0 <= options.rope < 1:
        raise SettingsError(f"--rope {options.rope:g}: the region is a relative difference, from 0 to under 1.")
    if not 0 <= options.seed < 2**64:
        raise SettingsError(f"--seed {options.seed}: a whole number from 0 to 2**64 - 1.")
    errors, facts, notices = _rows(options)
    for line in notices:
        sys.stderr.write(f"{line}\n")
    _check_names(options, errors)
    found = (_compare(pool, str(regime), facts, options) for regime, pool in errors.groupby("regime", sort=True))
    compared = [one for one in found if one is not None]
    if not compared:
        raise DataError(f"{options.first} and {options.second} have no split on which both have an error.")
    from tabbench.cli.compare_printing import to_json, to_text

    if options.json:
        sys.stdout.write(to_json(compared, options.first, options.second))
    else:
        sys.stdout.write("\n".join(to_text(c, options.first, options.second, options) for c in compared))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tabbench compare",
        description="Compare two models over tasks: docs/uncertainty.md says what each number and test means.",
    )
    parser.add_argument("first", metavar="A", help="a model")
    parser.add_argument("second", metavar="B", help="another")
    parser.add_argument("--store", default="results", help="results folder (default: ./results)")
    parser.add_argument("--suite", help="only this suite's tasks (default: every task in the store)")
    parser.add_argument("--task", help="only this task, with the tests for one task")
    parser.add_argument(
        "--regime", default="all", help="default, tuned, tuned_ensembled or all, one after the other (default: all)"
    )
    parser.add_argument("--metric", help="compare by this metric (default: the one configurations were chosen by)")
    parser.add_argument("--protocol", help="id or name of the protocol whose rows are taken")
    parser.add_argument("--latest", action="store_true", help="of several protocols or versions take the last one run")
    parser.add_argument("--rope", type=float, default=0.01, metavar="SHARE",
                        help="relative differences below this are practically none (default: 0.01)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="seed of all draws (default: 0)")
    parser.add_argument("--tasks", action="store_true", help="also print a line for each task")
    parser.add_argument("--json", action="store_true", help="print every number, as JSON")
    return parser


def _rows(options: argparse.Namespace) -> tuple[pd.DataFrame, dict[str, SplitFacts], tuple[str, ...]]:
    from tabbench.metrics import METRICS
    from tabbench.ranking.table import check_errors
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store
    from tabbench.store.leaderboard_rows import ErrorRows, read_errors
    from tabbench.store.new_metrics import ranking_metric
    from tabbench.store.split_facts import split_facts

    store = Store(Path(options.store))
    is_own_metric = options.metric is None or options.metric in METRICS  # ensembles have no other scores
    if options.regime == ENSEMBLED and not is_own_metric:
        raise SettingsError(f"Regime {ENSEMBLED} has no scores by {options.metric}. Take --regime default or tuned.")

    def read() -> ErrorRows:
        with open_database(store) as connection:
            metric = None if options.metric is None else ranking_metric(connection, options.metric, METRICS)
            return read_errors(connection, options.suite, metric, options.protocol, options.latest, is_own_metric)

    errors, notices = rows_of_regime(store, options.regime, read)
    if options.task is not None:
        if options.task not in set(errors["task"]):
            raise UnknownNameError("task", options.task, set(errors["task"]), where="--task, among those with rows")
        errors = errors[errors["task"] == options.task]
    check_errors(errors[errors["model"].isin([options.first, options.second])])
    with open_database(store) as connection:
        facts = split_facts(connection, sorted(set(errors["task"])))
    return errors, facts, notices


def _check_names(options: argparse.Namespace, errors: pd.DataFrame) -> None:
    known = set(errors["model"])
    for name in (options.first, options.second):
        if name not in known:
            raise UnknownNameError("model", name, known, where="among those with rows")
    if options.first == options.second:
        raise SettingsError(f"{options.first} is compared with itself. Name two models.")


def _compare(
    pool: pd.DataFrame, regime: str, facts: dict[str, SplitFacts], options: argparse.Namespace
) -> Compared | None:
    import numpy as np

    from tabbench.cli.compare_labels import mcnemar_of
    from tabbench.ranking.comparison import compare_models
    from tabbench.ranking.table import error_table
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store

    names = [options.first, options.second]
    mine = pool[pool["model"].isin(names)]
    if set(mine["model"]) != set(names):
        return None
    table = error_table(mine)
    errors = table.errors[:, [table.models.index(name) for name in names]]
    is_whole = ~np.isnan(errors).any(axis=1)
    if not is_whole.any():
        return None
    kept, task_of = np.unique(table.task_of[is_whole], return_inverse=True)
    tasks = tuple(table.tasks[i] for i in kept)
    comparison = compare_models(
        errors[is_whole], task_of.astype(np.int64), np.array([facts[task].test_per_train for task in tasks]),
        [facts[task].family for task in tasks], options.rope, options.seed,
    )  # fmt: skip
    compared = Compared(regime, tasks, comparison, int((~is_whole).sum()))
    if len(tasks) > 1:
        return compared
    with open_database(Store(Path(options.store))) as connection:
        found, says = mcnemar_of(connection, mine[mine["task"] == tasks[0]], (options.first, options.second))
    return compared._replace(mcnemar=found, mcnemar_says=says)
