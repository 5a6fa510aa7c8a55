"""Columns that tell nothing, name their row, or are kept as what they are not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.checks.finding import FAULT, NOTE, WARNING, Finding
from tabbench.task import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from tabbench.task import TaskData

UNIQUE, MOSTLY, LEAST_ROWS = 0.9, 0.9, 20
FEW_CODES = 10
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
CODE_NAME = re.compile(r"(^|[_\W])(id|code|zip|zipcode|postcode|zip_code)($|[_\W\d])", re.IGNORECASE)


def ids(data: TaskData) -> tuple[Finding, ...]:
    """Columns with a value of its own in nearly every row: levels, or whole numbers that count."""
    found = []
    for column in data.task.features:
        values = data.X[column.name].dropna()
        if len(values) < LEAST_ROWS or column.kind is ColumnKind.DATE:
            continue
        n_values = values.nunique()
        if column.kind is ColumnKind.CATEGORICAL:
            if n_values >= UNIQUE * len(values) and _share(list(values.cat.categories), DATE) < MOSTLY:
                found.append((column.name, f"{n_values:,} levels in {len(values):,} rows"))
        elif n_values == len(values) and _numbers_rows(values):
            found.append((column.name, "it numbers the rows"))
    return tuple(
        Finding("id_column", FAULT, f"{name!r} names nearly every row ({why}): ignore it.", (name,))
        for name, why in found
    )


def empty_or_constant(data: TaskData) -> tuple[Finding, ...]:
    """Columns without a value, and those with one."""
    n_values = data.X.nunique()
    empty = tuple(str(name) for name in n_values.index[n_values == 0])
    constant = tuple(str(name) for name in n_values.index[n_values == 1])
    found = []
    if empty:
        found.append(Finding("missing_column", WARNING, f"{_count(empty)} no value at all.", empty))
    if constant:
        found.append(Finding("constant_column", WARNING, f"{_count(constant)} one value throughout.", constant))
    return tuple(found)


def numbers_as_text(data: TaskData) -> tuple[Finding, ...]:
    """Categories that are numbers or dates in nearly all levels."""
    found = []
    for column in data.task.features:
        if column.kind is not ColumnKind.CATEGORICAL:
            continue
        levels = list(data.X[column.name].cat.categories)
        if len(levels) > FEW_CODES and _share(levels, DATE) >= MOSTLY:
            told = f"The {len(levels):,} levels of {column.name!r} are dates: make it a date, ISO 8601 in a CSV."
            found.append(Finding("dates_as_text", WARNING, told, (column.name,)))
        elif len(levels) > FEW_CODES and _share(levels, NUMBER) >= MOSTLY:
            odd = [level for level in levels if not NUMBER.fullmatch(level)][:3]
            but = f", but {odd}" if odd else ""
            told = f"The {len(levels):,} levels of {column.name!r} are numbers{but}: is it a number?"
            found.append(Finding("numbers_as_text", WARNING if odd else NOTE, told, (column.name,)))
    return tuple(found)


def codes_as_numbers(data: TaskData) -> tuple[Finding, ...]:
    """Whole numbers that may be names: 3 to 10 distinct ones, or a column called id, code or zip."""
    few = tuple(c.name for c in data.task.features if c.kind is ColumnKind.NUMERIC and _has_few(data.X[c.name]))
    named = tuple(
        c.name
        for c in data.task.features
        if c.kind is ColumnKind.NUMERIC and c.name not in few and CODE_NAME.search(c.name) and _is_whole(data.X[c.name])
    )
    found = []
    if few:
        told = f"{_count(few)} 3 to {FEW_CODES} whole numbers: are they names of something?"
        found.append(Finding("few_numbers", NOTE, told, few))
    if named:
        told = f"{_count(named)} whole numbers under the name of a code: make them categories."
        found.append(Finding("codes_as_numbers", WARNING, told, named))
    return tuple(found)


def _numbers_rows(distinct: pd.Series) -> bool:
    """Whole numbers that ascend throughout, or leave out none between first and last."""
    has_no_gap = distinct.max() - distinct.min() + 1 == len(distinct)
    return _is_whole(distinct) and bool(has_no_gap or distinct.is_monotonic_increasing)


def _count(names: tuple[str, ...]) -> str:
    return "1 column holds" if len(names) == 1 else f"{len(names)} columns hold"


def _share(levels: Sequence[str], pattern: re.Pattern[str]) -> float:
    return float(np.mean([pattern.fullmatch(level) is not None for level in levels]))


def _is_whole(values: pd.Series) -> bool:
    present = values.dropna()
    return len(present) > 0 and bool((present % 1 == 0).all())


def _has_few(values: pd.Series) -> bool:
    return 3 <= values.nunique() <= FEW_CODES and _is_whole(values) and values.count() >= LEAST_ROWS
