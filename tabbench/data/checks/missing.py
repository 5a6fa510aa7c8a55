"""Missing values in disguise: words among levels, odd numbers at the end of a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.checks.finding import FAULT, MOST_ROWS, WARNING, Finding, Severity
from tabbench.task import ColumnKind

if TYPE_CHECKING:
    from tabbench.task import Array, FloatArray, TaskData

SURE = frozenset({"", "?", "na", "n/a", "#n/a", "nan", "null", "<na>", "missing"})
LIKELY = frozenset({"none", "unknown", "unk", "not available", "-", "--", "."})
SENTINELS = frozenset(float(sign * int(digit * n)) for sign in (1, -1) for digit in "89" for n in (2, 3, 4, 5, 6))
LEAST_COUNT = 2


def missing_words(data: TaskData) -> tuple[Finding, ...]:
    """Levels that say that there is no value; a fault, but for words like `unknown` that may be meant."""
    sure = _holding(data, SURE, "missing values kept as levels", FAULT)
    return sure + _holding(data, LIKELY, "missing values, or meant so?", WARNING)


def _holding(data: TaskData, words: frozenset[str], why: str, severity: Severity) -> tuple[Finding, ...]:
    """One finding for all columns that hold one of the words."""
    said: dict[str, list[str]] = {}
    n_cells, is_in = 0, np.zeros(len(data.y), dtype=bool)
    for column in data.task.features:
        if column.kind is not ColumnKind.CATEGORICAL:
            continue
        values = data.X[column.name]
        levels = [level for level in values.cat.categories if level.strip().casefold() in words]
        if levels:
            said[column.name] = levels
            holds = values.isin(levels).to_numpy()
            n_cells += int(holds.sum())
            is_in |= holds
    if not said:
        return ()
    named = ", ".join(repr(level) for level in sorted({level for levels in said.values() for level in levels}))
    told = f"{n_cells:,} cells in {len(said)} columns hold {named}: {why}"
    return (Finding("missing_as_level", severity, told, tuple(said), _first(np.flatnonzero(is_in))),)


def sentinels(data: TaskData) -> tuple[Finding, ...]:
    """Numbers like -999 or 9999 that stand alone, further from the others than these are from each other."""
    found = []
    for column in data.task.features:
        if column.kind is not ColumnKind.NUMERIC:
            continue
        values = data.X[column.name].to_numpy(dtype=np.float64)
        for sentinel in _lonely_ends(values):
            rows = np.flatnonzero(values == sentinel)
            told = f"{len(rows):,} rows of {column.name!r} hold {sentinel:g}, far from all others: missing?"
            found.append(Finding("sentinel_number", WARNING, told, (column.name,), _first(rows)))
    return tuple(found)


def _lonely_ends(values: FloatArray) -> list[float]:
    distinct, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    ends = []
    if len(distinct) < 3:
        return []
    for end, rest in ((0, distinct[1:]), (-1, distinct[:-1])):
        gap = min(abs(distinct[end] - rest[0]), abs(distinct[end] - rest[-1]))
        if distinct[end] in SENTINELS and counts[end] >= LEAST_COUNT and gap > rest[-1] - rest[0]:
            ends.append(float(distinct[end]))
    return ends


def _first(rows: Array) -> tuple[int, ...]:
    return tuple(rows[:MOST_ROWS].tolist())
