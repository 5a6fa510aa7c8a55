"""Deal rows to folds, or draw a share of them, so that every class or tenth of the target gives its share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.task import REGRESSION

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.task import Array, IntArray, TaskData

N_QUANTILES = 10
"""Strata of a regression target: tenths of its ranks, fewer under 20 rows."""


class Units(NamedTuple):
    """What is dealt: single rows, or sets of rows that must stay together.

    Attributes:
        of_row: Shape (n_rows,), number of each row's unit.
        first: Shape (n_units,), place of each unit's first row, which stands for it.
        strata: Shape (n_units,), units of one stratum are spread evenly.
        order: Shape (n_units,), the units shuffled.
    """

    of_row: IntArray
    first: IntArray
    strata: IntArray
    order: IntArray

    @property
    def by_stratum(self) -> IntArray:
        """The units sorted by stratum, random within."""
        return self.order[np.argsort(self.strata[self.order], kind="stable")]


def shuffled(n: int, seed: int) -> IntArray:
    """The numbers 0..n-1 in a random order that no release of numpy changes."""
    return np.argsort(np.random.PCG64(seed).random_raw(n), kind="stable").astype(np.int64)


def units_of(data: TaskData, rows: IntArray, seed: int) -> Units:
    """The rows as units: each its own, or all with equal features one where the split rule keeps them together."""
    if not data.task.split_rule.keeps_equal_rows:
        places, order = np.arange(len(rows)), shuffled(len(rows), seed)
        return Units(places, places, target_strata(data, rows, order), order)
    of_row = equal_rows(data.X.iloc[rows])
    first = np.unique(of_row, return_index=True)[1].astype(np.int64)
    order = shuffled(len(first), seed)
    magnitude = np.frexp(np.bincount(of_row))[1]  # the larger units first, so that they are spread as well
    return Units(of_row, first, target_strata(data, rows[first], order) * 64 + 63 - magnitude, order)


def equal_rows(X: pd.DataFrame) -> IntArray:
    """Number of each row's set of equal rows, counted in the order of their first rows; missing equals missing."""
    import pandas as pd

    number = np.zeros(len(X), dtype=np.int64)
    for name in X.columns:
        codes = pd.factorize(X[name])[0].astype(np.int64) + 1
        number, sets = pd.factorize(number * (len(X) + 1) + codes)
        if len(sets) == len(X):
            break
    return number.astype(np.int64)


def deal_rows(units: Units, n_folds: int) -> IntArray:
    """Fold of each row: units sorted by stratum, random within, are dealt like cards."""
    folds = np.empty(len(units.order), dtype=np.int64)
    folds[units.by_stratum] = np.arange(len(folds)) % n_folds
    return folds[units.of_row]


def draw_rows(units: Units, fraction: float) -> Array:
    """Whether each row is drawn: every stratum gives its share, and keeps one unit or more."""
    counts = np.bincount(units.strata)
    share = fraction * counts
    take = np.floor(share).astype(np.int64)
    spare = max(int(fraction * len(units.order) + 0.5), 1) - int(take.sum())
    by_remainder = np.argsort(take - share, kind="stable")
    takes_more = by_remainder[(take + 1 < counts)[by_remainder] & (share > 0)[by_remainder]][: max(spare, 0)]
    take[takes_more] += 1
    by_stratum = units.by_stratum
    strata = units.strata[by_stratum]
    place = np.arange(len(strata)) - (np.cumsum(counts) - counts)[strata]
    is_drawn = np.zeros(len(strata), dtype=bool)
    is_drawn[by_stratum] = place < take[strata]
    return is_drawn[units.of_row]


def target_strata(data: TaskData, rows: IntArray, order: IntArray) -> IntArray:
    """Class of each row, or tenth of its target's rank among the rows; equal targets are ranked by `order`."""
    y = data.y[rows]
    if data.task.type is not REGRESSION:
        return y.astype(np.int64)
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order[np.argsort(y[order], kind="stable")]] = np.arange(len(rows))
    n_strata = max(min(N_QUANTILES, len(rows) // 2), 1)  # a stratum of one row could not be cut
    return rank * n_strata // max(len(rows), 1)
