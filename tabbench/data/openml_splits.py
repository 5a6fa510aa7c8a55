"""The splits of an OpenML task's own estimation procedure."""

from __future__ import annotations

from typing import Any

import numpy as np

from tabbench.errors import DataError
from tabbench.task import IntArray, Split

WHOLE = ("crossvalidation", "holdout")
"""Procedures that put every row into train or test; the file has no checksum, so this is how a cut one is told."""
CUT = "It is cut short or damaged on the server; use the dataset (openml/d/…) with our splits."


def read_splits(task: Any, n_rows: int, where: str) -> tuple[Split, ...]:
    """Every (repeat, fold) in order; rows ascending.

    Args:
        task: `openml.tasks.OpenMLSupervisedTask`; its splits are downloaded if they are not yet.
        n_rows: Of the table.
        where: The task's name, for messages.

    Raises:
        DataError: If the splits are no repeats of folds, a row does not exist or stands twice, or test rows are train
            rows as well.
    """
    n_repeats, n_folds, n_samples = task.get_split_dimensions()
    if n_samples != 1:
        raise DataError(f"{where}: its splits cut train into {n_samples} growing samples (a learning curve); not read.")
    procedure = task.estimation_procedure
    for word, found in (("number_repeats", n_repeats), ("number_folds", n_folds)):
        declared = (procedure["parameters"] or {}).get(word, "")
        if declared.isdecimal() and int(declared) != found:
            raise DataError(f"{where}: the file of splits has {found} as {word}, its task says {declared}. {CUT}")
    splits = tuple(_split(task, r, f, n_rows, where) for r in range(n_repeats) for f in range(n_folds))
    if procedure["type"] in WHOLE and (short := [s for s in splits if len(s.train) + len(s.test) != n_rows]):
        raise DataError(f"{where}: split ({short[0].repeat}, {short[0].fold}) leaves rows out. {CUT}")
    return splits


def _split(task: Any, repeat: int, fold: int, n_rows: int, where: str) -> Split:
    train, test = task.get_train_test_split_indices(fold=fold, repeat=repeat)
    split = Split(repeat, fold, _rows(train), _rows(test))
    at = f"{where}: split ({repeat}, {fold})"
    for part, rows in (("train", split.train), ("test", split.test)):
        if not len(rows):
            raise DataError(f"{at} has no {part} rows. {CUT}")
        if rows[0] < 0 or rows[-1] >= n_rows:
            raise DataError(f"{at} names row {max(rows[-1], -rows[0])}, but the table has {n_rows:,} rows, from 0.")
        if (np.diff(rows) == 0).any():
            raise DataError(f"{at} names a {part} row twice, as a bootstrap does. Such tasks are not read.")
    if n_shared := len(np.intersect1d(split.train, split.test)):
        raise DataError(
            f"{at}: {n_shared:,} test rows are train rows as well. Such a task measures nothing; use the "
            "dataset (openml/d/…) with our splits."
        )
    return split


def _rows(numbers: Any) -> IntArray:
    return np.sort(np.asarray(numbers).astype(np.int64))
