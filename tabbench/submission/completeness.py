"""What a bundle should hold and does not: splits of its tasks, tasks of its suite, trials of its jobs."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.data.catalog import known_suites, load_suite
from tabbench.protocol import SamplerKind
from tabbench.results import Status
from tabbench.submission.bundle import printable
from tabbench.submission.verdict import Severity
from tabbench.suite import SplitsRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tabbench.protocol import Protocol
    from tabbench.results import TrialRow
    from tabbench.submission.verdict import Report

SPENT_SHARE = 0.5
"""A job that stopped for its seconds has spent at least this share of them: no trial starts once they are spent."""


@dataclass(frozen=True)
class JobSummary:
    """What is left of a job once its trials were looked at.

    Attributes:
        first: Its first trial.
        splits: Every (repeat, fold) of its task under its split rule; None where the task is not here.
        numbers: Of its trials, ascending.
        seconds: That they took.
    """

    first: TrialRow
    splits: tuple[tuple[int, int], ...] | None
    numbers: tuple[int, ...]
    statuses: Mapping[str, int]
    seconds: float

    @property
    def where(self) -> str:
        """Model, task and split, as people name them."""
        row = self.first
        return f"{printable(row.model, 40)} on {printable(row.task, 60)} ({row.repeat}, {row.fold})"


def check_completeness(
    report: Report,
    jobs: Sequence[JobSummary],
    protocols: Mapping[str, Protocol],
    spaces: Mapping[str, bool],
    suite: str,
) -> None:
    """Note every split, task and trial that is absent.

    Args:
        report: Takes the findings.
        jobs: All jobs of the bundle.
        protocols: By id.
        spaces: By the hash of a model's source whether it has anything to tune.
        suite: The suite that must be whole; if empty, those that the rows say they were run for.
    """
    _check_twice(report, jobs)
    for job in jobs:
        protocol = protocols.get(job.first.protocol_id)
        _check_trials(report, job, protocol, spaces.get(job.first.source_hash, True))
    by_entrant: dict[tuple[str, str], list[JobSummary]] = defaultdict(list)
    for job in jobs:
        by_entrant[job.first.model, job.first.protocol_id].append(job)
    for of_one in by_entrant.values():
        for name in (suite,) if suite else sorted({job.first.suite for job in of_one if job.first.suite}):
            _check_suite(report, of_one, name)
        _check_splits(report, of_one, suite)


def _check_twice(report: Report, jobs: Iterable[JobSummary]) -> None:
    seen: dict[tuple[object, ...], JobSummary] = {}
    for job in jobs:
        row = job.first
        key = (row.model, row.task, row.splits_hash, row.repeat, row.fold, row.protocol_id)
        if key in seen:
            report.add(Severity.FALSE, "twice", f"jobs {seen[key].first.job_id} and {row.job_id} are one", job.where)
        seen[key] = job


def _check_trials(report: Report, job: JobSummary, protocol: Protocol | None, has_space: bool) -> None:
    """The numbers run from 0 without a gap to what was asked for, unless the job's seconds ended it."""
    row, numbers = job.first, set(job.numbers)
    if job.statuses.get(Status.UNAVAILABLE):
        report.add(Severity.MISSING, "not run", "its library or weights were missing where it ran", job.where)
        return
    if set(job.statuses) == {Status.SKIPPED}:
        return
    n_asked = row.limit_n_trials
    if protocol is not None and protocol.sampler.kind is SamplerKind.FIXED:
        n_listed = 1 + len(protocol.sampler.configs)
        n_asked = n_listed if n_asked is None else min(n_asked, n_listed)
    if not has_space:
        n_asked = 1
    budget = row.limit_job_seconds
    if n_asked is None or (budget is not None and job.seconds >= SPENT_SHARE * budget):
        n_asked = max(numbers) + 1
    gaps = [number for number in range(min(n_asked, 1 + max(numbers))) if number not in numbers]
    if gaps:
        shown = ", ".join(map(str, gaps[:5]))
        report.add(Severity.MISSING, "missing trials", f"it has no trial {shown} and has later ones", job.where)
    elif len(numbers) < n_asked:
        report.add(Severity.MISSING, "missing trials", f"{len(numbers)} of {n_asked} trials", job.where)


def _check_suite(report: Report, jobs: Sequence[JobSummary], name: str) -> None:
    if name not in known_suites():
        report.add(Severity.NOTE, "unknown suite", f"rows say suite {name!r}, which is not here")
        return
    suite = load_suite(name)
    absent = sorted(set(suite.tasks) - set(suite.smoke) - {job.first.task for job in jobs})
    if absent:
        shown = ", ".join(absent[:5]) + (" …" if len(absent) > 5 else "")
        model = printable(jobs[0].first.model, 40)
        report.add(Severity.MISSING, "missing tasks", f"{len(absent)} of suite {name}: {shown}", model)


def _check_splits(report: Report, jobs: Sequence[JobSummary], suite: str) -> None:
    by_task: dict[tuple[str, str], list[JobSummary]] = defaultdict(list)
    for job in jobs:
        by_task[job.first.task, job.first.splits_hash].append(job)
    for of_task in by_task.values():
        splits = of_task[0].splits
        if splits is None:
            continue
        named = {suite} if suite else {job.first.suite for job in of_task} - {None}
        is_first_alone = bool(named) and all(_runs_first_alone(name) for name in named if name)
        wanted = set(splits[:1] if is_first_alone else splits)
        absent = sorted(wanted - {(job.first.repeat, job.first.fold) for job in of_task})
        if absent:
            shown = ", ".join(map(str, absent[:4])) + (" …" if len(absent) > 4 else "")
            report.add(Severity.MISSING, "missing splits", f"{len(absent)} of {len(wanted)}: {shown}", of_task[0].where)


def _runs_first_alone(suite: str) -> bool:
    return suite in known_suites() and load_suite(suite).splits is SplitsRun.FIRST


def count_statuses(statuses: Iterable[Status]) -> Mapping[str, int]:
    """How many trials ended in each way."""
    return Counter(statuses)
