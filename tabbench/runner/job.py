"""A job: one model on one split under one protocol; the unit of scheduling and resume."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.hashing import content_id

if TYPE_CHECKING:
    from tabbench.discovery import ModelSource
    from tabbench.model import ModelCard
    from tabbench.protocol import Protocol
    from tabbench.store.summary import HeldTrial
    from tabbench.task import SplitRule, Task


@dataclass(frozen=True)
class SplitJob:
    """Work on one split of one task.

    Attributes:
        task_hash, splits_hash: What the plan was made for; a worker that finds another table refuses.
        split_rule: The task's own, or the one that the protocol puts in its place.
    """

    job_id: str
    task: str
    task_hash: str
    splits_hash: str
    split_rule: SplitRule
    repeat: int
    fold: int


@dataclass(frozen=True)
class Job(SplitJob):
    """What a worker is told; small, and picklable.

    Attributes:
        retry: Statuses whose trials are tried again, as another attempt.
        cost: Expected, in any unit; longest first.
        trials: Which trials to do, of a slice; None for all.
    """

    model: ModelSource
    protocol: Protocol
    suite: str | None = None
    retry: tuple[str, ...] = ()
    cost: float = 0.0
    trials: range | None = None

    @property
    def numbers(self) -> range:
        """The trials to do, in order; without a number of trials, as many as its seconds allow."""
        n_trials = self.protocol.limits.n_trials
        return self.trials or range(sys.maxsize if n_trials is None else n_trials)

    def holds(self, stored: HeldTrial) -> bool:
        """Whether a stored trial need not be run again: done, and no status that is to be retried."""
        if stored.status in self.retry:
            return False
        limits = self.protocol.limits
        return stored.is_done(self.model.source_hash, limits.trial_seconds, limits.memory_mib)


def job_id(task: Task, repeat: int, fold: int, source: ModelSource, card: ModelCard, protocol: Protocol) -> str:
    """Hash of all that makes a job's numbers: task content, split, model and its version, protocol.

    Budgets, limits and engine are no part of it. A plugin by path carries its source, so that an edited file
    is new work.
    """
    return content_id(
        [
            task.task_hash,
            task.splits_hash,
            [repeat, fold],
            [card.name, card.version, card.space_version, source.source_hash if source.is_by_path else ""],
            protocol.primary_metric(task),
            protocol.identity(),
        ]
    )
