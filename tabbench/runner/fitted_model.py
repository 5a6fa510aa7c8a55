"""What is measured of a fitted model beside its fit: the time for one row, and its size."""

from __future__ import annotations

import pickle
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tabbench.model import Model
    from tabbench.runner.fitting import FitData

N_ROW_PREDICTIONS = 10


@dataclass(frozen=True)
class FittedModel:
    """Measures of a fitted model.

    Attributes:
        predict_row_seconds: Median over some predictions of one row, the first left out.
        n_bytes: As a pickle; None where it cannot be pickled.
        no_bytes: Why not.
    """

    predict_row_seconds: float
    n_bytes: int | None
    no_bytes: str | None = None


def measure_fitted(model: Model, data: FitData) -> FittedModel:
    """Measure a model that has been fitted; its fit and batch predictions were measured before."""
    row = data.X_test.iloc[[0]]
    seconds = []
    for _ in range(N_ROW_PREDICTIONS + 1):
        start = time.perf_counter()
        model.predict(row)
        seconds.append(time.perf_counter() - start)
    sink = _Counter()
    try:
        pickle.Pickler(sink, protocol=pickle.HIGHEST_PROTOCOL).dump(model)
    except (pickle.PicklingError, TypeError, AttributeError, ValueError, RecursionError, RuntimeError) as error:
        return FittedModel(median(seconds[1:]), None, f"{type(error).__name__}: {error}"[:500])
    return FittedModel(median(seconds[1:]), sink.n_bytes)


class _Counter:
    """A file that only counts what is written to it."""

    n_bytes = 0

    def write(self, content: bytes | memoryview | pickle.PickleBuffer) -> int:
        n_bytes = memoryview(content).nbytes
        self.n_bytes += n_bytes
        return n_bytes
