"""From settings to jobs: suite × models × splits, less what the store already holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.data.catalog import is_suite, load_suite
from tabbench.data.split_protocols import splits_of
from tabbench.data.where import tasks_where
from tabbench.discovery import load_model, resolve_models, why_unavailable
from tabbench.errors import SettingsError
from tabbench.protocol import Protocol, SamplerKind
from tabbench.runner.expansion import Entrant, Expansion, PlannedModel, SplitTask, to_do
from tabbench.runner.expected_costs import ExpectedCosts
from tabbench.runner.lacking import has_space, some_facts
from tabbench.runner.named_spaces import check_entry, named_space
from tabbench.runner.protocol_settings import check_metrics, make_protocol
from tabbench.suite import SplitsRun
from tabbench.task import TaskType
from tabbench.tuning.samplers import check_fixed_configs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tabbench.discovery import ModelSource
    from tabbench.runner.job import Job
    from tabbench.runner.settings import Settings
    from tabbench.store.past_costs import PastCost
    from tabbench.store.summary import JobProgress
    from tabbench.task import Suite, Task


@dataclass(frozen=True, eq=False)
class Plan:
    """What a run is to do.

    Attributes:
        jobs: To be done, longest first.
        n_held: Jobs of this run that the store holds in full.
        n_trials: Trials that the jobs still lack.
        guessed: Models whose cost was guessed from their cards: the store holds no trial of theirs.
    """

    jobs: tuple[Job, ...]
    n_held: int
    n_trials: int
    tasks: tuple[Task, ...]
    models: tuple[PlannedModel, ...]
    protocol: Protocol
    suite: Suite | None
    guessed: tuple[str, ...] = ()


def make_plan(settings: Settings, held: Mapping[str, JobProgress], past: Sequence[PastCost] = ()) -> Plan:
    """Expand settings into jobs and leave out what is held.

    Args:
        settings: What was asked for.
        held: What the store holds, by job id.
        past: What trials of the store cost.

    Raises:
        UnknownNameError: For a suite, task, model, metric, sampler or status that does not exist.
        SettingsError: For a value out of range.
    """
    suite = load_suite(settings.suite) if settings.suite and not settings.tasks else None
    tasks = planned_tasks(suite, settings.tasks, settings.where, settings.protocol.splits)
    models = planned_models(settings)
    protocol = make_protocol(settings)
    check_metrics(protocol, tasks)
    if protocol.sampler.kind is SamplerKind.FIXED:
        for planned in models:
            check_fixed_configs(protocol.sampler, planned.model, some_facts(planned.model))
    split = [SplitTask.of(task, chosen_splits(task, suite, settings.repeats, settings.folds)) for task in tasks]
    entrants = [Entrant(planned, protocol) for planned in models]
    expansion = Expansion(held, ExpectedCosts(past), suite.name if suite else None, tuple(settings.retry))
    jobs, n_held, n_trials = to_do(expansion, split, entrants)
    known = {row.model for row in past}
    guessed = tuple(planned.card.name for planned in models if planned.card.name not in known)
    return Plan(jobs, n_held, n_trials, tasks, models, protocol, suite, guessed)


def planned_tasks(suite: Suite | None, names: Sequence[str], where: str, splits: str) -> tuple[Task, ...]:
    """The tasks of a suite, or those named, that are chosen, on the splits that are asked for.

    Raises:
        UnknownNameError: For a task, fact or kind of splits that does not exist.
        SettingsError: If there is none.
    """
    names = suite.tasks if suite else names
    known = suite.name if suite and is_suite(suite.name) else ""  # one that is a file has to be fetched by its tasks
    if not names:
        raise SettingsError("Nothing to run: name a suite (suite=quickstart) or tasks ('tasks=[bundled/diamonds]').")
    tasks = tasks_where(names, where, known)
    twice = [name for name, n_times in Counter(task.name for task in tasks).items() if n_times > 1]
    if twice:
        raise SettingsError(f"Task {twice[0]!r} is asked for twice. Name each task once.")
    return tuple(_on_splits(task, splits) for task in tasks)


def chosen_splits(task: Task, suite: Suite | None, repeats: list[int], folds: list[int]) -> list[tuple[int, int]]:
    """The (repeat, fold) of a task that are asked for; no number asks for all that the suite runs.

    Raises:
        SettingsError: For a number that the task does not have.
    """
    _check_numbers("repeats", repeats, {repeat for repeat, _ in task.splits}, task)
    _check_numbers("folds", folds, {fold for _, fold in task.splits}, task)
    splits = task.splits[:1] if suite and suite.splits is SplitsRun.FIRST else task.splits
    return [(r, f) for r, f in splits if (not repeats or r in repeats) and (not folds or f in folds)]


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
    available_for = frozenset(kind for kind in TaskType if why_unavailable(model, kind) is None)
    return PlannedModel(source, model, has_space(model, named_space(space_name)), available_for)


def _check_numbers(setting: str, asked: list[int], known: set[int], task: Task) -> None:
    if unknown := sorted(set(asked) - known):
        raise SettingsError(f"{setting}={unknown}: {task.name} has {setting} {min(known)} to {max(known)}.")
