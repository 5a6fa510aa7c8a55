"""Columns that hold the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.checks.finding import FAULT, WARNING, Finding
from tabbench.task import REGRESSION, ColumnKind

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.task import Array, FloatArray, IntArray, TaskData

N_BINS = 200
ROWS_PER_PART = 5
EXPLAINED = 0.99
EXACT = 1e-9
MOST_ROWS_SOLVED = 20_000
ROWS_PER_COLUMN = 5


def functions_of_target(data: TaskData) -> tuple[Finding, ...]:
    """Columns that give the target alone: within a level or a bin of 200 it hardly varies.

    For classes, guessing the commonest of each part removes 99 % of the errors of guessing the commonest of all; for
    regression, part means explain 99 % of the variance. Levels of fewer than five rows on average tell nothing.
    """
    found = []
    for column in data.task.features:
        part = _parts(data.X[column.name], column.kind)
        if part.max(initial=0) + 1 < 2 or len(part) < ROWS_PER_PART * (part.max() + 1):
            continue
        share = _variance_explained(part, data.y) if data.task.type is REGRESSION else _errors_removed(part, data.y)
        if share >= EXPLAINED:
            told = f"{column.name!r} alone gives the target ({share:.1%} explained): was it known before?"
            found.append(Finding("gives_target", FAULT if share > 1 - EXACT else WARNING, told, (column.name,)))
    return tuple(found)


def sums_that_give_target(data: TaskData) -> tuple[Finding, ...]:
    """Numeric columns of which a weighted sum is the target, to the last digits.

    At most 20,000 rows, evenly spaced, are looked at; tables with fewer than five rows a column are left out.
    """
    names = [c.name for c in data.task.features if c.kind is ColumnKind.NUMERIC]
    step = max(-(-len(data.y) // MOST_ROWS_SOLVED), 1)
    X = data.X[names].to_numpy(dtype=np.float64)[::step]
    y = np.asarray(data.y, dtype=np.float64)[::step]
    is_usable = np.isfinite(X).all(axis=0) & (X.max(axis=0, initial=-np.inf) > X.min(axis=0, initial=np.inf))
    if not is_usable.any() or len(y) < ROWS_PER_COLUMN * is_usable.sum() or not np.ptp(y):
        return ()
    X = X[:, is_usable]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = (y - y.mean()) / y.std()
    weights = np.linalg.lstsq(X, y, rcond=None)[0]
    if float(np.mean((y - X @ weights) ** 2)) > EXACT:
        return ()
    guilty = tuple(n for n, w in zip(np.array(names)[is_usable].tolist(), weights, strict=True) if abs(w) > 1e-6)
    return (Finding("sum_gives_target", FAULT, "A weighted sum of columns is the target exactly.", guilty),)


def _parts(values: pd.Series, kind: ColumnKind) -> IntArray:
    """Levels, or tied ranks cut in bins; missing is a part of its own."""
    numbers: Array
    if kind is ColumnKind.CATEGORICAL:
        numbers = values.cat.codes.to_numpy()
    elif values.nunique() > N_BINS:
        numbers = np.ceil(values.rank(pct=True).fillna(0).to_numpy() * N_BINS)
    else:
        numbers = values.rank(method="dense").fillna(0).to_numpy()
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _errors_removed(part: IntArray, y: Array) -> float:
    n_classes = int(y.max()) + 1
    counts = np.bincount(part * n_classes + y, minlength=(int(part.max()) + 1) * n_classes).reshape(-1, n_classes)
    errors, errors_before = len(y) - counts.max(axis=1).sum(), len(y) - counts.sum(axis=0).max()
    return 1 - float(errors / errors_before) if errors_before else 0.0


def _variance_explained(part: IntArray, y: FloatArray) -> float:
    mean = np.bincount(part, weights=y) / np.bincount(part)
    total = float(np.var(y))
    return 1 - float(np.mean((y - mean[part]) ** 2)) / total if total else 0.0
