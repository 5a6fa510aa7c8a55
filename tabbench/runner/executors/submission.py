"""Hand the jobs of a plan to a cluster and leave: bundles, the record of the launch, the engine's submission."""

from __future__ import annotations

import math
import socket
import sys
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from tabbench.runner.bundles import bundle_jobs
from tabbench.runner.executors.bundle import merged, read_bundle, write_bundle
from tabbench.runner.executors.element_memory import with_memory, workers_of_element
from tabbench.runner.executors.slurm import submit_array
from tabbench.runner.executors.slurm_checks import check_limits, check_node, check_request
from tabbench.runner.executors.slurm_commands import alive, element_states
from tabbench.runner.rows import now
from tabbench.runner.slices import sliced
from tabbench.store.launches import Launch, launch_folder, launches_of
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.runner.job import Job
    from tabbench.runner.plan import Plan
    from tabbench.runner.settings import ExecutorSettings


def submit(plan: Plan, jobs: Sequence[Job], executor: ExecutorSettings, store: Store) -> Launch:
    """Submit jobs as one array of SLURM.

    Args:
        plan: Of the run.
        jobs: Those of its jobs that no living element holds.
        executor: What was asked for.
        store: Where the rows go.

    Raises:
        SlurmError: If the cluster cannot be used, or not like that.
        StoreError: If the store cannot be written.
    """
    store = Store(store.root.absolute())
    n_per_element = workers_of_element(executor.slurm, plan.protocol.n_threads)
    n_at_once = None if executor.n_workers is None else math.ceil(executor.n_workers / n_per_element)
    limits = check_limits(executor.slurm, plan.protocol.n_threads)
    slurm = with_memory(replace(executor.slurm, minutes=limits.minutes), jobs, n_per_element, limits.node_mib)
    check_request(slurm)
    slots = n_at_once or limits.n_slots
    pieces = sliced(jobs, slots * n_per_element)
    minutes = executor.bundle_minutes * n_per_element
    bundles = merged(bundle_jobs(pieces, [piece.cost for piece in pieces], minutes, slots), limits.n_elements)
    if unchecked := check_node(store, slurm):
        sys.stderr.write(f"Not checked whether a node can do the work: {unchecked}.\n")
    launch = Launch(
        launch_id=f"{now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}",
        engine="slurm",
        engine_id="",
        n_bundles=len(bundles),
        n_jobs=len(jobs),
        n_trials=plan.n_trials,
        host=socket.gethostname(),
        started_at=now().isoformat(),
    )
    folder = launch_folder(store, launch.launch_id)
    for number, bundle in enumerate(bundles):
        write_bundle(folder.bundle(number), bundle)
    folder.write(launch)  # before the array exists, so that it is never unknown
    engine_id = submit_array(store, folder, len(bundles), slurm, n_at_once)
    launch = replace(launch, engine_id=engine_id)
    folder.write(launch)
    return launch


def without_those_under_way(store: Store, jobs: Sequence[Job]) -> list[Job]:
    """The jobs that no living elements of earlier launches hold in full.

    Raises:
        SlurmError: If SLURM does not answer.
        StoreError: If a record cannot be read.
    """
    whole: set[Job] = set()
    slices: dict[Job, set[int]] = {}
    for launch in launches_of(store):
        folder = launch_folder(store, launch.launch_id)
        for number in alive(element_states(launch.launch_id)) if launch.engine == "slurm" else ():
            for job in read_bundle(folder.bundle(number)).jobs:
                if job.trials is None:
                    whole.add(_whole(job))
                else:
                    slices.setdefault(_whole(job), set()).update(job.trials)
    known = {job.job_id for job in (*whole, *slices)}
    return [
        job
        for job in jobs
        if job.job_id not in known
        or (_whole(job) not in whole and not (slices and slices.get(_whole(job), set()).issuperset(job.numbers)))
    ]


def _whole(job: Job) -> Job:
    """What two slices of the same work have in common; what is expected of it changes as rows come in."""
    return replace(job, cost=0.0, memory_mib=0.0, trials=None)
