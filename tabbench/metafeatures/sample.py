"""The rows that metafeatures are computed on: a training part, subsampled where a group asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tabbench.hashing import derive_seed
from tabbench.task import REGRESSION, Array, FloatArray, IntArray, TaskType

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from tabbench.task import TaskData

Found = TypeVar("Found")
N_BINS = 10
"""Equal-frequency bins that a number is cut into where a measure needs levels."""
BLOCK_ROWS = 4_096
"""Rows of columns that are laid side by side at once, few enough for a processor's cache."""


class UndefinedError(Exception):
    """A metafeature has no value on this table; the message says why."""


@dataclass(frozen=True, eq=False)
class TestInputs:
    """What may be known of test rows without their labels."""

    __test__ = False  # it is no test, whatever pytest thinks of its name

    X: pd.DataFrame
    time: FloatArray | None = None
    group: IntArray | None = None


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows of a training part.

    Attributes:
        X: Features as in `TaskData`; missing is NaN or NaT.
        y: Labels 0..k-1, or float64 for regression.
        rows: Row numbers in the dataset, ascending.
        n_train: Rows of the whole training part.
        test: For groups that read test inputs, else None.
        seed: Root of all chance.
    """

    X: pd.DataFrame
    y: Array
    rows: IntArray
    task_type: TaskType
    n_train: int
    seed: int = 0
    time: FloatArray | None = None
    group: IntArray | None = None
    test: TestInputs | None = None
    _known: dict[str, Any] = field(default_factory=dict)

    def once(self, word: str, compute: Callable[[], Found]) -> Found:
        """What several features share: computed when it is first asked for."""
        if word not in self._known:
            self._known[word] = compute()
        found: Found = self._known[word]
        return found

    @property
    def n_rows(self) -> int:
        """Rows that are looked at."""
        return len(self.y)

    @property
    def is_regression(self) -> bool:
        """Whether the target is a number."""
        return self.task_type is REGRESSION

    def rng(self, word: str) -> np.random.Generator:
        """Chance for one purpose."""
        return np.random.default_rng(derive_seed("metafeatures", self.seed, word))

    @cached_property
    def raw_numbers(self) -> FloatArray:
        """Shape (n_rows, n_numeric): numbers and dates (as seconds), NaN where missing."""
        return number_matrix(self.X)

    @cached_property
    def numbers(self) -> FloatArray:
        """The same with gaps filled by the column's mean, 0 where a column is empty."""
        return filled(self.raw_numbers)

    @cached_property
    def scaled(self) -> FloatArray:
        """Numbers less their mean over their standard deviation; constant columns left out."""
        spread = self.numbers.std(axis=0)
        keep = spread > 1e-12 * np.maximum(np.abs(self.numbers).max(axis=0, initial=0), 1e-300)
        kept: FloatArray = (self.numbers[:, keep] - self.numbers[:, keep].mean(axis=0)) / spread[keep]
        return kept

    @cached_property
    def raw_codes(self) -> IntArray:
        """Shape (n_rows, n_categorical): numbers of the levels that are present, -1 where missing."""
        return code_matrix(self.X)

    @cached_property
    def inputs(self) -> FloatArray:
        """Numbers, scaled, then codes of categories, scaled likewise: what cheap models are fitted on."""
        codes = self.raw_codes.astype(np.float64)
        spread = codes.std(axis=0)
        return np.hstack([self.scaled, (codes[:, spread > 0] - codes[:, spread > 0].mean(axis=0)) / spread[spread > 0]])

    @cached_property
    def target_levels(self) -> IntArray:
        """The classes, or the target in equal-frequency bins."""
        return equal_bins(self.y) if self.is_regression else np.unique(self.y, return_inverse=True)[1].astype(np.int64)

    def need(self, is_there: bool, what: str) -> None:
        """Refuse to go on where something is lacking.

        Raises:
            UndefinedError: If it is.
        """
        if not is_there:
            raise UndefinedError(f"the table has {what}")


def is_number(column: pd.Series) -> bool:
    """Whether a column is a number or a date."""
    return column.dtype.kind in "fiubM"


def number_matrix(X: pd.DataFrame) -> FloatArray:
    """The number columns and dates of a table as float64; missing is NaN."""
    columns = [_as_numbers(X.iloc[:, i]) for i in range(X.shape[1]) if is_number(X.iloc[:, i])]
    matrix = np.empty((len(X), len(columns)))
    for start in range(0, len(X) if columns else 0, BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        matrix[rows] = np.column_stack([column[rows] for column in columns])
    return matrix


def _as_numbers(column: pd.Series) -> FloatArray:
    if column.dtype.kind != "M":
        return column.to_numpy(dtype=np.float64)
    seconds = column.to_numpy().astype("datetime64[us]").astype(np.int64) / 1e6
    seconds[column.isna().to_numpy()] = np.nan
    return seconds


def filled(raw: FloatArray) -> FloatArray:
    """Gaps filled by the mean of what a column has; 0 where it has nothing."""
    is_gap = np.isnan(raw)
    n = (~is_gap).sum(axis=0)
    mean = np.where(is_gap, 0.0, raw).sum(axis=0) / np.maximum(n, 1)
    return np.where(is_gap, mean, raw)


def code_matrix(X: pd.DataFrame) -> IntArray:
    """The categories of a table as numbers 0..k-1 of the levels present in each column; missing is -1."""
    columns = [_codes(X.iloc[:, i]) for i in range(X.shape[1]) if not is_number(X.iloc[:, i])]
    return np.column_stack(columns) if columns else np.empty((len(X), 0), dtype=np.int64)


def _codes(column: pd.Series) -> IntArray:
    codes = column.cat.codes.to_numpy().astype(np.int64)
    present, numbered = np.unique(codes, return_inverse=True)
    return numbered.astype(np.int64) - int(len(present) > 0 and present[0] < 0)


def equal_bins(values: Array, n_bins: int = N_BINS) -> IntArray:
    """Numbers cut at their quantiles into at most `n_bins` bins, 0..k-1; equal numbers share one."""
    edges = np.unique(np.quantile(values, np.arange(1, n_bins) / n_bins))
    return np.unique(np.searchsorted(edges, values, side="left"), return_inverse=True)[1].astype(np.int64)


def make_sample(data: TaskData, train: IntArray, test: IntArray | None, max_rows: int | None, seed: int) -> Sample:
    """The training part of a split, or a seeded subsample of it that keeps the shares of the classes.

    Args:
        data: The table, as it is on this split.
        train: Row numbers of the training part.
        test: Row numbers of the test part, for groups that read it; it is cut to `max_rows` likewise.
        max_rows: Most rows; None for all.
        seed: Root of all chance.
    """
    rows = chosen_rows(data, train, max_rows, seed)
    inputs = None
    if test is not None:
        kept = chosen_rows(data, test, max_rows, seed)
        inputs = TestInputs(data.X.iloc[kept], _at(data.time, kept), _at(data.group, kept))
    return Sample(
        X=data.X.iloc[rows],
        y=data.y[rows],
        rows=rows,
        task_type=data.task.type,
        n_train=len(train),
        seed=seed,
        time=_at(data.time, rows),
        group=_at(data.group, rows),
        test=inputs,
    )


def _at(values: Array | None, rows: IntArray) -> Array | None:
    return None if values is None else values[rows]


def chosen_rows(data: TaskData, rows: IntArray, max_rows: int | None, seed: int) -> IntArray:
    """At most `max_rows` of some rows, ascending: of each class its share, and two where it has two.

    Where rare classes alone would exceed the cap, the frequent ones give way.
    """
    if max_rows is None or len(rows) <= max_rows:
        return rows
    rng = np.random.default_rng(derive_seed("metafeatures", seed, "rows", data.task.task_hash))
    rows = rows[np.argsort(rng.random(len(rows)), kind="stable")]
    if data.task.type is REGRESSION:
        return np.sort(rows[:max_rows])
    _, labels = np.unique(data.y[rows], return_inverse=True)
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(labels.max() + 1))
    place = np.empty(len(rows))
    place[order] = np.arange(len(rows)) - starts[labels[order]]
    share = (place + 0.5) / np.bincount(labels)[labels]
    share[place < 2] = -1.0
    return np.sort(rows[np.argsort(share, kind="stable")[:max_rows]])
