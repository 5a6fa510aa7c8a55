"""What may be chosen on every split, models or configurations: what valid says of it and what it loses on test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tabbench.errors import DataError
from tabbench.ranking.averages import task_means
from tabbench.ranking.signed_rank import relative_difference

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from tabbench.task import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Candidates:
    """What may be chosen on every split.

    Attributes:
        valid: Shape (n_splits, n_candidates): what chooses; infinite where one failed.
        loss: Shape (n_splits, n_candidates), 0..1: the relative difference of the test error to that of the split's
            best candidate, 1 - best / error; 1 for one that failed. It is what choosing it costs.
        tasks: Names.
        task_of: Shape (n_splits,), number of each split's task.
        related: Family of each task.
    """

    valid: FloatArray
    loss: FloatArray
    tasks: tuple[str, ...]
    task_of: IntArray
    related: tuple[Hashable, ...]

    @property
    def task_loss(self) -> FloatArray:
        """Mean loss over the splits of each task; shape (n_tasks, n_candidates)."""
        return task_means(self.loss, self.task_of)

    def families(self) -> list[IntArray]:
        """Numbers of the tasks of each family of related tasks: what is left out together."""
        members: dict[Hashable, list[int]] = {}
        for i, name in enumerate(self.related):
            members.setdefault(name, []).append(i)
        return [np.array(numbers, dtype=np.int64) for numbers in members.values()]

    def parts(self, most: int | None = None) -> list[IntArray]:
        """Numbers of the tasks that are left out together: a family each, or where they are more, `most` parts of them.

        Parts cost less, and leave more out of what is learnt than a family each.

        Raises:
            DataError: If there is one family alone, so that nothing is left to learn from.
        """
        families = self.families()
        if len(families) < 2:
            raise DataError(
                "There is nothing to learn from: all tasks are of one family, and each is left out in turn."
            )
        if most is None or len(families) <= most:
            return families
        return [np.concatenate(families[i::most]) for i in range(most)]

    def chosen(self, some: Sequence[int]) -> FloatArray:
        """Mean loss on each task of trying some candidates and taking the best on valid, the earlier on ties.

        Returns:
            Shape (n_tasks,).
        """
        best = self.valid[:, list(some)].argmin(axis=1)
        taken = self.loss[:, list(some)][np.arange(len(self.loss)), best]
        of_task: FloatArray = task_means(taken[:, None], self.task_of)[:, 0]
        return of_task

    def greedy(self, size: int, without: IntArray | None = None) -> list[int]:
        """The candidates that together lose least, added one by one; the earlier on ties.

        Source: the greedy portfolio of Salinas & Erickson (2023), "TabRepo", section 5 (there with ensembles).

        Args:
            size: How many.
            without: Numbers of tasks that take no part in the choice.
        """
        kept = np.setdiff1d(np.arange(len(self.tasks)), [] if without is None else without)
        weight = np.isin(self.task_of, kept) / np.bincount(self.task_of)[self.task_of]
        members: list[int] = []
        valid, loss = np.full(len(self.loss), np.inf), np.ones(len(self.loss))
        while len(members) < min(size, self.loss.shape[1]):
            is_better = self.valid < valid[:, None]
            totals = weight @ np.where(is_better, self.loss, loss[:, None])
            totals[members] = np.inf
            best = int(np.argmin(np.round(totals, 12)))
            members.append(best)
            loss = np.where(is_better[:, best], self.loss[:, best], loss)
            valid = np.minimum(valid, self.valid[:, best])
        return members


def candidates(
    valid: FloatArray, test: FloatArray, tasks: Sequence[str], task_of: IntArray, related: Sequence[Hashable]
) -> Candidates:
    """Candidates from valid and test errors, NaN where one failed.

    Args:
        valid: Shape (n_splits, n_candidates).
        test: Likewise.
        tasks: Names.
        task_of: Shape (n_splits,), number of each split's task.
        related: Family of each task.
    """
    has_failed = ~(np.isfinite(valid) & np.isfinite(test))
    best = np.min(np.where(np.isfinite(test), test, np.inf), axis=1, keepdims=True)
    errors, best = np.where(has_failed, 0.0, test), np.where(np.isfinite(best), best, 0.0)
    loss = np.clip(relative_difference(errors, np.broadcast_to(best, errors.shape)), 0.0, 1.0)
    return Candidates(
        np.where(has_failed, np.inf, valid), np.where(has_failed, 1.0, loss), tuple(tasks), task_of, tuple(related)
    )
