"""Tasks as the unit of every interval: a mean over tasks, drawn by family of related tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.draws import task_bootstrap
from tabbench.ranking.intervals import bootstrap_means, intervals
from tabbench.ranking.rules import FEWEST_TASKS

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from tabbench.task import FloatArray


class MeanInterval(NamedTuple):
    """A mean over tasks with its interval of 95 %; the ends are NaN under ten families of tasks."""

    value: float
    low: float
    high: float
    n_tasks: int


def mean_interval(values: FloatArray, families: Sequence[Hashable] | None = None, seed: int = 0) -> MeanInterval:
    """The mean over tasks and its bootstrap interval over draws of tasks.

    Args:
        values: Shape (n_tasks,), none missing.
        families: Family of each task; None where no two are related.
        seed: Of the draws.
    """
    draws = task_bootstrap(len(values), families, seed=seed)
    mean = float(values.mean())
    if draws.degrees + 1 < FEWEST_TASKS:
        return MeanInterval(mean, np.nan, np.nan, len(values))
    low, high = intervals(bootstrap_means(values[:, None], draws))
    return MeanInterval(mean, float(low[0]), float(high[0]), len(values))
