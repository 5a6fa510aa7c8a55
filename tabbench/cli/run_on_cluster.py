"""What `tabbench run` says of jobs that go to a cluster, and how it follows them with executor.wait=true."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.main import EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED
from tabbench.runner.executors.element_memory import element_mib, fit_mib, most_demanding, workers_of_element
from tabbench.runner.executors.following import follow
from tabbench.runner.executors.slurm_commands import alive, element_states
from tabbench.runner.launch import plan_run
from tabbench.runner.progress import FINE
from tabbench.store.launches import launch_folder, launches_of
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from tabbench.runner.launch import RunSummary
    from tabbench.runner.plan import Plan
    from tabbench.runner.settings import Settings, SlurmSettings


def memory_lines(plan: Plan, slurm: SlurmSettings) -> list[str]:
    """What memory an element will ask for, unless that was said."""
    if slurm.memory_mib is not None:
        return []
    job = most_demanding(plan.jobs)
    n_workers = workers_of_element(slurm, plan.protocol.n_threads)
    return [
        f"memory of an element: {element_mib(job, n_workers):,} MiB ({n_workers} at once, {fit_mib(job):,.0f} MiB for "
        f"a fit; most is expected of {job.model.name} on {job.task}: {job.memory_mib:,.0f} MiB)"
    ]


def report_submitted(settings: Settings, summary: RunSummary) -> int:
    """Say what was submitted, and follow it where that was asked for.

    Returns:
        0 if all is well as far as is known, 1 if something failed and is recorded, 130 if following was stopped.
    """
    if summary.n_under_way:
        sys.stderr.write(f"{summary.n_under_way} jobs are queued or running in an earlier launch and left to it.\n")
    if (launch := summary.launch) is not None:
        sys.stderr.write(
            f"Submitted {launch.n_jobs} jobs in {launch.n_bundles} bundles as SLURM job {launch.engine_id} (launch "
            f"{launch.launch_id}).\nHow far they are: tabbench status --store {settings.store}. What is missing when "
            f"they have ended: the same command again. To end them: tabbench cancel --store {settings.store}\n"
        )
    if not settings.executor.wait:
        return EXIT_DONE
    store = Store(Path(settings.store))
    try:
        for launch in launches_of(store):
            if launch == summary.launch or alive(element_states(launch.launch_id)):
                follow(launch)
    except KeyboardInterrupt:
        sys.stderr.write(
            f"Not followed any more; the cluster goes on. To end it: tabbench cancel --store {settings.store}\n"
        )
        return EXIT_INTERRUPTED
    return _report_end(settings, summary)


def _report_end(settings: Settings, summary: RunSummary) -> int:
    """What came of a launch whose elements have all ended."""
    statuses = _statuses(settings, {job.job_id for job in summary.plan.jobs})
    told = ", ".join(f"{n} {status}" for status, n in sorted(statuses.items())) or "none"
    sys.stderr.write(f"Trials of these jobs in {settings.store}: {told}.\n")
    reasons = _reasons(settings, summary)
    for reason in reasons:
        sys.stderr.write(f"{reason}\n")
    left = plan_run(settings)
    if left.jobs:
        sys.stderr.write(
            f"{len(left.jobs)} jobs with {left.n_trials} trials are missing. The same command submits them again; why "
            f"they are missing may stand in {settings.store}/launches/*/engine/*.out\n"
        )
    n_failed = sum(n for status, n in statuses.items() if status not in FINE)
    return EXIT_FAILED if n_failed or left.jobs or reasons else EXIT_DONE


def _statuses(settings: Settings, jobs: set[str]) -> Counter[str]:
    from tabbench.store.database import open_database

    with open_database(Store(Path(settings.store))) as con:
        rows = con.execute("SELECT job_id, status, count(*) FROM trials GROUP BY ALL").fetchall()
    statuses: Counter[str] = Counter()
    for job_id, status, n in rows:
        statuses[status] += n if job_id in jobs else 0
    return +statuses


def _reasons(settings: Settings, summary: RunSummary) -> list[str]:
    """Jobs of the launch that could not be done, and why."""
    if summary.launch is None:
        return []
    ends = launch_folder(Store(Path(settings.store)), summary.launch.launch_id).ends()
    return [
        f"Job {failure.model} on {failure.task} could not be done: {failure.reason}"
        for end in ends.values()
        for failure in end.failures
    ]
