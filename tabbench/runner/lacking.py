"""What the store does not hold of a job yet: asked by the plan, and again just before the job starts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tabbench.discovery import load_model, why_unavailable
from tabbench.model import TaskFacts
from tabbench.protocol import SamplerKind
from tabbench.results import Status
from tabbench.store.history import read_job
from tabbench.store.summary import JobProgress
from tabbench.task import TaskType
from tabbench.tuning.named_space import with_space
from tabbench.tuning.numbered import RandomDraws

if TYPE_CHECKING:
    from tabbench.model import Model
    from tabbench.runner.job import Job
    from tabbench.store.layout import Store


def is_held(store: Store, job: Job) -> bool:
    """Whether the store holds all that a job is to do; only the files of this job are read.

    Raises:
        TabbenchError: If the model cannot be loaded, or a later version of tabbench wrote the store.
    """
    done = read_job(store, job.job_id)
    if not done:
        return False
    model = load_model(job.model)
    held = JobProgress.of(done)
    # The job's type of task is not known without its task; at worst why it cannot run is written once more.
    is_available = any(why_unavailable(model, kind) is None for kind in model.card.task_types)
    return not n_lacking(job, held, has_space=has_space(model, job.protocol.sampler.space), is_available=is_available)


def n_lacking(job: Job, held: JobProgress | None, *, has_space: bool, is_available: bool) -> int:
    """How many trials of a job, or of its slice, the store lacks.

    Args:
        job: The job.
        held: What the store holds of it.
        has_space: Whether the model has anything to tune.
        is_available: Whether its libraries and weights are here.
    """
    limits = job.protocol.limits
    n_asked = _n_asked(job, held, has_space=has_space)
    numbers = range(n_asked) if job.trials is None else range(job.trials.start, min(job.trials.stop, n_asked))
    if held is None:
        return len(numbers)
    first = held.trials.get(0)
    if first is not None and first.status == Status.UNAVAILABLE and not is_available:
        return 0
    if first is not None and first.status == Status.SKIPPED and Status.SKIPPED not in job.retry:
        return 0
    if limits.job_seconds is not None and job.spent(held).seconds >= limits.job_seconds:
        return 0
    ends = Counter(map(held.trials.get, numbers))  # most trials end alike, and are looked at once
    return len(numbers) - sum(n for stored, n in ends.items() if stored is not None and job.holds(stored, held))


def _n_asked(job: Job, held: JobProgress | None, *, has_space: bool) -> int:
    """Trials that a job is to have; without a number, one more than it has, since only its seconds end it."""
    sampler, n_trials = job.protocol.sampler, job.protocol.limits.n_trials
    n_listed = len(sampler.listed(job.model.name))
    if not has_space and not n_listed:
        return 1
    if n_trials is None:
        n_trials = (len(held.trials) if held else 0) + 1
    return min(n_trials, 1 + n_listed) if sampler.kind is SamplerKind.FIXED else n_trials


def has_space(model: type[Model], space: str) -> bool:
    """Whether a model has anything to tune.

    Args:
        model: The model.
        space: JSON of the named space that it draws from; empty for its own.
    """
    return RandomDraws(0, with_space(model, space), some_facts(model)).ask(1) is not None


def some_facts(model: type[Model]) -> TaskFacts:
    """Facts of no task in particular: a draw may depend on the task's type alone."""
    task_type = sorted(model.card.task_types)[0] if model.card.task_types else TaskType.BINARY
    n_classes = {TaskType.BINARY: 2, TaskType.MULTICLASS: 3, TaskType.REGRESSION: 0}[task_type]
    return TaskFacts(task_type, 1000, 10, 2, 5, n_classes, has_missing=False)
