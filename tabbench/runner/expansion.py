"""The jobs of each model on each task, with what they lack and what that is expected to cost; a million in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tabbench.errors import SettingsError
from tabbench.hashing import canonical_json
from tabbench.protocol import SamplerKind, ValidRule
from tabbench.results import Status
from tabbench.runner.job import Job, holds, model_identity, protocol_identity, split_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tabbench.discovery import ModelSource
    from tabbench.model import Model, ModelCard
    from tabbench.protocol import Protocol
    from tabbench.runner.expected_costs import ExpectedCosts
    from tabbench.runner.settings import Settings
    from tabbench.store.summary import JobProgress
    from tabbench.task import Task


@dataclass(frozen=True, eq=False)
class PlannedModel:
    """A model of the run: where it is, its class, and whether there is anything to tune."""

    source: ModelSource
    model: type[Model]
    has_space: bool
    is_available: bool

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

    @cached_property
    def n_asked(self) -> int:
        """Trials that a job with none is to have."""
        return self.n_asked_after(0)

    def n_asked_after(self, n_held: int) -> int:
        """Trials that a job is to have; without a number, one more than it has, since only its seconds end it."""
        sampler, n_trials = self.protocol.sampler, self.protocol.limits.n_trials
        if not self.planned.has_space and not sampler.configs:
            return 1
        if n_trials is None:
            n_trials = n_held + 1
        return min(n_trials, 1 + len(sampler.configs)) if sampler.kind is SamplerKind.FIXED else n_trials


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
    def of(cls, task: Task, settings: Settings, *, first_alone: bool) -> SplitTask:
        """The splits of a task that the settings ask for.

        Raises:
            SettingsError: If they name a repeat or a fold that it does not have.
        """
        splits = task.splits
        _check_numbers("repeats", settings.repeats, {repeat for repeat, _ in splits}, task)
        _check_numbers("folds", settings.folds, {fold for _, fold in splits}, task)
        chosen = tuple(
            (repeat, fold)
            for repeat, fold in (splits[:1] if first_alone else splits)
            if repeat in (settings.repeats or [repeat]) and fold in (settings.folds or [fold])
        )
        return cls(task, chosen, task.task_hash, task.splits_hash)


class Expanded(NamedTuple):
    """A job, and how many trials it lacks; none where it is held in full."""

    job: Job
    n_lacking: int


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
        new_seconds = _job_seconds(protocol, trial_seconds, entrant.n_asked, 0.0)
        for repeat, fold in on.splits:
            job_id = names(repeat, fold)
            n_lacking, cost = entrant.n_asked, new_seconds
            if (held := self.held.get(job_id)) is not None:
                n_lacking = self._n_lacking(entrant, held)
                cost = _job_seconds(protocol, trial_seconds, n_lacking, held.total_seconds)
            job = Job(
                job_id, task.name, on.task_hash, on.splits_hash, task.split_rule, repeat, fold, source, protocol,
                self.suite, self.retry, cost, fit.memory_mib,
            )  # fmt: skip
            yield Expanded(job, n_lacking)

    def _n_lacking(self, entrant: Entrant, held: JobProgress) -> int:
        """How many trials a job still lacks."""
        limits, first = entrant.protocol.limits, held.trials.get(0)
        if first is not None and first.status is Status.UNAVAILABLE and not entrant.planned.is_available:
            return 0
        if first is not None and first.status is Status.SKIPPED and Status.SKIPPED not in self.retry:
            return 0
        if limits.job_seconds is not None and held.total_seconds >= limits.job_seconds and not self.retry:
            return 0
        trials, n_asked = held.trials, entrant.n_asked_after(len(held.trials))
        return n_asked - sum(
            number in trials and holds(trials[number], limits, entrant.planned.source.source_hash, self.retry)
            for number in range(n_asked)
        )


def to_do(
    expansion: Expansion, tasks: Iterable[SplitTask], entrants: Sequence[Entrant]
) -> tuple[tuple[Job, ...], int, int]:
    """All jobs that lack trials, longest first; how many are held in full; how many trials are lacking."""
    jobs: list[Job] = []
    n_held = n_trials = 0
    for on in tasks:
        for entrant in entrants:
            for job, n_lacking in expansion.jobs_of(on, entrant):
                n_held += not n_lacking
                n_trials += n_lacking
                if n_lacking:
                    jobs.append(job)
    jobs.sort(key=lambda job: -job.cost)
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


def _check_numbers(setting: str, asked: list[int], known: set[int], task: Task) -> None:
    if unknown := sorted(set(asked) - known):
        raise SettingsError(f"{setting}={unknown}: {task.name} has {setting} {min(known)} to {max(known)}.")
