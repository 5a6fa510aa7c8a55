"""What earlier launches on a cluster are still at, so that it is not submitted twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tabbench.runner.executors.bundle import read_bundle
from tabbench.runner.executors.slurm_commands import alive, element_states
from tabbench.store.launches import launch_folder, launches_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tabbench.runner.job import Job
    from tabbench.store.layout import Store


@dataclass(frozen=True)
class UnderWay:
    """Jobs of elements that are queued or run, without what is expected of them.

    Attributes:
        whole: Jobs that are held in full.
        slices: Trials that are held of other jobs.
    """

    whole: frozenset[Job] = frozenset()
    slices: Mapping[Job, set[int]] = field(default_factory=dict)

    def without(self, jobs: Sequence[Job]) -> list[Job]:
        """Those of the jobs that are not held in full."""
        known = {job.job_id for job in (*self.whole, *self.slices)}
        return [job for job in jobs if job.job_id not in known or not self._holds(job)]

    def _holds(self, job: Job) -> bool:
        work = _whole(job)
        return work in self.whole or (work in self.slices and self.slices[work].issuperset(job.numbers))


def jobs_under_way(store: Store) -> UnderWay:
    """What living elements hold; to be asked before the store is read: what they end meanwhile is stored by then.

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
    return UnderWay(frozenset(whole), slices)


def _whole(job: Job) -> Job:
    """What two slices of the same work have in common; what is expected of it changes as rows come in."""
    return replace(job, cost=0.0, memory_mib=0.0, trials=None)
