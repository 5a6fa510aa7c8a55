"""Where it ran: packages, processor, memory, revision, cluster job; taken once a process."""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import uuid
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

from tabbench import __version__
from tabbench.documents import EnvironmentRow, WorkerRow
from tabbench.hashing import content_id

THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
OTHER_THREAD_VARIABLES = (
    "OMP_PROC_BIND", "OMP_PLACES", "OMP_DYNAMIC", "KMP_AFFINITY", "GOMP_CPU_AFFINITY", "MKL_DYNAMIC",
    "RAYON_NUM_THREADS", "CUDA_VISIBLE_DEVICES",
)  # fmt: skip
"""Not set by us, but they change how fast threads are; all of them are stored."""
CLUSTER_VARIABLES = ("SLURM_JOB_ID", "RAY_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID")
CONTAINER_VARIABLES = ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER", "container")
CONTAINER_FILES = {"/.dockerenv": "docker", "/run/.containerenv": "podman"}


@cache
def environment_row() -> EnvironmentRow:
    """This place and set of packages; equal on every worker of the same kind."""
    facts: dict[str, object] = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": _cpu_name(),
        "n_cores": os.cpu_count() or 1,
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "gpu": _gpu_names(),
        "tabbench_version": __version__,
        "thread_settings": json.dumps(_thread_settings(), sort_keys=True),
        "packages": json.dumps(_packages(), sort_keys=True),
        **_git_state(),
    }
    return EnvironmentRow(environment_id=content_id(facts), **facts)  # type: ignore[arg-type]  # checked by the store's schema


def worker_row(executor: str, environment_id: str = "") -> WorkerRow:
    """This process, under a name drawn now.

    Args:
        executor: What started it.
        environment_id: Of its environment row, where somebody has taken it already.
    """
    return WorkerRow(
        worker_id=uuid.uuid4().hex[:16],
        environment_id=environment_id or environment_row().environment_id,
        host=socket.gethostname(),
        pid=os.getpid(),
        executor=executor,
        container=_container(),
        cluster_job=cluster_job(),
        started_at=datetime.now(UTC),
    )


def use_threads(n_threads: int) -> None:
    """Set the thread variables that numerical libraries read when they are first loaded."""
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(n_threads)))


def _thread_settings() -> dict[str, str]:
    return {v: os.environ[v] for v in (*THREAD_VARIABLES, *OTHER_THREAD_VARIABLES) if v in os.environ}


def _container() -> str | None:
    """The image or kind of container, where there is one."""
    named = next((os.environ[v] for v in CONTAINER_VARIABLES if os.environ.get(v)), None)
    return named or next((kind for file, kind in CONTAINER_FILES.items() if Path(file).exists()), None)


def cluster_job() -> str | None:
    """Job id that the cluster gave, with the number of the task in its array."""
    array, task = (os.environ.get(f"SLURM_ARRAY_{part}_ID") for part in ("JOB", "TASK"))
    if array and task:
        return f"{array}_{task}"
    return next((os.environ[v] for v in CLUSTER_VARIABLES if os.environ.get(v)), None)


def _packages() -> dict[str, str]:
    return {d.metadata["Name"]: d.version for d in metadata.distributions() if d.metadata["Name"]}


def _cpu_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith(("model name", "Hardware")):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gpu_names() -> str | None:
    out = _output(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"])
    return out.replace("\n", "; ") or None


def _git_state() -> dict[str, object]:
    here = Path(__file__).parent
    if not (here.parent / ".git").exists():
        return {"git_revision": None, "is_git_dirty": None}
    revision = _output(["git", "-C", str(here), "rev-parse", "HEAD"])
    dirty = bool(_output(["git", "-C", str(here), "status", "--porcelain", "--untracked-files=no"]))
    return {"git_revision": revision or None, "is_git_dirty": dirty if revision else None}


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
