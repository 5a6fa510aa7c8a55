"""Encode a categorical column by the levels that its train rows show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.model import Categorical

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from tabbench.task import Array, FloatArray, IntArray

MIN_ROWS = 10
"""Rarer levels are pooled by `codes` and `one_hot`."""
MAX_LEVELS = 100
"""Of the others, so many of the most frequent are kept."""


def is_categorical(column: pd.Series[Any]) -> bool:
    """Whether a raw column holds levels; plain strings count, booleans are numbers."""
    import pandas as pd

    return isinstance(column.dtype, pd.CategoricalDtype) or column.dtype == object or column.dtype.kind in "OUST"


def level_codes(column: pd.Series[Any]) -> tuple[IntArray, list[str]]:
    """Codes into a list of level names, -1 for missing; not every name need occur."""
    import pandas as pd

    values = column.array if isinstance(column.dtype, pd.CategoricalDtype) else pd.Categorical(column)
    codes: IntArray = np.asarray(values.codes, dtype=np.int64)
    return codes, [str(level) for level in values.categories]


@dataclass(frozen=True)
class Levels:
    """Levels of one column, fitted on train.

    Attributes:
        number: Level name to its number 0..k-1, in order of the names.
    """

    number: Mapping[str, int]

    @property
    def n_levels(self) -> int:
        """How many are known."""
        return len(self.number)

    def numbers(self, column: pd.Series[Any]) -> IntArray:
        """Shape (n_rows,): level numbers, -1 for missing, unseen or pooled."""
        codes, names = level_codes(column)
        table = np.array([self.number.get(name, -1) for name in names] + [-1], dtype=np.int64)
        return table[codes]

    def native(self, column: pd.Series[Any]) -> pd.Categorical[Any]:
        """Shape (n_rows,), categories 0..k-1; a column without any level keeps one, which no row has."""
        import pandas as pd

        categories = pd.Index(np.arange(max(self.n_levels, 1), dtype=np.int64))
        return pd.Categorical.from_codes(self.numbers(column), categories=categories)

    def one_hot(self, column: pd.Series[Any]) -> FloatArray:
        """Shape (n_rows, k) of 0 and 1; a row that is missing, unseen or pooled is 0 throughout."""
        return np.asarray(self.numbers(column)[:, None] == np.arange(self.n_levels), dtype=np.float64)


def fit_levels(column: pd.Series[Any], form: Categorical) -> Levels:
    """The levels of the train rows: all for `native` and `ordinal`, the frequent ones for `codes` and `one_hot`."""
    codes, names = level_codes(column)
    counts: Array = np.bincount(codes[codes >= 0], minlength=len(names))
    rows: dict[str, int] = {}
    for name, count in zip(names, counts.tolist(), strict=True):
        rows[name] = rows.get(name, 0) + count
    kept = [name for name, count in rows.items() if count > 0]
    if form in (Categorical.CODES, Categorical.ONE_HOT):
        frequent = [name for name in kept if rows[name] >= MIN_ROWS]
        kept = sorted(frequent, key=lambda name: (-rows[name], name))[:MAX_LEVELS]
    return Levels({name: number for number, name in enumerate(sorted(kept))})
