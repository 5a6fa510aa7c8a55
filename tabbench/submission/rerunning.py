"""Fit some trials of a bundle again, with its own source: the one thing here that runs what a stranger wrote."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tabbench.discovery import find_models
from tabbench.errors import DataError
from tabbench.results import Status
from tabbench.runner.local import LocalExecutor
from tabbench.store.history import read_job
from tabbench.store.layout import Store
from tabbench.submission.archive import open_bundle
from tabbench.submission.bundle import printable
from tabbench.submission.own_job import own_job
from tabbench.submission.rescoring import is_same
from tabbench.submission.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tabbench.results import TrialRow
    from tabbench.runner.job import Job
    from tabbench.runner.local import Failure
    from tabbench.submission.archive import Bundle
    from tabbench.submission.verification import Verified

NEAR = 0.05
"""Share by which an error may differ where library, processor or threads are others; more is told as false."""
LEAST_SECONDS, TIMES_SECONDS = 60.0, 10.0
"""Limit of a trial that ran without one: so many times what it took, and no less."""


@dataclass(frozen=True)
class Rerun:
    """One trial, as the bundle has it and as it came out here."""

    told: TrialRow
    found: TrialRow | None
    reason: str = ""


def rerun_sample(
    path: Path, verified: Verified, n: int, seed: int, progress: Callable[[int, int], None] = lambda done, of: None
) -> tuple[Rerun, ...]:
    """Fit a sample of the trials that ended well again, and note where they come out otherwise.

    A trial of an adaptive sampler or under a pruner depends on those before it, which are fitted too.

    Args:
        path: The bundle that was verified.
        verified: What came of that; takes the findings.
        n: Trials drawn.
        seed: Of the draw.
        progress: Told how many trials of how many are done.

    Returns:
        In the order of the bundle.

    Raises:
        BundleError: If the file is another by now.
    """
    with open_bundle(path) as bundle, tempfile.TemporaryDirectory(prefix="tabbench-rerun-") as folder:
        chosen = _draw(bundle, verified, n, np.random.default_rng(seed))
        jobs = [job for trial in chosen if (job := _job(bundle, verified, trial, Path(folder))) is not None]
        store = Store(Path(folder) / "store").create()
        failures = {failure.job.job_id: failure for failure in _run(store, jobs, progress)}
        reruns = tuple(_rerun(store, trial, failures) for trial in chosen)
    for rerun in reruns:
        _judge(verified, rerun)
    return reruns


def _draw(bundle: Bundle, verified: Verified, n: int, rng: np.random.Generator) -> list[TrialRow]:
    """Trials that ended well, of jobs that could be checked."""
    jobs = [job.first.job_id for job in verified.jobs if job.splits is not None]
    trials = [line.trial for job in jobs for line in bundle.trials(job) if line.trial.status is Status.OK]
    picked = rng.choice(len(trials), size=min(n, len(trials)), replace=False)
    return [trials[i] for i in sorted(picked.tolist())]


def _job(bundle: Bundle, verified: Verified, trial: TrialRow, folder: Path) -> Job | None:
    """The job that runs one trial; None, with a finding, where the model cannot be run."""
    installed = find_models().get(trial.model)
    try:
        own = own_job(trial, verified.documents.protocols[trial.protocol_id]).job
    except DataError:
        return None
    if installed is not None and installed.source_hash == trial.source_hash:
        source = installed
    else:
        [model] = [model for model in bundle.contents.models if model.name == trial.model]
        files = bundle.source(model)
        if len(files) > 1:
            message = f"it is made with {', '.join(files)} of a package; install that package and verify again"
            verified.report.add(Severity.MISSING, "not rerun", message, trial.model)
            return None
        path = folder / f"{model.name}.py"
        path.write_bytes(files[path.name])
        source = replace(own.model, path=str(path))
    limits = own.protocol.limits
    if limits.trial_seconds is None:
        seconds = max(LEAST_SECONDS, TIMES_SECONDS * (trial.total_seconds or 0.0))
        limits = replace(limits, trial_seconds=seconds)
    first = 0 if own.protocol.is_adaptive else trial.trial
    protocol = replace(own.protocol, limits=limits)
    return replace(own, model=source, protocol=protocol, trials=range(first, trial.trial + 1))


def _run(store: Store, jobs: Sequence[Job], progress: Callable[[int, int], None]) -> list[Failure]:
    """One after another, in processes of their own, under the limits of the bundle."""
    done: list[Job] = []

    def on_job(job: Job) -> None:
        done.append(job)
        progress(len(done), len(jobs))

    failures = []
    for n_threads in sorted({job.protocol.n_threads for job in jobs}):
        of_these = [job for job in jobs if job.protocol.n_threads == n_threads]
        failures += LocalExecutor(store, 1, n_threads, [], lambda _news: None, on_job).run(of_these)
    return failures


def _rerun(store: Store, told: TrialRow, failures: dict[str, Failure]) -> Rerun:
    found = next((done.trial for done in read_job(store, told.job_id) if done.trial.trial == told.trial), None)
    failure = failures.get(told.job_id)
    return Rerun(told, found, "" if failure is None else failure.reason)


def _judge(verified: Verified, rerun: Rerun) -> None:
    """Note what came out otherwise."""
    told, found, report = rerun.told, rerun.found, verified.report
    where = f"{told.job_id}:{told.trial} ({printable(told.model, 40)} on {printable(told.task, 60)})"
    if found is None or found.status is Status.UNAVAILABLE:
        report.add(Severity.MISSING, "not rerun", rerun.reason or (found and found.reason) or "it was not run", where)
        return
    report.n_rerun += 1
    if found.config != told.config:
        message = f"the model draws {printable(found.config)}, the bundle says {printable(told.config)}"
        report.add(Severity.FALSE, "changed configuration", message, where)
    elif found.status is not Status.OK:
        report.add(Severity.FALSE, "rerun failed", f"{found.status}: {found.reason}", where)
    else:
        _compare(verified, told, found, where)


def _compare(verified: Verified, told: TrialRow, found: TrialRow, where: str) -> None:
    is_deterministic = verified.documents.models[told.source_hash].is_deterministic
    for name in ("valid_error", "test_error"):
        stored, computed = getattr(told, name), getattr(found, name)
        if is_same(stored, computed, has_no_unit=False):
            continue
        is_near = None not in (stored, computed) and abs(stored - computed) <= NEAR * abs(computed)
        severity = Severity.NOTE if is_near or not is_deterministic else Severity.FALSE
        message = f"{name} is {stored}, here {computed}"
        verified.report.add(severity, "rerun differs", message, where)
