"""How far each launch on a cluster is: from its records in the store and, where it answers, from the engine."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.runner.executors.slurm_commands import SlurmError, alive, element_states
from tabbench.store.launches import launch_folder, launches_of

if TYPE_CHECKING:
    from tabbench.store.launches import Launch
    from tabbench.store.layout import Store


CANCELLED = "CANCELLED"
"""What SLURM calls an element that was ended by hand."""


@dataclass(frozen=True)
class LaunchState:
    """One launch as it stands.

    Attributes:
        states: Its bundles by state: `ended`, what the engine calls those that are queued or run, `cancelled`, `died`.
        died: Bundles that neither said how they ended nor are queued or run, nor were cancelled as far as the engine
            remembers; empty where it does not answer.
        jobs_left: Jobs that bundles which have ended left undone.
        failures: Why jobs could not be done at all, and how many.
        unknown: Why the engine could not be asked; empty if it answered.
    """

    launch_id: str
    engine_id: str
    started_at: str
    n_jobs: int
    n_trials: int
    states: dict[str, int]
    died: tuple[int, ...]
    jobs_left: int
    failures: dict[str, int]
    unknown: str = ""

    @property
    def is_under_way(self) -> bool:
        """Whether something of it is queued or runs, or may."""
        return bool(self.unknown) or bool(self.states.keys() - {"ended", "died", "cancelled"})


def launch_states(store: Store) -> list[LaunchState]:
    """The state of every launch in a store, the earliest first.

    Raises:
        StoreError: If a record cannot be read.
    """
    return [_state(store, launch) for launch in launches_of(store)]


def _state(store: Store, launch: Launch) -> LaunchState:
    ends = launch_folder(store, launch.launch_id).ends()
    unknown, states = "", dict[int, str]()
    if len(ends) < launch.n_bundles or any(end.n_left for end in ends.values()):
        try:
            states = element_states(launch.launch_id)
        except SlurmError as error:
            unknown = str(error)
    living = alive(states)
    counts = Counter(states[number] for number in living)
    counts["ended"] = len(ends.keys() - living)
    silent = set(range(launch.n_bundles)) - ends.keys() - living
    cancelled = {number for number in silent if states.get(number) == CANCELLED}
    counts["cancelled"] = len(cancelled)
    counts["unknown" if unknown else "died"] = len(silent - cancelled)
    return LaunchState(
        launch_id=launch.launch_id,
        engine_id=launch.engine_id,
        started_at=launch.started_at,
        n_jobs=launch.n_jobs,
        n_trials=launch.n_trials,
        states={state: n for state, n in sorted(counts.items()) if n},
        died=() if unknown else tuple(sorted(silent - cancelled)),
        jobs_left=sum(end.n_left for number, end in ends.items() if number not in living),
        failures=dict(Counter(failure.reason for end in ends.values() for failure in end.failures)),
        unknown=unknown,
    )
