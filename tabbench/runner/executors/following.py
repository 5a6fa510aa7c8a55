"""Wait for the elements of a launch to end, and say how far they are."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from tabbench.runner.executors.slurm_commands import SlurmError, alive, element_states

if TYPE_CHECKING:
    from tabbench.store.launches import Launch

SHORTEST_WAIT, LONGEST_WAIT, GROWTH = 1.0, 30.0, 1.1
"""Seconds between two looks: often at first, seldom for runs of hours, since each is a question to the controller."""
MOST_SECONDS_SILENT = 600.0
"""That SLURM may leave questions unanswered: a controller that is started again takes minutes."""


def follow(launch: Launch) -> None:
    """Wait until no element of a launch is queued or running.

    Raises:
        SlurmError: If SLURM has not answered for long.
    """
    told, wait, heard = "", SHORTEST_WAIT, time.monotonic()
    while True:
        try:
            states = element_states(launch.launch_id)
        except SlurmError:
            if time.monotonic() - heard > MOST_SECONDS_SILENT:
                raise
            time.sleep(LONGEST_WAIT)
            continue
        heard = time.monotonic()
        line = _line(launch, states)
        if line != told:
            sys.stderr.write(f"{line}\n")
            told = line
        if not alive(states):
            return
        time.sleep(wait)
        wait = min(wait * GROWTH, LONGEST_WAIT)


def _line(launch: Launch, states: dict[int, str]) -> str:
    living = alive(states)
    n_waiting = sum(states[number] == "PENDING" for number in living)
    n_ended = launch.n_bundles - len(living)
    return f"bundles: {n_waiting} queued, {len(living) - n_waiting} running, {n_ended} of {launch.n_bundles} ended"
