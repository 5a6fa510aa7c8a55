"""What a store already holds, for planning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tabbench.results import Status
from tabbench.store.past_costs import PastCost, past_costs

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from tabbench.protocol import Limits
    from tabbench.results import TrialRow
    from tabbench.store.layout import Store


ENDED_WELL = (Status.OK, Status.PRUNED)
"""Statuses of trials that took their seconds for good."""


class HeldTrial(NamedTuple):
    """The last attempt of a trial, as far as planning asks.

    Attributes:
        fit_seconds, total_seconds: Of one that failed. None for others, so that those are alike: a store has millions.
    """

    status: Status
    attempt: int
    source_hash: str
    limit_trial_seconds: float | None = None
    limit_job_seconds: float | None = None
    limit_memory_mib: float | None = None
    fit_seconds: float | None = None
    total_seconds: float | None = None

    @classmethod
    def of(cls, row: TrialRow) -> HeldTrial:
        """What planning asks of a stored row."""
        held = cls(*(getattr(row, name) for name in cls._fields))
        return held._replace(fit_seconds=None, total_seconds=None) if row.status in ENDED_WELL else held

    def is_done(self, source_hash: str, limits: Limits) -> bool:
        """Whether it need not be run again under these limits with this source.

        >>> from tabbench.protocol import Limits
        >>> HeldTrial(Status.TIMEOUT, 1, "s", limit_trial_seconds=10.0).is_done("s", Limits(trial_seconds=20.0))
        False
        """
        if self.status is Status.UNAVAILABLE:
            return False
        if self.status is Status.ERROR:
            return self.source_hash == source_hash
        if self.status is Status.TIMEOUT:
            return not self._has_more_time(limits)
        if self.status is Status.MEMORY:
            return _is_no_larger(limits.memory_mib, self.limit_memory_mib)
        return True

    def _has_more_time(self, limits: Limits) -> bool:
        """Whether a trial that ran out of time has more of it under these limits.

        One that was ended before its own limit had been given what was left of its job's seconds.
        """
        seconds, own = self.fit_seconds or 0.0, self.limit_trial_seconds
        if self.limit_job_seconds is None or (own is not None and seconds >= own):
            return not _is_no_larger(limits.trial_seconds, own)
        has_left = not _is_no_larger(limits.job_seconds, self.limit_job_seconds)
        return has_left and not _is_no_larger(limits.trial_seconds, seconds)


def _is_no_larger(asked: float | None, failed_under: float | None) -> bool:
    return failed_under is None or (asked is not None and asked <= failed_under)


@dataclass
class JobProgress:
    """What is held of one job.

    Attributes:
        trials: The last attempt of each trial, by trial number.
        well_seconds: Sum of `total_seconds` of those that ended well; the others know their own.
    """

    trials: dict[int, HeldTrial] = field(default_factory=dict)
    well_seconds: float = 0.0

    @classmethod
    def of(cls, rows: Iterable[TrialRow]) -> JobProgress:
        """What planning asks of the last attempts of a job's trials."""
        progress = cls()
        for row in rows:
            progress.trials[row.trial] = HeldTrial.of(row)
            progress.well_seconds += (row.total_seconds or 0.0) if row.status in ENDED_WELL else 0.0
        return progress


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
    has_failed = f"status NOT IN {tuple(map(str, ENDED_WELL))}"
    of_failed = {name: f"if({has_failed}, {name}, NULL)" for name in ("fit_seconds", "total_seconds")}
    well_seconds = f"if({has_failed}, 0, coalesce(total_seconds, 0))"
    columns = ", ".join(["job_id", "trial", well_seconds, *(of_failed.get(name, name) for name in HeldTrial._fields)])
    same: dict[HeldTrial, HeldTrial] = {}  # most trials of a store end alike: one object for all of them
    found: dict[str, JobProgress] = {}
    cursor = con.execute(f"SELECT {columns} FROM trials ORDER BY job_id, trial")
    while rows := cursor.fetchmany(100_000):
        for job_id, trial, seconds, status, *rest in rows:
            held = HeldTrial(Status(status), *rest)
            progress = found.setdefault(job_id, JobProgress())
            progress.trials[trial] = same.setdefault(held, held)
            progress.well_seconds += seconds
    return found
