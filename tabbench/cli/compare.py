"""`tabbench compare A B`: whether one of two models is better, in words."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabbench.cli.rank_options import add_sources, check_seed, check_sources
from tabbench.cli.rank_rows import rows_of
from tabbench.errors import DataError, SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from tabbench.ranking.comparison import Comparison
    from tabbench.ranking.one_task import McNemar


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
    options = _parser().parse_args(list(arguments), argparse.Namespace(sensitivity=False))
    check_sources(options)
    if not 0 <= options.rope < 1:
        raise SettingsError(f"--rope {options.rope:g}: the region is a relative difference, from 0 to under 1.")
    check_seed(options.seed)
    errors = _rows(options)
    _check_names(options, errors)
    found = (_compare(pool, str(regime), options) for regime, pool in errors.groupby("regime", sort=True))
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
    add_sources(parser)
    how = parser.add_argument_group("what to compare")
    how.add_argument("--regime", default="all",
                     help="default, tuned, tuned_ensembled or all, one after the other (default: all)")  # fmt: skip
    how.add_argument("--task", help="only this task, with the tests for one task")
    how.add_argument("--rope", type=float, default=0.01, metavar="SHARE",
                     help="relative differences below this are practically none (default: 0.01)")  # fmt: skip
    how.add_argument("--seed", type=int, default=0, help="seed of all draws (default: 0)")
    how.add_argument("--tasks", action="store_true", help="also print a line for each task")
    how.add_argument("--json", action="store_true", help="print every number, as JSON")
    return parser


def _rows(options: argparse.Namespace) -> pd.DataFrame:
    from tabbench.ranking.table import check_errors

    errors, notices, _ = rows_of(options)
    for line in notices:
        sys.stderr.write(f"{line}\n")
    if options.task is not None:
        if options.task not in set(errors["task"]):
            raise UnknownNameError("task", options.task, set(errors["task"]), where="--task, among those with rows")
        errors = errors[errors["task"] == options.task]
    check_errors(errors[errors["model"].isin([options.first, options.second])])
    return errors


def _check_names(options: argparse.Namespace, errors: pd.DataFrame) -> None:
    known = set(errors["model"])
    for name in (options.first, options.second):
        if name not in known:
            raise UnknownNameError("model", name, known, where="among those with rows")
    if options.first == options.second:
        raise SettingsError(f"{options.first} is compared with itself. Name two models.")


def _compare(pool: pd.DataFrame, regime: str, options: argparse.Namespace) -> Compared | None:
    import numpy as np

    from tabbench.ranking.comparison import compare_models
    from tabbench.ranking.table import error_table

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
    shares, families = _test_per_train(mine), {}
    if "task_family" in mine:  # related tables
        families = mine.dropna(subset="task_family").set_index("task")["task_family"].to_dict()
    comparison = compare_models(
        errors[is_whole], task_of.astype(np.int64), np.array([shares[task] for task in tasks]),
        [families.get(task, task) for task in tasks], options.rope, options.seed,
    )  # fmt: skip
    compared = Compared(regime, tasks, comparison, int((~is_whole).sum()))
    return compared if len(tasks) > 1 else _with_mcnemar(compared, mine[mine["task"] == tasks[0]], options)


def _test_per_train(rows: pd.DataFrame) -> dict[str, float]:
    """Test rows over train rows of each task; where they are not known, as if its splits were one k-fold."""
    n_splits = rows.groupby("task")[["repeat", "fold"]].apply(lambda splits: len(splits.drop_duplicates()))
    shares = {str(task): 1.0 / max(int(n) - 1, 1) for task, n in n_splits.items()}
    if "n_train" in rows:
        ratios = (rows["n_test"] / rows["n_train"]).groupby(rows["task"]).mean().dropna()
        shares |= {str(task): float(ratio) for task, ratio in ratios.items()}
    return shares


def _with_mcnemar(compared: Compared, rows: pd.DataFrame, options: argparse.Namespace) -> Compared:
    if options.file is not None:
        return compared._replace(mcnemar_says="a table of errors holds no predictions")
    from tabbench.cli.compare_labels import mcnemar_of
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store

    with open_database(Store(Path(options.store))) as connection:
        found, says = mcnemar_of(connection, rows, (options.first, options.second))
    return compared._replace(mcnemar=found, mcnemar_says=says)
