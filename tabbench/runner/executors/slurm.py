"""Submit bundles of jobs to SLURM as one array, through submitit."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

from tabbench.errors import MissingLibraryError
from tabbench.runner.executors.element import BEGAN, Element, run_bundle
from tabbench.runner.executors.slurm_commands import SlurmError, job_name

if TYPE_CHECKING:
    from tabbench.runner.settings import SlurmSettings
    from tabbench.store.launches import LaunchFolder
    from tabbench.store.layout import Store


def submit_array(
    store: Store, folder: LaunchFolder, n_bundles: int, slurm: SlurmSettings, n_at_once: int | None
) -> str:
    """Submit one array with an element for each bundle of a launch.

    Args:
        store: With an absolute path, which the nodes share.
        folder: Of the launch; its bundles are written.
        n_bundles: Elements.
        slurm: What is asked for each.
        n_at_once: Elements that may run at the same time; None for as many as SLURM gives.

    Returns:
        SLURM's id of the array.

    Raises:
        MissingLibraryError: If submitit is not installed.
        SlurmError: If SLURM refuses.
    """
    try:
        import submitit
    except ImportError as error:
        raise MissingLibraryError("submitit", "slurm", "executor=slurm") from error
    executor = submitit.SlurmExecutor(folder.engine, python=python_command(slurm))
    executor.update_parameters(**_parameters(folder, slurm, n_at_once or n_bundles))
    elements = [
        Element(store, folder.root.name, number, slurm.cpus, slurm.minutes, "slurm") for number in range(n_bundles)
    ]
    try:
        jobs = executor.map_array(run_bundle, elements)
    except submitit.core.utils.FailedJobError as error:
        raise SlurmError(f"SLURM refused the array: {' '.join(str(error).split())}") from error
    return str(jobs[0].job_id).partition("_")[0]


def python_command(slurm: SlurmSettings) -> str:
    """What starts Python on a node: this environment's, inside the container's command if there is one."""
    return f"{slurm.container} {shlex.quote(sys.executable)}".strip()


def sbatch_options(slurm: SlurmSettings) -> dict[str, Any]:
    """What is asked for an element, by the names of sbatch's options."""
    named = {name: getattr(slurm, name) for name in ("partition", "account", "qos", "gres", "constraint")}
    asked = {name: value for name, value in named.items() if value}
    if slurm.memory_mib is not None:
        asked["mem"] = f"{slurm.memory_mib}M"
    return asked | {"time": slurm.minutes, "cpus-per-task": slurm.cpus}


def _parameters(folder: LaunchFolder, slurm: SlurmSettings, n_at_once: int) -> dict[str, Any]:
    """Of submitit; Python runs in the batch script itself, and asks there to go on, where SLURM's commands are."""
    again = shlex.quote(str(folder.root / "again"))
    return {
        "job_name": job_name(folder.root.name),
        "time": slurm.minutes,
        "array_parallelism": n_at_once,
        "use_srun": False,
        "stderr_to_stdout": True,
        "setup": [f"export {BEGAN}=$(date +%s)", *slurm.setup],
        "teardown": [
            "status=$?",
            f"if [ -e {again}/${{SLURM_ARRAY_TASK_ID:-0}} ]; then",
            "    scontrol requeue ${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_}${SLURM_ARRAY_TASK_ID:-$SLURM_JOB_ID}",
            "fi",
            "exit $status",
        ],
        "additional_parameters": sbatch_options(slurm) | {"requeue": True},
    }
