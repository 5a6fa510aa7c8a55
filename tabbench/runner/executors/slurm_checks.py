"""Look before submitting: what the cluster allows, and whether a node can do what an element will have to."""

from __future__ import annotations

import math
import shlex
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from tabbench.errors import SettingsError
from tabbench.runner.executors.node_check import Probe
from tabbench.runner.executors.slurm import python_command, sbatch_options
from tabbench.runner.executors.slurm_commands import SlurmError, ask, setting

if TYPE_CHECKING:
    from tabbench.runner.settings import SlurmSettings
    from tabbench.store.layout import Store

SECONDS_FOR_A_NODE, SECONDS_OF_CHECK = 20, 120
"""A full cluster is not waited for: the check is then left out."""
USUAL_MINUTES = 240
"""Wall time of an element where none is asked for and the partition allows it."""


class ClusterLimits(NamedTuple):
    """What a cluster allows.

    Attributes:
        n_elements: Of one array.
        n_slots: Elements that its processors could run at once, were nobody else there.
        node_mib: Memory of the largest node; None where SLURM does not hand memory out.
        minutes: Wall time of an element, as asked for or the usual.
    """

    n_elements: int
    n_slots: int
    node_mib: int | None
    minutes: int


class _Nodes(NamedTuple):
    """Nodes of a partition that are alike: their processors in all, the longest minutes there, the memory of each."""

    n_cpus: int
    minutes: float
    mib: int


def check_limits(slurm: SlurmSettings, n_threads: int) -> ClusterLimits:
    """Hold what is asked for against what the cluster says of itself.

    Args:
        slurm: What is asked for each element.
        n_threads: That a fit runs with.

    Raises:
        SettingsError: If the two do not fit.
        SlurmError: If SLURM is not here or does not answer.
    """
    if slurm.cpus < n_threads:
        raise SettingsError(f"executor.slurm.cpus={slurm.cpus}: protocol.n_threads={n_threads} needs as many.")
    n_elements = int(setting("MaxArraySize") or 1001) - 1
    nodes = _nodes(slurm.partition)
    longest = max(alike.minutes for alike in nodes)
    minutes = int(min(USUAL_MINUTES, longest)) if slurm.minutes is None else slurm.minutes
    if not 0 < minutes <= longest:
        raise SettingsError(
            f"executor.slurm.minutes={minutes}: the partition allows 1 to {longest:.0f}. Ask for so many; "
            "what takes longer goes on when its element is scheduled again."
        )
    hands_memory_out = "MEMORY" in setting("SelectTypeParameters").upper()
    return ClusterLimits(
        n_elements=max(n_elements, 1),
        n_slots=max(sum(alike.n_cpus for alike in nodes) // slurm.cpus, 1),
        node_mib=max(alike.mib for alike in nodes) if hands_memory_out else None,
        minutes=minutes,
    )


def check_request(slurm: SlurmSettings) -> None:
    """Ask SLURM whether it would take an element; nothing is submitted.

    Raises:
        SlurmError: If it refuses.
    """
    options = [f"--{name}={value}" for name, value in sbatch_options(slurm).items()]
    try:
        ask(["sbatch", "--test-only", *options, "--wrap", "true"])
    except SlurmError as error:
        raise SlurmError(f"{error}. Change executor.slurm.* so that sbatch takes it.") from error


def _nodes(name: str) -> list[_Nodes]:
    """The nodes of a partition, or of the cluster's default."""
    asked = [f"--partition={name}"] if name else []
    command = ["sinfo", "--noheader", "--exact", "--format=%P|%C|%l|%m", *asked]
    lines = [line.split("|") for line in ask(command).splitlines()]
    if not name:
        lines = [line for line in lines if line[0].endswith("*")] or lines
    if not lines:
        known = ask(["sinfo", "--noheader", "--format=%R"]).split()
        raise SettingsError(f"executor.slurm.partition={name}: no such partition. Known: {', '.join(known)}.")
    return [
        _Nodes(int(counts.split("/")[3]), minutes_of(limit), int(mib.rstrip("+"))) for _, counts, limit, mib in lines
    ]


def minutes_of(limit: str) -> float:
    """Minutes of a time as SLURM writes it.

    >>> [minutes_of(text) for text in ("infinite", "30:00", "1:00:00", "2-12:00:00")]
    [inf, 30.0, 60.0, 3600.0]
    """
    days, _, clock = limit.rpartition("-")
    if not clock[:1].isdigit():
        return math.inf
    seconds = 0
    for part in clock.split(":"):
        seconds = 60 * seconds + int(part)
    return (int(days or 0) * 86_400 + seconds) / 60


def check_node(store: Store, slurm: SlurmSettings) -> str:
    """Have a node import tabbench and write into the store.

    Returns:
        What could not be checked; empty if all was.

    Raises:
        SlurmError: If the node cannot import tabbench, or does not share the store, or its locks are not seen here.
    """
    probe = Probe(store.root)
    python = f"{python_command(slurm)} -m {Probe.__module__} {shlex.quote(str(store.root))}"
    lines = "\n".join([*slurm.setup, f"exec {python}"])
    options = sbatch_options(slurm) | {"time": 2, "immediate": SECONDS_FOR_A_NODE, "job-name": "tabbench-check"}
    command = ["srun", "--quiet", *(f"--{name}={value}" for name, value in options.items()), "bash", "-c", lines]
    with probe.held():
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=SECONDS_OF_CHECK, check=False, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            return f"no node has answered in {SECONDS_OF_CHECK} s"
        said = " ".join(done.stderr.split())
        if done.returncode and "allocat" in said and not probe.answer():
            return f"no node was free within {SECONDS_FOR_A_NODE} s"
        if done.returncode or not probe.answer():
            said = said or "what it wrote into the store is not seen here"
            raise SlurmError(
                f"A node cannot do the work: {said}. It ran: {lines!r}. "
                "The environment and the store must lie on a file system that all nodes share; lines that a node needs "
                "first, such as `module load`, go into executor.slurm.setup."
            )
        if probe.answer() != Probe.GOOD:
            raise SlurmError(f"A node found {probe.answer()}")
    return ""
