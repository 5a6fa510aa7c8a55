"""The jobs of each model on each task, with what they lack and what that is expected to cost; a million in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from tabbench.hashing import canonical_json
from tabbench.protocol import ValidRule
from tabbench.runner.job import Job, model_identity, protocol_identity, split_ids
from tabbench.runner.lacking import n_lacking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tabbench.discovery import ModelSource
    from tabbench.model import Model, ModelCard
    from tabbench.protocol import Protocol
    from tabbench.runner.expected_costs import ExpectedCosts
    from tabbench.store.summary import JobProgress
    from tabbench.task import Task, TaskType


@dataclass(frozen=True, eq=False)
class PlannedModel:
    """A model of the run: where it is, its class, whether there is anything to tune, and for which tasks it is here."""

    source: ModelSource
    model: type[Model]
    has_space: bool
    available_for: frozenset[TaskType]

    @property
    def card(self) -> ModelCard:
        """Its card."""
        return self.model.card


@dataclass(frozen=True, eq=False)
class Entrant:
    """A model under its protocol, with what is the same for all its jobs."""

    planned: PlannedModel
    protocol: Protocol

    @cached_property
    def model_part(self) -> str:
        """The model's part of a job's identity."""
        return model_identity(self.planned.source, self.planned.card)

    @cached_property
    def rest(self) -> str:
        """The protocol's part of a job's identity."""
        return protocol_identity(self.protocol)


@dataclass(frozen=True, eq=False)
class SplitTask:
    """A task with the splits that are run of it, hashed once."""

    task: Task
    splits: tuple[tuple[int, int], ...]
    task_hash: str
    splits_hash: str

    @property
    def hashes(self) -> str:
        """The task's part of a job's identity."""
        return canonical_json([self.task_hash, self.splits_hash])

    @classmethod
    def of(cls, task: Task, splits: Sequence[tuple[int, int]]) -> SplitTask:
        """A task on some of its splits."""
        return cls(task, tuple(splits), task.task_hash, task.splits_hash)


class Expanded(NamedTuple):
    """How many trials a job lacks, and the job; None where it is held in full."""

    n_lacking: int
    job: Job | None


@dataclass(frozen=True, eq=False)
class Expansion:
    """Makes the jobs of a run.

    Attributes:
        held: What the store holds, by job id.
        suite: What rows are to say they were first run for.
        retry: Statuses whose trials are tried again.
    """

    held: Mapping[str, JobProgress]
    costs: ExpectedCosts
    suite: str | None
    retry: tuple[str, ...]

    def jobs_of(self, on: SplitTask, entrant: Entrant) -> Iterator[Expanded]:
        """A model's jobs on a task, one a split."""
        task, protocol, source = on.task, entrant.protocol, entrant.planned.source
        names = split_ids(on.hashes, entrant.model_part, canonical_json(protocol.primary_metric(task)), entrant.rest)
        fit = self.costs.of(entrant.planned.card, task, on.task_hash)
        trial_seconds = _at_most(fit.seconds * n_fits(protocol, task), protocol.limits.trial_seconds)
        blank = Job(
            "", task.name, on.task_hash, on.splits_hash, task.split_rule, 0, 0, source, protocol, self.suite, self.retry
        )
        has_space, is_available = entrant.planned.has_space, task.type in entrant.planned.available_for
        n_new = n_lacking(blank, None, has_space=has_space, is_available=is_available)
        new_seconds = _job_seconds(protocol, trial_seconds, n_new, 0.0)
        for repeat, fold in on.splits:
            job_id = names(repeat, fold)
            n_left, cost = n_new, new_seconds
            if (held := self.held.get(job_id)) is not None:
                n_left = n_lacking(blank, held, has_space=has_space, is_available=is_available)
                if not n_left:
                    yield Expanded(0, None)
                    continue
                cost = _job_seconds(protocol, trial_seconds, n_left, blank.spent(held).seconds)
            job = Job(
                job_id, task.name, on.task_hash, on.splits_hash, task.split_rule, repeat, fold, source, protocol,
                self.suite, self.retry, cost, fit.memory_mib,
            )  # fmt: skip
            yield Expanded(n_left, job)


def to_do(
    expansion: Expansion, tasks: Iterable[SplitTask], entrants: Sequence[Entrant]
) -> tuple[tuple[Job, ...], int, int]:
    """All jobs that lack trials, longest first; how many are held in full; how many trials are lacking."""
    jobs: list[Job] = []
    n_held = n_trials = 0
    for on in tasks:
        for entrant in entrants:
            for n_left, job in expansion.jobs_of(on, entrant):
                n_trials += n_left
                if job is None:
                    n_held += 1
                else:
                    jobs.append(job)
    jobs.sort(key=attrgetter("cost"), reverse=True)
    return tuple(jobs), n_held, n_trials


def n_fits(protocol: Protocol, task: Task) -> int:
    """Models that a whole trial trains."""
    n_inner = protocol.n_inner_folds if protocol.valid_rule(task) is ValidRule.CV else 1
    return n_inner + protocol.refit


def _at_most(seconds: float, limit: float | None) -> float:
    return seconds if limit is None else min(seconds, limit)


def _job_seconds(protocol: Protocol, trial_seconds: float, n_lacking: int, spent: float) -> float:
    """Expected seconds of what a job lacks; one without a number of trials goes on until its seconds are spent."""
    limit = protocol.limits.job_seconds
    left = None if limit is None else max(limit - spent, 0.0)
    if protocol.limits.n_trials is None and left is not None and n_lacking:
        return left
    return _at_most(trial_seconds * n_lacking, left)
