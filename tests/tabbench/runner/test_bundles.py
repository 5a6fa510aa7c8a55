"""Bundles hold every job once, are about equal, and end about together."""

from __future__ import annotations

import heapq
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabbench.runner.bundles import bundle_jobs
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import plan_run

if TYPE_CHECKING:
    from tabbench.runner.job import Job


@cache
def template() -> Job:
    overrides = ["tasks=[bundled/iris]", "models=[constant]", "folds=[0]", "store=nowhere"]
    return plan_run(compose_settings(overrides)).jobs[0]


def jobs_of(n: int, n_tasks: int = 3) -> list[Job]:
    return [replace(template(), job_id=f"{i}", task=f"task{i % n_tasks}") for i in range(n)]


@settings(deadline=None)
@given(costs=st.lists(st.floats(0, 1e5), max_size=60), minutes=st.floats(0.1, 500), slots=st.integers(1, 50))
def test_every_job_is_in_one_bundle(costs, minutes, slots):
    jobs = jobs_of(len(costs))
    bundles = bundle_jobs(jobs, costs, minutes, slots)
    assert sorted(job.job_id for bundle in bundles for job in bundle.jobs) == sorted(job.job_id for job in jobs)
    of = {job.job_id: cost for job, cost in zip(jobs, costs, strict=True)}
    work = [sum(of[job.job_id] for job in bundle.jobs) for bundle in bundles]
    assert work == sorted(work, reverse=True)


def makespan(work: list[float], slots: int) -> float:
    """When the last slot ends if each takes the next bundle as it becomes free."""
    free = [0.0] * slots
    for seconds in work:
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return max(free)


def test_slots_end_together_though_costs_were_guessed_wrong():
    rng = np.random.default_rng(0)
    true = np.exp(rng.normal(2, 1.5, 40_000))
    guessed = true * np.exp(rng.normal(0, 0.7, len(true)))
    bundles = bundle_jobs(jobs_of(len(true)), guessed.tolist(), minutes=30, slots=200)
    work = [sum(true[int(job.job_id)] for job in bundle.jobs) for bundle in bundles]
    assert 800 < len(bundles) < 4000
    assert makespan(work, 200) < 1.1 * max(true.sum() / 200, true.max())


def test_bundles_are_of_one_task_where_they_can_be():
    bundles = bundle_jobs(jobs_of(300), [60.0] * 300, minutes=10, slots=2)
    assert sum(len({job.task for job in bundle.jobs}) > 1 for bundle in bundles) <= 2


def test_work_of_no_time_on_no_slots_is_refused():
    with pytest.raises(ValueError, match="0 minutes"):
        bundle_jobs([], [], 0, 1)
