"""Prepare a whole table: one encoder a raw column, fitted on train, columns named x0, x1, …."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tabbench.errors import DataError
from tabbench.model import Categorical, Missing, Numeric, PreparedColumn, Reads
from tabbench.preparation.dates import date_parts, is_date
from tabbench.preparation.levels import Levels, fit_levels, is_categorical
from tabbench.preparation.numbers import Scale, finite, fit_scale

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from tabbench.task import FloatArray

NUMBER = 0
"""In place of a count of levels: the column is a number."""


class Encoder(Protocol):
    """One raw column's way to its prepared columns."""

    @property
    def levels(self) -> tuple[int, ...]:
        """Level counts of the prepared columns, `NUMBER` for numbers."""
        ...

    def encode(self, column: pd.Series[Any]) -> list[Any]:
        """Arrays of shape (n_rows,), as many as `levels` has entries."""
        ...


@dataclass(frozen=True)
class CategoricalEncoder:
    """Levels in the form `native`, `codes` or `one_hot`."""

    fitted: Levels
    form: Categorical

    @property
    def levels(self) -> tuple[int, ...]:
        """One entry, or for `one_hot` one a level."""
        if self.form is Categorical.ONE_HOT:
            return (NUMBER,) * self.fitted.n_levels
        return (max(self.fitted.n_levels, 1) if self.form is Categorical.NATIVE else self.fitted.n_levels + 1,)

    def encode(self, column: pd.Series[Any]) -> list[Any]:
        """In the form asked for."""
        if self.form is Categorical.NATIVE:
            return [self.fitted.native(column)]
        if self.form is Categorical.CODES:
            return [self.fitted.numbers(column) + 1]
        return list(self.fitted.one_hot(column).T)


@dataclass(frozen=True)
class NumberEncoder:
    """Numbers that a raw column holds or is taken apart into, and one 0/1 column where train has gaps."""

    scales: tuple[Scale, ...]
    read: Callable[[pd.Series[Any]], FloatArray]

    @property
    def levels(self) -> tuple[int, ...]:
        """All are numbers."""
        return (NUMBER,) * (len(self.scales) + self.scales[0].has_indicator)

    def encode(self, column: pd.Series[Any]) -> list[Any]:
        """The scaled numbers, then the indicator."""
        values = self.read(column)
        arrays: list[Any] = [scale.apply(values[:, i]) for i, scale in enumerate(self.scales)]
        if self.scales[0].has_indicator:
            arrays.append(np.isnan(values[:, 0]).astype(np.float64))
        return arrays


@dataclass(frozen=True)
class LevelNumbers:
    """Reads a categorical column as level numbers, NaN for missing or unseen."""

    fitted: Levels

    def __call__(self, column: pd.Series[Any]) -> FloatArray:
        """Shape (n_rows, 1)."""
        numbers = self.fitted.numbers(column)[:, None].astype(np.float64)
        return np.where(numbers < 0, np.nan, numbers)


def plain_numbers(column: pd.Series[Any]) -> FloatArray:
    """Shape (n_rows, 1), NaN for missing and infinite values."""
    return finite(column.to_numpy(dtype=np.float64, na_value=np.nan))[:, None]


def fit_encoder(column: pd.Series[Any], reads: Reads) -> Encoder:
    """The encoder of one raw column, fitted on its train rows."""
    if is_categorical(column):
        levels = fit_levels(column, reads.categorical)
        if reads.categorical is not Categorical.ORDINAL:
            return CategoricalEncoder(levels, reads.categorical)
        return _fit_numbers(column, LevelNumbers(levels), reads.missing, Numeric.RAW)
    return _fit_numbers(column, date_parts if is_date(column) else plain_numbers, reads.missing, reads.numeric)


def _fit_numbers(
    column: pd.Series[Any], read: Callable[[pd.Series[Any]], FloatArray], missing: Missing, form: Numeric
) -> NumberEncoder:
    values = read(column)
    return NumberEncoder(tuple(fit_scale(values[:, i], missing, form) for i in range(values.shape[1])), read)


@dataclass(frozen=True)
class Preparation:
    """From raw columns to those that a model reads; holds statistics of the train rows and no row.

    Attributes:
        names: Raw columns, in order.
        encoders: One for each.
    """

    names: tuple[Any, ...]
    encoders: tuple[Encoder, ...]

    @property
    def columns(self) -> tuple[PreparedColumn, ...]:
        """The prepared columns, in order. A table that would have none gets a column of zeros."""
        levels = [n for encoder in self.encoders for n in encoder.levels] or [NUMBER]
        return tuple(PreparedColumn(f"x{i}", n != NUMBER, n) for i, n in enumerate(levels))

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Shape (n_rows, len(columns)), index 0..n_rows-1; what was fitted alone decides.

        Raises:
            DataError: If X has other columns than the table that was fitted on.
        """
        import pandas as pd

        if tuple(X.columns) != self.names:
            raise DataError(
                f"This preparation was fitted on the columns {list(self.names)} and was given {list(X.columns)}. "
                "Pass the same columns in the same order."
            )
        arrays: list[Any] = []
        for i, encoder in enumerate(self.encoders):
            arrays += encoder.encode(X.iloc[:, i])
        arrays = arrays or [np.zeros(len(X))]
        return pd.DataFrame({f"x{i}": array for i, array in enumerate(arrays)}, index=pd.RangeIndex(len(X)))


def fit_preparation(X: pd.DataFrame, reads: Reads) -> Preparation:
    """Fit on train rows; see `Reads` for the forms.

    Args:
        X: Raw feature columns of the train rows: numbers, `category` columns, dates. Not changed.
        reads: From the model's card.

    Raises:
        DataError: If X has no rows.
    """
    if not len(X):
        raise DataError("A preparation needs train rows, and the table has none. Check how the split was cut.")
    encoders = tuple(fit_encoder(X.iloc[:, i], reads) for i in range(X.shape[1]))
    return Preparation(tuple(X.columns), encoders)
