"""Hand the jobs of a plan to a cluster and leave: bundles, the record of the launch, the engine's submission."""

from __future__ import annotations

import math
import socket
import sys
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from tabbench.runner.bundles import bundle_jobs
from tabbench.runner.executors.bundle import merged, write_bundle
from tabbench.runner.executors.element_memory import with_memory, workers_of_element
from tabbench.runner.executors.slurm import submit_array
from tabbench.runner.executors.slurm_checks import check_limits, check_node, check_request
from tabbench.runner.rows import now
from tabbench.runner.slices import sliced
from tabbench.store.launches import Launch, launch_folder
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
