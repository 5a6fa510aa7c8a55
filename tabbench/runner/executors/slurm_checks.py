"""Look before submitting: what the cluster allows, and whether a node can do what an element will have to."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from tabbench.runner.executors.slurm import sbatch_options
from tabbench.runner.executors.slurm_commands import SlurmError, ask, setting

if TYPE_CHECKING:
    from tabbench.runner.settings import SlurmSettings
    from tabbench.store.layout import Store


class ClusterLimits(NamedTuple):
    """What a cluster allows.

    Attributes:
        n_elements: Of one array.
        n_slots: Elements that its processors could run at once, were nobody else there.
    """

    n_elements: int
    n_slots: int


def limits_of(slurm: SlurmSettings) -> ClusterLimits:
    """What the cluster allows, of elements like these.

    Raises:
        SlurmError: If SLURM is not here or does not answer.
    """
    n_elements = int(setting("MaxArraySize") or 1001) - 1
    of_partition = [f"--partition={slurm.partition}"] if slurm.partition else []
    counts = ask(["sinfo", "--noheader", "--format=%C", *of_partition]).split()
    n_cpus = sum(int(count.split("/")[3]) for count in counts)
    return ClusterLimits(max(n_elements, 1), max(n_cpus // slurm.cpus, 1))


def check_cluster(store: Store, slurm: SlurmSettings) -> None:
    """Have SLURM judge what is asked of it; nothing is submitted.

    Raises:
        SlurmError: If it refuses.
    """
    options = [f"--{name}={value}" for name, value in sbatch_options(slurm).items()]
    try:
        ask(["sbatch", "--test-only", *options, "--wrap", "true"])
    except SlurmError as error:
        raise SlurmError(f"{error} Mend executor.slurm.*: {shlex.join(options)}") from error
