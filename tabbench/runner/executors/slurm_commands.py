"""Ask SLURM by its own commands: what it allows, what has become of an array, and to end one."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from tabbench.errors import TabbenchError

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS = 60.0
"""That a command may take; a controller that fails over answers late."""
ALIVE = frozenset({
    "PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESIZING",
    "SIGNALING", "STAGE_OUT", "STOPPED", "SUSPENDED", "SPECIAL_EXIT",
})  # fmt: skip
"""States of an element that may still do work."""


class SlurmError(TabbenchError):
    """SLURM is not here, does not answer, or refuses."""


def ask(command: Sequence[str], seconds: float = SECONDS) -> str:
    """What a command of SLURM prints.

    Raises:
        SlurmError: If it is not here, fails, or does not answer.
    """
    if shutil.which(command[0]) is None:
        raise SlurmError(
            f"{command[0]} is not here: executor=slurm is for a login node of a SLURM cluster. "
            "On this machine alone, run with executor=local."
        )
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise SlurmError(f"`{' '.join(command)}` has not answered in {seconds:.0f} s. Is the controller up?") from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise SlurmError(f"`{' '.join(command)}` failed: {said}")
    return done.stdout


def job_name(launch_id: str) -> str:
    """What a launch is called in the queue: how it is found even if the launching command died."""
    return f"tabbench-{launch_id}"


def element_states(launch_id: str) -> dict[int, str]:
    """State of each element that SLURM still knows (`PENDING`, `RUNNING`, `FAILED` …), by bundle number.

    Ended elements are known for `MinJobAge`, five minutes by default; what is absent has ended before.

    Raises:
        SlurmError: If SLURM does not answer.
    """
    lines = ask(["squeue", "--noheader", "--array", "--states=all", f"--name={job_name(launch_id)}", "--format=%K|%T"])
    states = {}
    for line in lines.splitlines():
        number, _, state = line.strip().partition("|")
        states[int(number) if number.isdigit() else 0] = state  # one bundle alone is no array
    return states


def alive(states: dict[int, str]) -> set[int]:
    """Numbers of the elements that may still do work."""
    return {number for number, state in states.items() if state in ALIVE}


def cancel(launch_id: str) -> None:
    """End all elements of a launch.

    Raises:
        SlurmError: If SLURM does not answer.
    """
    ask(["scancel", f"--name={job_name(launch_id)}"])


def setting(name: str) -> str:
    """A setting of the cluster (`MaxArraySize` …); empty if it has none of that name.

    Raises:
        SlurmError: If SLURM does not answer.
    """
    match = re.search(rf"^{name}\s*=\s*(\S+)", ask(["scontrol", "show", "config"]), re.MULTILINE)
    return match[1] if match else ""
