"""How much memory an element of an array needs: what its most demanding job takes, for each of its workers."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tabbench.runner.job import Job
    from tabbench.runner.settings import SlurmSettings

OWN_MIB = 500.0
"""Of an element beside its fits: the command, the template, tables. Two workers on three bundled ones took 200."""
LEAST_FIT_MIB = 1000.0
"""A fit is given that much even if less is expected: one that SLURM ends for want of memory is a failed trial."""


def fit_mib(job: Job) -> float:
    """What a fit of a job may take: its limit, so that it ends the fit and not SLURM; else what is expected."""
    limit = job.protocol.limits.memory_mib
    return max(job.memory_mib, LEAST_FIT_MIB) if limit is None else limit


def most_demanding(jobs: Iterable[Job]) -> Job:
    """The job whose fits are expected to take most memory."""
    return max(jobs, key=lambda job: job.memory_mib)


def element_mib(job: Job, n_workers: int) -> int:
    """MiB that an element needs whose workers are all at a job as demanding as this."""
    return math.ceil(OWN_MIB + n_workers * fit_mib(job))


def workers_of_element(slurm: SlurmSettings, n_threads: int) -> int:
    """Workers that the processors of an element suffice for."""
    return max(slurm.cpus // n_threads, 1)


def with_memory(slurm: SlurmSettings, jobs: Iterable[Job], n_workers: int, node_mib: int | None) -> SlurmSettings:
    """The same settings with a number for memory, if the cluster hands memory out and none was asked for.

    Args:
        slurm: What was asked for.
        jobs: All of the launch: an array has one request.
        n_workers: Of an element.
        node_mib: Memory of the largest node; None where SLURM does not hand memory out.
    """
    if slurm.memory_mib is not None or node_mib is None:
        return slurm
    needed = element_mib(most_demanding(jobs), n_workers)
    if needed > node_mib:
        sys.stderr.write(
            f"An element is expected to need {needed:,} MiB and the largest node has {node_mib:,}: that much is asked "
            "for. Fewer workers in an element (executor.slurm.cpus) need less.\n"
        )
    return replace(slurm, memory_mib=min(needed, node_mib))
