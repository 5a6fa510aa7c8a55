"""Look into a task's table: how target, columns and splits turn out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.data.catalog import load_task
from tabbench.data.checks import check_data
from tabbench.data.splits import make_split
from tabbench.task import REGRESSION, Column, ColumnKind, Task, TaskData

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from tabbench.data.checks import Finding

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
N_BINS = 20
MOST_LETTERS = 24


@dataclass(frozen=True)
class ColumnProfile:
    """One feature: `summary` is its range, its commonest levels or its first and last date."""

    column: Column
    summary: str


@dataclass(frozen=True)
class SplitProfile:
    """Sizes of one split."""

    repeat: int
    fold: int
    n_train: int
    n_test: int


@dataclass(frozen=True)
class TaskProfile:
    """What a person wants to see of a task.

    Attributes:
        class_counts: Rows of each class, in the order of `task.classes`; empty for regression.
        quantiles: Target value at each of `QUANTILES`; empty for classes.
        histogram: Rows in each of `N_BINS` equal parts of the target's range; empty for classes.
    """

    task: Task
    features: tuple[ColumnProfile, ...]
    splits: tuple[SplitProfile, ...]
    findings: tuple[Finding, ...] = ()
    class_counts: tuple[int, ...] = ()
    quantiles: tuple[float, ...] = ()
    histogram: tuple[int, ...] = ()

    def facts(self) -> dict[str, Any]:
        """The same as JSON values, without the task."""
        target: Mapping[str, Any] = dict(zip(self.task.classes, self.class_counts, strict=True))
        if self.task.type is REGRESSION:
            target = {f"{q:g}": value for q, value in zip(QUANTILES, self.quantiles, strict=True)}
        return {
            "target_distribution": target,
            "split_sizes": [asdict(split) for split in self.splits],
            "findings": [asdict(finding) for finding in self.findings],
        }


def profile_task(name: str) -> TaskProfile:
    """Open a task's table and count.

    Raises:
        UnknownNameError: If there is no such task.
        DataError: If the table is not the one that its card describes.
    """
    data = load_task(name)
    task = data.task
    features = tuple(ColumnProfile(c, _summary(data.X[c.name], c.kind)) for c in task.features)
    splits = tuple(_split_sizes(data, repeat, fold) for repeat, fold in task.splits)
    findings = check_data(data)
    if task.type is REGRESSION:
        quantiles = tuple(float(q) for q in np.quantile(data.y, QUANTILES))
        histogram = tuple(int(n) for n in np.histogram(data.y, bins=N_BINS)[0])
        return TaskProfile(task, features, splits, findings, quantiles=quantiles, histogram=histogram)
    counts = tuple(int(n) for n in np.bincount(data.y, minlength=len(task.classes)))
    return TaskProfile(task, features, splits, findings, class_counts=counts)


def _split_sizes(data: TaskData, repeat: int, fold: int) -> SplitProfile:
    split = make_split(data, repeat, fold)
    return SplitProfile(repeat, fold, len(split.train), len(split.test))


def _summary(values: pd.Series, kind: ColumnKind) -> str:
    present = values.dropna()
    if present.empty:
        return "all missing"
    if kind is ColumnKind.DATE:
        return f"{present.min():%Y-%m-%d} to {present.max():%Y-%m-%d}"
    if kind is ColumnKind.NUMERIC:
        return f"{present.min():.4g} to {present.max():.4g}, median {present.median():.4g}"
    commonest = present.value_counts().head(3)
    return ", ".join(f"{cut(str(level), MOST_LETTERS)} {n / len(values):.0%}" for level, n in commonest.items())


def cut(text: str, most: int) -> str:
    """A text of at most so many letters; an ellipsis tells that it was longer.

    >>> cut("penguin", 4)
    'pen…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"
