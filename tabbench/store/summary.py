"""What a store already holds, for planning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tabbench.model import StoppedBy
from tabbench.results import Status
from tabbench.store.past_costs import PastCost, past_costs
from tabbench.store.views import SHARED_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from tabbench.protocol import Limits
    from tabbench.store.layout import Store
    from tabbench.store.records import FinishedTrial


ENDED_WELL = (Status.OK, Status.PRUNED)
"""Statuses of trials that took their seconds for good, unless their time ended one of their fits."""

MORE_SECONDS = 0.001
"""What counts as more time: sums of stored seconds differ by less."""


class Spent(NamedTuple):
    """Seconds of a job.

    Attributes:
        own: Sum over its trials, without what they share.
        shared: Encoding columns and `prepare`, done once a job though each row has them: the most that a row has.
    """

    own: float = 0.0
    shared: float = 0.0

    @property
    def seconds(self) -> float:
        """Both."""
        return self.own + self.shared

    def plus(self, done: FinishedTrial) -> Spent:
        """With one more trial."""
        shared = sum((fit.encode_seconds or 0.0) + (fit.prepare_seconds or 0.0) for fit in done.fits)
        return Spent(self.own + (done.trial.total_seconds or 0.0) - shared, max(self.shared, shared))


class HeldTrial(NamedTuple):
    """The last attempt of a trial, as far as planning asks.

    Attributes:
        is_cut: Whether its time ended one of its fits, which was scored as far as it had come.
        limit_trial_seconds: What it was allowed, or more in rows of before, where its job had less left.
        total_seconds, own_seconds: Of one that may be done again, with what all trials of its job share and without it.
            None for others, so that those are alike: a store has millions.
    """

    status: Status
    attempt: int
    source_hash: str
    is_cut: bool = False
    limit_trial_seconds: float | None = None
    limit_memory_mib: float | None = None
    total_seconds: float | None = None
    own_seconds: float | None = None

    @classmethod
    def of(cls, done: FinishedTrial) -> HeldTrial:
        """What planning asks of a stored trial."""
        row, is_cut = done.trial, any(fit.stopped_by == StoppedBy.DEADLINE for fit in done.fits)
        is_final = row.status in ENDED_WELL and not is_cut
        seconds = (None, None) if is_final else (row.total_seconds, Spent().plus(done).own)
        return cls(
            row.status, row.attempt, row.source_hash, is_cut, row.limit_trial_seconds, row.limit_memory_mib, *seconds
        )

    def is_done(self, source_hash: str, limits: Limits, others_seconds: float = 0.0) -> bool:
        """Whether it need not be run again.

        Args:
            source_hash: Of the model as it is now.
            limits: Those asked for.
            others_seconds: What the other trials of its job have spent.

        >>> from tabbench.protocol import Limits
        >>> HeldTrial(Status.TIMEOUT, 1, "s", limit_trial_seconds=10.0).is_done("s", Limits(trial_seconds=20.0))
        False
        """
        if self.status is Status.UNAVAILABLE:
            return False
        if self.status is Status.ERROR:
            return self.source_hash == source_hash
        if self.status is Status.TIMEOUT or (self.status is Status.OK and self.is_cut):
            return not self._has_more_time(limits, others_seconds)
        if self.status is Status.MEMORY:
            return _is_no_larger(limits.memory_mib, self.limit_memory_mib)
        return True

    def _has_more_time(self, limits: Limits, others_seconds: float) -> bool:
        """Whether it would be given more time now than it had: its own limit, or what the others leave of its job's."""
        had = _least(self.limit_trial_seconds, self.total_seconds if self.status is Status.TIMEOUT else None)
        left = None if limits.job_seconds is None else limits.job_seconds - others_seconds
        given = _least(limits.trial_seconds, left)
        return had is not None and (given is None or given > had + MORE_SECONDS)


def _least(*bounds: float | None) -> float | None:
    return min((bound for bound in bounds if bound is not None), default=None)


def _is_no_larger(asked: float | None, failed_under: float | None) -> bool:
    return failed_under is None or (asked is not None and asked <= failed_under)


@dataclass
class JobProgress:
    """What is held of one job.

    Attributes:
        trials: The last attempt of each trial, by trial number.
        spent: Their seconds.
    """

    trials: dict[int, HeldTrial] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)

    @classmethod
    def of(cls, finished: Iterable[FinishedTrial]) -> JobProgress:
        """What planning asks of the last attempts of a job's trials."""
        progress = cls()
        for done in finished:
            progress.trials[done.trial.trial] = HeldTrial.of(done)
            progress.spent = progress.spent.plus(done)
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
    ended_well = f"status IN {tuple(map(str, ENDED_WELL))} AND NOT is_cut"
    seconds = {"total_seconds": "total_seconds", "own_seconds": "own"}
    how = {name: f"if({ended_well}, NULL, {column})" for name, column in seconds.items()}
    columns = ", ".join(how.get(name, name) for name in HeldTrial._fields)
    same: dict[HeldTrial, HeldTrial] = {}  # most trials of a store end alike: one object for all of them
    found: dict[str, JobProgress] = {}
    cursor = con.execute(f"""
        WITH cost AS (
            SELECT job_id, trial, attempt, bool_or(stopped_by = '{StoppedBy.DEADLINE}') AS is_cut,
                {SHARED_SECONDS} AS shared
            FROM all_fits GROUP BY ALL
        ), known AS (
            SELECT t.*, coalesce(is_cut, false) AS is_cut, coalesce(shared, 0) AS shared,
                coalesce(total_seconds, 0) - coalesce(shared, 0) AS own
            FROM trials t LEFT JOIN cost USING (job_id, trial, attempt)
        )
        SELECT job_id, trial, own, shared, {columns} FROM known ORDER BY job_id, trial""")
    while rows := cursor.fetchmany(100_000):
        for job_id, trial, own, shared, status, *rest in rows:
            held = HeldTrial(Status(status), *rest)
            progress = found.setdefault(job_id, JobProgress())
            progress.trials[trial] = same.setdefault(held, held)
            progress.spent = Spent(progress.spent.own + own, max(progress.spent.shared, shared))
    return found
