"""One form for every table: typed columns, sorted levels, and a hash of what they hold.

Numbers are float64, categories are strings, dates are datetime64[us]; missing is NaN or NaT. Levels stand in
one order whatever the file said, so that a level's number never depends on where the table came from.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.errors import DataError
from tabbench.hashing import HASH_LENGTH, canonical_json
from tabbench.task import Column, ColumnKind, IntArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd


def sorted_levels(levels: Iterable[str]) -> tuple[str, ...]:
    """Levels in the order of their numbers if all are finite numbers, else in the order of their characters.

    >>> sorted_levels(["10", "9"]), sorted_levels(["10", "9", "A"])
    (('9', '10'), ('10', '9', 'A'))
    """
    levels = sorted(set(levels))
    try:
        numbers = {level: float(level) for level in levels}
    except ValueError:
        return tuple(levels)
    return tuple(sorted(levels, key=numbers.__getitem__) if all(map(math.isfinite, numbers.values())) else levels)


def kind_of(values: pd.Series) -> ColumnKind:
    """The kind that a column's own type suggests: truth values and text are categorical."""
    import pandas as pd

    types = pd.api.types
    if types.is_datetime64_any_dtype(values.dtype):
        return ColumnKind.DATE
    if types.is_numeric_dtype(values.dtype) and not types.is_bool_dtype(values.dtype):
        return ColumnKind.NUMERIC
    return ColumnKind.CATEGORICAL


def with_columns(frame: pd.DataFrame, columns: Mapping[Any, Any]) -> pd.DataFrame:
    """A frame with other values in some columns; unlike `DataFrame.assign` it takes any name, `self` too."""
    changed = frame.copy()
    for name, values in columns.items():
        changed[name] = values
    return changed


def typed_column(values: pd.Series, kind: ColumnKind) -> pd.Series:
    """A column in the form of its kind.

    Raises:
        DataError: If the values cannot be read so, or are infinite.
    """
    import pandas as pd

    try:
        if kind is ColumnKind.CATEGORICAL:
            return _categorical(values)
        if kind is ColumnKind.DATE:
            return pd.to_datetime(values, format="ISO8601").astype("datetime64[us]")
        typed = values.astype("float64")
    except (TypeError, ValueError) as error:
        raise DataError(f"Column {values.name!r} cannot be read as {kind}: {error}.") from error
    if np.isinf(typed.to_numpy()).any():
        raise DataError(f"Column {values.name!r} holds an infinite number. Make it missing, or a large number.")
    return typed


def typed_frame(frame: pd.DataFrame, columns: Iterable[Column] | None = None) -> pd.DataFrame:
    """A table in the one form, rows numbered 0..n-1.

    Args:
        frame: Any table.
        columns: Those to keep, in order, with their kinds; all of them by their own types if None.

    Raises:
        DataError: If a column is absent, stands twice or cannot be read as its kind.
    """
    import pandas as pd

    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise DataError(f"Columns {sorted({n for n in names if names.count(n) > 1})} stand twice in the table.")
    frame = frame.set_axis(names, axis=1).reset_index(drop=True)
    kinds = {c.name: c.kind for c in columns} if columns is not None else {n: kind_of(frame[n]) for n in names}
    absent = [name for name in kinds if name not in frame.columns]
    if absent:
        raise DataError(f"Columns {absent} are not in the table. It has: {', '.join(names)}.")
    return pd.DataFrame({name: typed_column(frame[name], kind) for name, kind in kinds.items()}, index=frame.index)


def content_hash(frame: pd.DataFrame) -> str:
    """Hash of column names, kinds and values in row order, 16 hex digits.

    It does not depend on the file format, on integer or float storage, on how missing is spelt, on the order
    of levels or on unused ones. -0.0 counts as 0.0.

    Args:
        frame: Any table; it is brought into the one form first.
    """
    typed = typed_frame(frame)
    digest = hashlib.sha256()
    for name in typed.columns:
        kind = kind_of(typed[name])
        digest.update(canonical_json([name, kind, len(typed)]).encode() + b"\n")
        digest.update(_column_bytes(typed[name], kind))
    return digest.hexdigest()[:HASH_LENGTH]


def level_numbers(values: pd.Series) -> tuple[IntArray, tuple[str, ...]]:
    """Numbers 0..k-1 of a typed categorical column, -1 where missing, and its levels."""
    return values.cat.codes.to_numpy().astype(np.int64), tuple(values.cat.categories)


def _level_name(value: Any) -> str:
    """A level as text; 1.0 is `1`, since files differ in how they keep whole numbers."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _categorical(values: pd.Series) -> pd.Series:
    import pandas as pd

    numbers, uniques = pd.factorize(values)
    names = [_level_name(value) for value in uniques]
    levels = sorted_levels(names)
    place = {level: number for number, level in enumerate(levels)}
    codes = np.array([*(place[name] for name in names), -1])[numbers]
    typed = pd.Categorical.from_codes(codes, categories=pd.Index(levels, dtype=object))
    return pd.Series(typed, index=values.index, name=values.name)


def _column_bytes(values: pd.Series, kind: ColumnKind) -> bytes:
    if kind is ColumnKind.CATEGORICAL:
        codes, levels = level_numbers(values)
        return canonical_json(levels).encode() + b"\n" + codes.astype("<i4").tobytes()
    if kind is ColumnKind.DATE:
        return values.to_numpy().astype("datetime64[us]").astype("<i8").tobytes()  # NaT is the least integer
    numbers = values.to_numpy().astype("<f8") + 0.0
    numbers[np.isnan(numbers)] = np.nan
    return bytes(numbers.tobytes())
