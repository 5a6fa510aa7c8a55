"""Small made-up tables, plain and odd, for testing models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.task import BINARY, REGRESSION, Array, TaskType

if TYPE_CHECKING:
    import pandas as pd

N_ROWS = 200
N_CLASSES = 3


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table before preparation, as a dataset would hold it.

    Attributes:
        X: Raw feature columns.
        y: Labels 0..n_classes-1, or numbers.
        n_classes: 0 for regression.
    """

    type: TaskType
    X: pd.DataFrame
    y: Array
    n_classes: int

    def with_column(self, name: Any, values: Any) -> RawTable:
        """The same with one more column."""
        return replace(self, X=self.X.assign(**{"more": values}).rename(columns={"more": name}))

    def permuted(self, rng: np.random.Generator) -> RawTable:
        """The same with the target in another order, so that nothing can be learned."""
        return replace(self, y=rng.permutation(self.y))


def numbers(task_type: TaskType, n_rows: int = N_ROWS, seed: int = 0, noise: float = 0.3) -> RawTable:
    """Five columns of numbers; the target depends on three of them.

    A regression target is centred far from 0 and has a deviation near 10, so that units matter.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n_rows, 5)), columns=["a", "b", "c", "d", "e"])
    signal = X["a"] + np.sin(2 * X["b"]) - 0.5 * X["c"] + noise * rng.normal(size=n_rows)
    return _with_target(task_type, X, signal.to_numpy())


def mixed(task_type: TaskType, n_rows: int = N_ROWS, seed: int = 0) -> RawTable:
    """Numbers with gaps, a column of few and one of many levels, and a date; all bear on the target."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    number, size = rng.normal(size=n_rows), rng.exponential(size=n_rows)
    color, place = rng.integers(0, 4, n_rows), rng.integers(0, 40, n_rows)
    days = rng.integers(0, 3000, n_rows)
    signal = number + np.sqrt(size) + 0.8 * (color == 2) + 0.02 * place + days / 3000
    size[rng.random(n_rows) < 0.2] = np.nan
    names = np.array(["red", "green", "blue", "grey"], dtype=object)[color]
    names[rng.random(n_rows) < 0.1] = None
    X = pd.DataFrame(
        {
            "number": number,
            "size": size,
            "color": pd.Categorical(names),
            "place": pd.Categorical([f"place {i}" for i in place]),
            "day": pd.Timestamp("2015-01-01") + pd.to_timedelta(days, unit="D"),
        }
    )
    return _with_target(task_type, X, signal)


def _with_target(task_type: TaskType, X: pd.DataFrame, signal: Array) -> RawTable:
    if task_type is REGRESSION:
        return RawTable(task_type, X, 100.0 + 10.0 * signal, 0)
    n_classes = 2 if task_type is BINARY else N_CLASSES
    edges = np.quantile(signal, np.arange(1, n_classes) / n_classes)
    return RawTable(task_type, X, np.searchsorted(edges, signal).astype(np.int64), n_classes)
