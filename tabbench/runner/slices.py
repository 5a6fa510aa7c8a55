"""Cut jobs into slices of trials where a run has too few jobs to keep its workers busy.

A slice is the same job with a part of its trial numbers: the same job id, the same rows, whoever runs it. Each worker
writes a journal of its own, so two may work on one job.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.runner.job import Job

PIECES_PER_WORKER = 4
"""Fewer pieces of work than that, and workers stand idle at the end."""
LEAST_TRIALS = 8
"""Trials of a slice at least: each slice loads the table and prepares it anew."""


def sliced(jobs: Sequence[Job], n_workers: int) -> list[Job]:
    """The jobs, those cut whose draws and outcomes depend on no earlier trial and whose seconds are not counted."""
    if n_workers < 2 or not jobs:
        return list(jobs)
    n_slices = -(-PIECES_PER_WORKER * n_workers // len(jobs))
    return [piece for job in jobs for piece in _slices(job, n_slices)]


def _slices(job: Job, n_slices: int) -> list[Job]:
    limits = job.protocol.limits
    if job.protocol.is_adaptive or limits.job_seconds is not None or limits.n_trials is None:
        return [job]
    n_slices = min(n_slices, limits.n_trials // LEAST_TRIALS)
    if n_slices < 2:
        return [job]
    edges = [limits.n_trials * number // n_slices for number in range(n_slices + 1)]
    share = job.cost / n_slices
    return [replace(job, trials=range(*pair), cost=share) for pair in itertools.pairwise(edges)]
