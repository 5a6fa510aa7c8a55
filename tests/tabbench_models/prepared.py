"""Small tables in the form each model reads, made by hand, so that models are tested without the preparation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tabbench.model import Categorical, Context, Missing, Numeric, Part, PreparedColumn, Reads, TaskFacts
from tabbench.task import BINARY, REGRESSION, Array, TaskType

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = 4


@dataclass(frozen=True)
class Table:
    train: Part
    valid: Part
    test: Part
    columns: tuple[PreparedColumn, ...]
    n_classes: int

    def context(self, task_type: TaskType, **changes: Any) -> Context:
        facts = TaskFacts(task_type, len(self.train.y), self.train.X.shape[1], 1, LEVELS, self.n_classes, True)
        wanted: dict[str, Any] = {
            "rng": np.random.default_rng(0),
            "seed": 7,
            "n_threads": 1,
            "metric": "rmse" if task_type is REGRESSION else "log_loss",
            "error": rmse if task_type is REGRESSION else log_loss,
            "task": facts,
            "columns": self.columns,
        }
        return Context(**(wanted | changes))


def rmse(y: Array, prediction: Array) -> float:
    return math.sqrt(np.mean((y - prediction) ** 2))


def log_loss(y: Array, prediction: Array) -> float:
    p = np.clip(prediction / prediction.sum(axis=1, keepdims=True), 1e-7, 1)
    return float(-np.log(p[np.arange(len(y)), y]).mean())


def accuracy_error(y: Array, prediction: Array) -> float:
    return float(np.mean(prediction.argmax(axis=1) != y))


def frame(numbers: Array, codes: Array, reads: Reads) -> tuple[pd.DataFrame, tuple[PreparedColumn, ...]]:
    """Numbers with NaN and one categorical column with -1 for missing, as `reads` asks."""
    if reads.missing is Missing.IMPUTE:
        numbers = np.nan_to_num(numbers)
    if reads.numeric is not Numeric.RAW:
        numbers = (numbers - np.nanmean(numbers, axis=0)) / np.maximum(np.nanstd(numbers, axis=0), 1e-9)
    data: dict[str, Any] = {f"x{i}": numbers[:, i] for i in range(numbers.shape[1])}
    columns = [PreparedColumn(name, is_categorical=False) for name in data]
    name = f"x{len(data)}"
    if reads.categorical is Categorical.NATIVE:
        data[name] = pd.Categorical.from_codes(codes, categories=list(range(LEVELS)))
        columns.append(PreparedColumn(name, is_categorical=True, n_levels=LEVELS))
    elif reads.categorical is Categorical.CODES:
        data[name] = codes.astype(np.int64) + 1
        columns.append(PreparedColumn(name, is_categorical=True, n_levels=LEVELS + 1))
    elif reads.categorical is Categorical.ORDINAL:
        data[name] = np.where(codes < 0, np.nan if reads.missing is Missing.NATIVE else -1.0, codes)
        columns.append(PreparedColumn(name, is_categorical=False))
    else:
        for level in range(LEVELS):
            data[f"x{len(columns)}"] = (codes == level).astype(np.float64)
            columns.append(PreparedColumn(f"x{len(columns)}", is_categorical=False))
    return pd.DataFrame(data), tuple(columns)


def table(task_type: TaskType, reads: Reads, n_train: int = 120, n_rest: int = 80, seed: int = 0) -> Table:
    """A learnable table: two numbers and a category count; one number is constant, one wholly missing."""
    rng = np.random.default_rng(seed)
    n = n_train + 2 * n_rest
    numbers = rng.normal(size=(n, 4))
    codes = rng.integers(-1, LEVELS, size=n)
    signal = numbers[:, 0] + numbers[:, 1] ** 2 + 2.0 * (codes == 2) + 0.1 * rng.normal(size=n)
    numbers[rng.random(n) < 0.1, 0] = np.nan
    numbers[:, 2] = 3.0
    numbers[:, 3] = np.nan
    X, columns = frame(numbers, codes, reads)
    y: Array = 1e4 * signal + 5e5
    n_classes = 0
    if task_type is not REGRESSION:
        n_classes = 2 if task_type is BINARY else 3
        y = np.digitize(signal, np.quantile(signal, np.arange(1, n_classes) / n_classes)).astype(np.int64)

    def part(rows: slice) -> Part:
        return Part(X.iloc[rows].reset_index(drop=True), y[rows])

    ends = n_train, n_train + n_rest
    return Table(part(slice(ends[0])), part(slice(*ends)), part(slice(ends[1], None)), columns, n_classes)


def recorded(curve: list[tuple[int, float]], stop_at: int | None = None) -> Callable[[int, float], bool]:
    """A `report` that keeps the learning curve and asks to stop at a step."""

    def report(step: int, error: float) -> bool:
        curve.append((step, error))
        return stop_at is not None and step >= stop_at

    return report
