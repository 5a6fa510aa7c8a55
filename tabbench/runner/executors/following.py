"""Wait for the elements of a launch to end, and say how far they are."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from tabbench.runner.executors.slurm_commands import SlurmError, alive, element_states
from tabbench.store.launches import launch_folder

if TYPE_CHECKING:
    from tabbench.store.launches import Launch
    from tabbench.store.layout import Store

SECONDS_BETWEEN_LOOKS = 5.0
MOST_SILENT_LOOKS = 60
"""Looks in a row that SLURM may leave unanswered: a controller that is started again takes minutes."""


def follow(store: Store, launch: Launch) -> None:
    """Wait until no element of a launch is queued or running.

    Raises:
        SlurmError: If SLURM has not answered for long.
    """
    told, n_silent = "", 0
    while True:
        try:
            states, n_silent = element_states(launch.launch_id), 0
        except SlurmError:
            n_silent += 1
            if n_silent > MOST_SILENT_LOOKS:
                raise
            time.sleep(SECONDS_BETWEEN_LOOKS)
            continue
        line = _line(store, launch, states)
        if line != told:
            sys.stderr.write(f"{line}\n")
            told = line
        if not alive(states):
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _line(store: Store, launch: Launch, states: dict[int, str]) -> str:
    ends = launch_folder(store, launch.launch_id).ends()
    living = alive(states)
    n_waiting = sum(states[number] == "PENDING" for number in living)
    n_jobs = sum(end.n_done for number, end in ends.items() if number not in living)
    return (
        f"bundles: {n_waiting} queued, {len(living) - n_waiting} running, {launch.n_bundles - len(living)} ended; "
        f"jobs done in those that ended: {n_jobs} of {launch.n_jobs}"
    )
