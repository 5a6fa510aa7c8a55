"""What a store already holds, for planning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tabbench.results import Status
from tabbench.store.past_costs import PastCost, past_costs

if TYPE_CHECKING:
    import duckdb

    from tabbench.results import TrialRow
    from tabbench.store.layout import Store


class HeldTrial(NamedTuple):
    """The last attempt of a trial, as far as planning asks."""

    status: Status
    attempt: int
    source_hash: str
    limit_trial_seconds: float | None
    limit_memory_mib: float | None

    @classmethod
    def of(cls, row: TrialRow) -> HeldTrial:
        """What planning asks of a stored row."""
        return cls(*(getattr(row, name) for name in cls._fields))

    def is_done(self, source_hash: str, trial_seconds: float | None = None, memory_mib: float | None = None) -> bool:
        """Whether it need not be run again under these limits (None: no limit) with this source.

        >>> HeldTrial(Status.TIMEOUT, 1, "s", 10.0, None).is_done("s", trial_seconds=20.0)
        False
        """
        if self.status is Status.UNAVAILABLE:
            return False
        if self.status is Status.ERROR:
            return self.source_hash == source_hash
        if self.status is Status.TIMEOUT:
            return _is_no_larger(trial_seconds, self.limit_trial_seconds)
        if self.status is Status.MEMORY:
            return _is_no_larger(memory_mib, self.limit_memory_mib)
        return True


def _is_no_larger(asked: float | None, failed_under: float | None) -> bool:
    return failed_under is None or (asked is not None and asked <= failed_under)


@dataclass
class JobProgress:
    """What is held of one job: the last attempt of each trial, by trial number, and the seconds they took."""

    trials: dict[int, HeldTrial] = field(default_factory=dict)
    total_seconds: float = 0.0


class Held(NamedTuple):
    """What a store holds, for planning.

    Attributes:
        jobs: By job id; jobs without a finished trial are absent.
        costs: What its trials cost.
    """

    jobs: dict[str, JobProgress] = {}  # noqa: RUF012 - never changed
    costs: tuple[PastCost, ...] = ()


def done_trials(store: Store) -> Held:
    """What a store holds of every job, and what that cost.

    Raises:
        StoreError: If a later version of tabbench wrote the store.
    """
    from tabbench.store.database import open_database

    if not store.exists or store.is_empty:
        return Held()
    with open_database(store) as con:
        return Held(_progress(con), past_costs(con))


def _progress(con: duckdb.DuckDBPyConnection) -> dict[str, JobProgress]:
    columns = ", ".join(("job_id", "trial", "coalesce(total_seconds, 0)", *HeldTrial._fields))
    same: dict[HeldTrial, HeldTrial] = {}  # most trials of a store end alike: one object for all of them
    found: dict[str, JobProgress] = {}
    cursor = con.execute(f"SELECT {columns} FROM trials ORDER BY job_id, trial")
    while rows := cursor.fetchmany(100_000):
        for job_id, trial, seconds, status, *rest in rows:
            held = HeldTrial(Status(status), *rest)
            progress = found.setdefault(job_id, JobProgress())
            progress.trials[trial] = same.setdefault(held, held)
            progress.total_seconds += seconds
    return found
