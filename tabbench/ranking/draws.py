"""What a bootstrap repeats: tasks drawn anew, or the splits of these tasks, as weights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.portable import SPLITS, TASKS, integers, random_words

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from tabbench.task import FloatArray, IntArray

N_ROUNDS = 2000


class Target(StrEnum):
    """What a reader wants to conclude on, and so what an interval is about.

    new_tasks: other tasks like these. Tasks are drawn, by family of related tables, and keep all their splits.
    this_suite: other splits of the very same tasks. Only the noise of splits counts.
    """

    NEW_TASKS = "new_tasks"
    THIS_SUITE = "this_suite"


@dataclass(frozen=True, eq=False)
class Draws:
    """Weights of the units (tasks, or splits) in the data and in every bootstrap round.

    Attributes:
        target: What the rounds repeat.
        weights: Shape (n_rounds, n_units); each row sums to 1. Those of splits may be negative.
        observed: Shape (n_units,): the weights in the data, summing to 1.
        degrees: Degrees of freedom behind the spread of the rounds.
        stretch: The rounds spread too little by this factor: √(n / (n - 1)) for n independent draws.
    """

    target: Target
    weights: FloatArray
    observed: FloatArray
    degrees: float
    stretch: float


def task_bootstrap(
    n_tasks: int, families: Sequence[Hashable] | None = None, n_rounds: int = N_ROUNDS, seed: int = 0
) -> Draws:
    """Draw as many families as there are, with replacement; each brings all its tasks, each task all its splits.

    Families are numbered in the order in which they first occur. Draw i of a round is `integers` of word i of stream
    `TASKS`. A task's weight is how often its family was drawn, divided by the number of tasks that the round holds.

    Source: Efron & Tibshirani (1993), "An introduction to the bootstrap", chapter 8; drawing whole clusters: Davison &
    Hinkley (1997), section 3.8.

    Args:
        n_tasks: Tasks, in the order of the values to be averaged.
        families: Name of each task's family; None where no two tasks are related.
        n_rounds: Rounds.
        seed: Seed of `portable.random_words`.

    Raises:
        ValueError: If there are no tasks, or not one family a task.

    >>> draws = task_bootstrap(3, families=["a", "b", "a"], n_rounds=2)
    >>> draws.weights.round(3).tolist(), draws.degrees
    ([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5]], 1.0)
    """
    names = list(range(n_tasks)) if families is None else list(families)
    if n_tasks < 1 or len(names) != n_tasks:
        raise ValueError(f"{n_tasks} tasks with {len(names)} families: give each task one, and at least one task")
    numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
    n_families = len(numbers)
    drawn = integers(random_words(seed, TASKS, n_rounds, n_families), n_families)
    times = _counts(drawn, n_families)[:, [numbers[name] for name in names]]
    return Draws(
        target=Target.NEW_TASKS,
        weights=times / times.sum(axis=1, keepdims=True),
        observed=np.full(n_tasks, 1.0 / n_tasks),
        degrees=float(n_families - 1),
        stretch=float(np.sqrt(n_families / (n_families - 1))) if n_families > 1 else np.nan,
    )


def split_bootstrap(
    task_of: IntArray, test_per_train: FloatArray | float, n_rounds: int = N_ROUNDS, seed: int = 0
) -> Draws:
    """Draw each task's splits with replacement, and widen their scatter for the rows that splits share.

    A split drawn c times among the k of its task weighs (1 + f (c - 1)) / (k n_tasks) with
    f² = (1 + k q) k / (k - 1), q = test rows / train rows. So the variance of a task's mean over the rounds is
    (1/k + q) S², Nadeau and Bengio's corrected variance, and the weights of a task still sum to 1 / n_tasks.
    A task with one split shows no noise: without any other the spread is unknown (`degrees` 0, `stretch` NaN).
    Draws are word by word of stream `SPLITS`, splits in the order given.

    Source: Nadeau & Bengio (2003), Machine Learning 52:239-281, section 3 (the corrected resampled t-test); the
    weights are ours.

    Args:
        task_of: Shape (n_splits,), number of each split's task; numbers may have gaps.
        test_per_train: Test rows over train rows, of each split or of all; 1 / (k - 1) in k-fold cross-validation.
        n_rounds: Rounds.
        seed: Seed of `portable.random_words`.
    """
    tasks = np.unique(task_of, return_inverse=True)[1]
    n_splits, n_tasks = len(tasks), int(tasks.max()) + 1
    size = np.bincount(tasks)[tasks].astype(np.float64)
    members = [np.flatnonzero(tasks == task) for task in range(n_tasks)]
    place = np.empty(n_splits, dtype=np.int64)
    for group in members:
        place[group] = np.arange(len(group))
    starts = np.concatenate([[0], np.cumsum([len(group) for group in members])])
    ordered = np.concatenate(members)
    chosen = ordered[starts[tasks] + integers(random_words(seed, SPLITS, n_rounds, n_splits), size.astype(np.int64))]
    ratio = np.broadcast_to(np.asarray(test_per_train, dtype=np.float64), (n_splits,))
    q = (np.bincount(tasks, weights=ratio) / np.bincount(tasks))[tasks]
    widening = np.sqrt((1.0 + size * q) * size / np.maximum(size - 1.0, 1.0))
    observed = 1.0 / (size * n_tasks)
    return Draws(
        target=Target.THIS_SUITE,
        weights=(1.0 + widening * (_counts(chosen, n_splits) - 1.0)) * observed,
        observed=observed,
        degrees=float(n_splits - n_tasks),
        stretch=1.0 if n_splits > n_tasks else np.nan,
    )


def _counts(drawn: IntArray, n: int) -> FloatArray:
    """How often each of n units was drawn in each round; shape (n_rounds, n)."""
    n_rounds = len(drawn)
    flat = np.bincount((drawn + n * np.arange(n_rounds)[:, None]).ravel(), minlength=n_rounds * n)
    return flat.reshape(n_rounds, n).astype(np.float64)
