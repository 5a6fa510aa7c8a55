"""A job: one model on one split under one protocol; the unit of scheduling and resume."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.hashing import canonical_json, hash_bytes
from tabbench.store.summary import Spent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.discovery import ModelSource
    from tabbench.model import ModelCard
    from tabbench.protocol import Protocol
    from tabbench.store.summary import HeldTrial, JobProgress
    from tabbench.task import SplitRule, Task


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Job(SplitJob):
    """What a worker is told; small, and picklable.

    Attributes:
        retry: Statuses whose trials are tried again, as another attempt.
        cost: Expected seconds of the trials that it lacks; longest first.
        memory_mib: Expected peak memory of a fit.
        trials: Which trials to do, of a slice; None for all.
    """

    model: ModelSource
    protocol: Protocol
    suite: str | None = None
    retry: tuple[str, ...] = ()
    cost: float = 0.0
    memory_mib: float = 0.0
    trials: range | None = None

    @property
    def numbers(self) -> range:
        """The trials to do, in order; without a number of trials, as many as its seconds allow."""
        n_trials = self.protocol.limits.n_trials
        return self.trials or range(sys.maxsize if n_trials is None else n_trials)

    def holds(self, stored: HeldTrial, held: JobProgress) -> bool:
        """Whether a trial of those held need not be run again: done, and no status that is to be retried."""
        if stored.status in self.retry:
            return False
        others_seconds = held.spent.seconds - (stored.own_seconds or 0.0)
        return stored.is_done(self.model.source_hash, self.protocol.limits, others_seconds)

    def spent(self, held: JobProgress) -> Spent:
        """Seconds of the trials that need not be run again; what is run again has its seconds anew."""
        again = [t for t in held.trials.values() if t.own_seconds is not None and not self.holds(t, held)]
        if len(again) == len(held.trials):
            return Spent()
        return held.spent._replace(own=held.spent.own - sum(t.own_seconds or 0.0 for t in again))


def job_id(task: Task, repeat: int, fold: int, source: ModelSource, card: ModelCard, protocol: Protocol) -> str:
    """Hash of all that makes a job's numbers: task content, split, model and its version, protocol.

    Budgets, limits and engine are no part of it. A plugin by path carries its source, so that an edited file
    is new work.
    """
    hashes = canonical_json([task.task_hash, task.splits_hash])
    names = (model_identity(source, card), canonical_json(protocol.primary_metric(task)), protocol_identity(protocol))
    return split_ids(hashes, *names)(repeat, fold)


def model_identity(source: ModelSource, card: ModelCard) -> str:
    """A model's part of a job's identity, JSON."""
    return canonical_json(
        [card.name, card.version, card.space_version, source.source_hash if source.is_by_path else ""]
    )


def protocol_identity(protocol: Protocol) -> str:
    """The protocol's part of a job's identity, JSON."""
    return canonical_json(protocol.identity())


def split_ids(hashes: str, model: str, metric: str, protocol: str) -> Callable[[int, int], str]:
    """What gives the job id of any split, for one task, model and protocol: a plan may hold a million jobs.

    Args:
        hashes: The task's content and its splits, a JSON list of two.
        model: The model's part, JSON.
        metric: Its primary metric on the task, JSON.
        protocol: The protocol's part, JSON.
    """
    before, behind = f"{hashes[:-1]},[", f"],{model},{metric},{protocol}]"
    return lambda repeat, fold: hash_bytes(f"{before}{repeat},{fold}{behind}".encode())
