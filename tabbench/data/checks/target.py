"""Targets that cannot be split evenly, or may be of another type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.checks.finding import FAULT, MOST_ROWS, NOTE, WARNING, Finding
from tabbench.task import REGRESSION

if TYPE_CHECKING:
    from tabbench.task import TaskData

FEW_NUMBERS = 20
COARSE = 1e-3
"""Share of the target's deviation from which on an error made by rounding alone is told."""


def small_classes(data: TaskData) -> tuple[Finding, ...]:
    """Classes with fewer rows than folds: some test parts lack them, or some train parts."""
    task = data.task
    if task.type is REGRESSION:
        return ()
    counts = np.bincount(data.y, minlength=len(task.classes))
    n_parts = max(task.split_rule.n_folds, 2)  # a holdout has one fold, and two parts that ask for a row
    small = np.flatnonzero(counts < n_parts)
    if not len(small):
        return ()
    named = ", ".join(f"{task.classes[label]!r} ({counts[label]})" for label in small)
    told = f"Classes with fewer rows than the {n_parts} folds: {named}."
    rows = np.flatnonzero(np.isin(data.y, small))[:MOST_ROWS]
    return (Finding("small_class", FAULT, told, (task.target,), tuple(rows.tolist())),)


def few_numbers(data: TaskData) -> tuple[Finding, ...]:
    """A regression target of a few whole numbers."""
    if data.task.type is not REGRESSION:
        return ()
    distinct = np.unique(data.y)
    if len(distinct) > FEW_NUMBERS or (distinct % 1 != 0).any():
        return ()
    told = f"The target holds {len(distinct)} whole numbers and is taken as regression: is it meant as classes?"
    return (Finding("few_target_numbers", NOTE, told, (data.task.target,)),)


def far_from_zero(data: TaskData) -> tuple[Finding, ...]:
    """A regression target so far from 0 that float32, in which predictions are scored, rounds it coarsely."""
    if data.task.type is not REGRESSION:
        return ()
    largest = np.abs(data.y).max()
    if not 0 < largest <= np.finfo(np.float32).max:
        return ()
    step, deviation = float(np.spacing(np.float32(largest))), float(data.y.std())
    if step / np.sqrt(12) <= COARSE * deviation:  # the RMSE of what is rounded to whole steps
        return ()
    told = (
        f"The target reaches {largest:.4g} with a deviation of {deviation:.4g}; predictions are stored and scored as "
        f"float32, in steps of {step:.4g} there: subtract a constant from the target."
    )
    return (Finding("far_from_zero", WARNING, told, (data.task.target,)),)
