"""Read splits from a file: one line for each row of each part.

Columns `repeat`, `fold`, `part` (`train`, `valid` or `test`) and `row` (counted from 0, as the table has them). A
row in `valid` is a row that may be learned from. A row in no part of a split is left out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.errors import DataError, UnknownNameError
from tabbench.task import Split

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from tabbench.task import IntArray

NUMBERS = ("repeat", "fold", "row")
COLUMNS = (*NUMBERS, "part")
PARTS = ("train", "valid", "test")


def read_splits(file: Path, n_rows: int) -> tuple[Split, ...]:
    """The splits in a file, in the order of repeat and fold.

    Args:
        file: CSV, TSV, Parquet or Feather.
        n_rows: Of the table.

    Raises:
        DataError: If the file cannot be read, or a row is out of range, twice in a split, or a part or split is absent.
    """
    from tabbench.data.files import read_file

    frame = read_file(file)
    where = str(file)
    for column in COLUMNS:
        if column not in frame.columns:
            raise UnknownNameError("column", str(column), map(str, frame.columns), where=where, hint=_HINT)
    numbers = {name: _whole_numbers(frame[name], name, where) for name in NUMBERS}
    part = frame["part"].astype(str).to_numpy()
    for word in sorted(set(part.tolist()) - set(PARTS)):
        raise UnknownNameError("part", word, PARTS, where=where)
    outside = (numbers["row"] < 0) | (numbers["row"] >= n_rows)
    if outside.any():
        found = numbers["row"][outside][0]
        raise DataError(f"{where}: row {found} is not in the table, which has rows 0 to {n_rows - 1}.")
    return _splits(numbers, part, where)


_HINT = "A file of splits has the columns repeat, fold, part (train, valid, test) and row."


def _splits(numbers: dict[str, IntArray], part: np.ndarray, where: str) -> tuple[Split, ...]:
    repeat, fold = numbers["repeat"], numbers["fold"]
    n_repeats, n_folds = int(repeat.max()) + 1, int(fold.max()) + 1
    present = {(int(r), int(f)) for r, f in np.unique(np.column_stack([repeat, fold]), axis=0)}
    wanted = [(r, f) for r in range(min(n_repeats, len(present))) for f in range(min(n_folds, len(present)))]
    absent = sorted({*wanted} - present)
    if absent or len(present) != n_repeats * n_folds:
        raise DataError(
            f"{where}: repeats run to {n_repeats - 1} and folds to {n_folds - 1}, counted from 0, but (repeat, fold) "
            f"{absent[0] if absent else min(present)} {'is absent' if absent else 'is the only one'}. Every repeat "
            "has the same folds."
        )
    # One pass of sorting, so that many splits of a large table are cut in time.
    order = np.lexsort((numbers["row"], fold, repeat))
    key = (repeat * n_folds + fold)[order]
    ends = np.searchsorted(key, np.arange(n_repeats * n_folds + 1))
    return tuple(
        _split(r, f, numbers["row"][order[start:end]], part[order[start:end]], where)
        for (r, f), start, end in zip(wanted, ends[:-1], ends[1:], strict=True)
    )


def _split(repeat: int, fold: int, row: IntArray, part: np.ndarray, where: str) -> Split:
    """One split from its rows, ascending."""
    where = f"{where}, repeat {repeat}, fold {fold}"
    twice = np.flatnonzero(np.diff(row) == 0)
    if len(twice):
        place = twice[0]
        first, second = part[place], part[place + 1]
        told = f"twice in {first}" if first == second else f"in {first} and in {second}"
        raise DataError(f"{where}: row {row[place]} stands {told}.")
    for name in ("train", "test"):
        if not (part == name).any():
            raise DataError(f"{where}: there are no {name} rows.")
    valid = row[part == "valid"]
    return Split(repeat, fold, row[part != "test"], row[part == "test"], valid if len(valid) else None)


def _whole_numbers(values: pd.Series, name: str, where: str) -> IntArray:
    """A column as int64.

    Raises:
        DataError: If a value is missing, negative (but for rows, told by range) or no whole number.
    """
    if values.dtype.kind not in "iuf":
        raise DataError(f"{where}: column {name} must hold whole numbers.")
    numbers = values.to_numpy(dtype=np.float64)
    wrong = ~np.isfinite(numbers) | (numbers != np.floor(numbers)) | ((numbers < 0) & (name != "row"))
    if wrong.any():
        raise DataError(f"{where}: column {name} must hold whole numbers from 0, line {wrong.argmax()} does not.")
    return numbers.astype(np.int64)
