"""From settings to jobs: suite × models × splits, less what the store already holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.data.catalog import load_suite
from tabbench.data.split_protocols import splits_of
from tabbench.data.where import tasks_where
from tabbench.discovery import load_model, missing_library, resolve_models
from tabbench.errors import SettingsError
from tabbench.model import Family, TaskFacts
from tabbench.protocol import Protocol, SamplerKind
from tabbench.results import Status
from tabbench.runner.job import Job, job_id
from tabbench.runner.named_spaces import check_entry, named_space
from tabbench.runner.protocol_settings import check_metrics, make_protocol
from tabbench.suite import SplitsRun
from tabbench.task import TaskType
from tabbench.tuning.named_space import with_space
from tabbench.tuning.numbered import RandomDraws
from tabbench.tuning.samplers import check_fixed_configs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tabbench.discovery import ModelSource
    from tabbench.model import Model, ModelCard
    from tabbench.runner.settings import Settings
    from tabbench.store.summary import JobProgress
    from tabbench.task import Suite, Task

FAMILY_COST = {Family.BOOSTED_TREES: 8.0, Family.NETWORK: 8.0, Family.FOREST: 3.0, Family.KERNEL: 2.0}
"""Rough cost of a fit relative to a linear model's, for starting the longest jobs first."""


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
class Plan:
    """What a run is to do.

    Attributes:
        jobs: To be done, longest first.
        n_held: Jobs of this run that the store holds in full.
        n_trials: Trials that the jobs still lack.
    """

    jobs: tuple[Job, ...]
    n_held: int
    n_trials: int
    tasks: tuple[Task, ...]
    models: tuple[PlannedModel, ...]
    protocol: Protocol
    suite: Suite | None


def make_plan(settings: Settings, held: Mapping[str, JobProgress]) -> Plan:
    """Expand settings into jobs and leave out what is held.

    Args:
        settings: What was asked for.
        held: What the store holds, by job id.

    Raises:
        UnknownNameError: For a suite, task, model, metric, sampler or status that does not exist.
        SettingsError: For a value out of range.
    """
    suite = load_suite(settings.suite) if settings.suite and not settings.tasks else None
    names = suite.tasks if suite else tuple(settings.tasks)
    if not names:
        raise SettingsError("Nothing to run: name a suite (suite=quickstart) or tasks ('tasks=[bundled/diamonds]').")
    tasks = tuple(_on_splits(task, settings.protocol.splits) for task in tasks_where(names, settings.where))
    models = planned_models(settings)
    protocol = make_protocol(settings)
    check_metrics(protocol, tasks)
    for planned in models:
        check_fixed_configs(protocol.sampler, planned.model, _some_facts(planned.model))
    jobs: list[Job] = []
    n_held = n_trials = 0
    for task in tasks:
        for planned in models:
            for job in _jobs_of(task, planned, protocol, settings, suite):
                lacking = _n_lacking(planned, job, held.get(job.job_id))
                n_held += not lacking
                n_trials += lacking
                if lacking:
                    jobs.append(job)
    jobs.sort(key=lambda job: -job.cost)
    return Plan(tuple(jobs), n_held, n_trials, tasks, models, protocol, suite)


def planned_models(settings: Settings) -> tuple[PlannedModel, ...]:
    """The models of a run, loaded.

    Raises:
        UnknownNameError: If nothing answers to a name.
        SettingsError: If none is named, or a named space has none for one of them.
    """
    space = "" if settings.sampler.kind == SamplerKind.FIXED else settings.sampler.space  # a list is drawn from nowhere
    models = tuple(_planned_model(source, space) for source in resolve_models(settings.models))
    if not models:
        raise SettingsError("models=[] names no model. Name some, or all: 'models=[all]'.")
    return models


def _on_splits(task: Task, splits: str) -> Task:
    return task.with_splits(splits_of(splits, task))


def _planned_model(source: ModelSource, space_name: str) -> PlannedModel:
    model = load_model(source)
    if space_name:
        check_entry(space_name, model)
    draws = RandomDraws(0, with_space(model, named_space(space_name)), _some_facts(model))
    return PlannedModel(source, model, draws.ask(1) is not None, missing_library(model.card) is None)


def _some_facts(model: type[Model]) -> TaskFacts:
    """Facts of no task in particular: a draw may depend on the task's type alone."""
    task_type = sorted(model.card.task_types)[0] if model.card.task_types else TaskType.BINARY
    n_classes = {TaskType.BINARY: 2, TaskType.MULTICLASS: 3, TaskType.REGRESSION: 0}[task_type]
    return TaskFacts(task_type, 1000, 10, 2, 5, n_classes, has_missing=False)


def _jobs_of(
    task: Task, planned: PlannedModel, protocol: Protocol, settings: Settings, suite: Suite | None
) -> Iterator[Job]:
    _check_numbers("repeats", settings.repeats, {repeat for repeat, _ in task.splits}, task)
    _check_numbers("folds", settings.folds, {fold for _, fold in task.splits}, task)
    card = planned.card
    size = task.dataset.n_rows * (len(task.features) + 5) * max(len(task.classes), 1)
    splits = task.splits[:1] if suite and suite.splits is SplitsRun.FIRST else task.splits
    for repeat, fold in splits:
        if repeat not in (settings.repeats or [repeat]) or fold not in (settings.folds or [fold]):
            continue
        yield Job(
            job_id=job_id(task, repeat, fold, planned.source, card, protocol),
            task=task.name,
            task_hash=task.task_hash,
            splits_hash=task.splits_hash,
            split_rule=task.split_rule,
            repeat=repeat,
            fold=fold,
            model=planned.source,
            protocol=protocol,
            suite=suite.name if suite else None,
            retry=tuple(settings.retry),
            cost=size * FAMILY_COST.get(card.family, 1.0),
        )


def _check_numbers(setting: str, asked: list[int], known: set[int], task: Task) -> None:
    if unknown := sorted(set(asked) - known):
        raise SettingsError(f"{setting}={unknown}: {task.name} has {setting} {min(known)} to {max(known)}.")


def _n_lacking(planned: PlannedModel, job: Job, held: JobProgress | None) -> int:
    """How many trials a job still lacks."""
    limits = job.protocol.limits
    n_asked = _n_asked(planned, job, held)
    if held is None:
        return n_asked
    first = held.trials.get(0)
    if first is not None and first.status == Status.UNAVAILABLE and not planned.is_available:
        return 0
    n_held = 0
    for number in range(n_asked):
        stored = held.trials.get(number)
        n_held += stored is not None and job.holds(stored)
    if first is not None and first.status == Status.SKIPPED and Status.SKIPPED not in job.retry:
        return 0
    spent_all = limits.job_seconds is not None and held.total_seconds >= limits.job_seconds
    return 0 if spent_all and not job.retry else n_asked - n_held


def _n_asked(planned: PlannedModel, job: Job, held: JobProgress | None) -> int:
    """Trials that a job is to have; without a number, one more than it has, since only its seconds end it."""
    n_trials, n_listed = job.protocol.limits.n_trials, len(job.protocol.sampler.listed(planned.card.name))
    if not planned.has_space and not n_listed:
        return 1
    if n_trials is None:
        n_trials = (len(held.trials) if held else 0) + 1
    return min(n_trials, 1 + n_listed) if job.protocol.sampler.kind is SamplerKind.FIXED else n_trials
