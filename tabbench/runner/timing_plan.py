"""Which stored trials a timing pass takes: the chosen ones on the first split of each task that are not timed yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from tabbench.data.cache.documents import from_json
from tabbench.discovery import find_models, resolve_models
from tabbench.errors import DataError, UnknownNameError
from tabbench.protocol import Limits, Protocol
from tabbench.runner.timing import TimedTrial, TimingJob
from tabbench.store.database import open_database
from tabbench.task import SplitRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from tabbench.discovery import ModelSource
    from tabbench.store.layout import Store

REGIMES = ("default", "tuned")


@dataclass(frozen=True)
class TimingPlan:
    """What is to be timed.

    Attributes:
        n_held: Chosen trials that have a timing already.
        notices: What is not taken, a sentence each.
    """

    jobs: tuple[TimingJob, ...]
    n_held: int
    notices: tuple[str, ...]

    @property
    def n_trials(self) -> int:
        """Trials to time."""
        return sum(len(job.timed) for job in self.jobs)


class _Chosen(NamedTuple):
    """A row of `_QUERY`."""

    job_id: str
    trial: int
    attempt: int
    config: str
    model: str
    source_hash: str
    task: str
    task_hash: str
    splits_hash: str
    repeat: int
    fold: int
    protocol: str
    protocol_id: str
    limit_trial_seconds: float | None
    limit_memory_mib: float | None
    settings: str | None
    split_rule: str | None
    is_timed: bool


_QUERY = f"""
    WITH first AS (
        SELECT DISTINCT {", ".join(name for name in _Chosen._fields[:15])} FROM (
            SELECT *, dense_rank() OVER (
                PARTITION BY model, source_hash, task_hash, splits_hash, protocol_id ORDER BY repeat, fold
            ) AS nth
            FROM best_trials
            WHERE list_contains($regimes::varchar[], regime)
                AND task NOT IN (SELECT task FROM suites WHERE NOT is_ranked)
                AND ($suite::varchar IS NULL OR task IN (SELECT task FROM suites WHERE suite = $suite))
        ) WHERE nth = 1
    )
    SELECT first.*, p.settings, t.split_rule, (job_id, trial, attempt) IN (SELECT (job_id, trial, attempt) FROM timings)
    FROM first
        LEFT JOIN (SELECT protocol_id, any_value(settings) AS settings FROM protocols GROUP BY ALL) p
            USING (protocol_id)
        LEFT JOIN (SELECT task_hash, splits_hash, any_value(split_rule) AS split_rule FROM tasks GROUP BY ALL) t
            USING (task_hash, splits_hash)
    ORDER BY model, task, job_id, trial
"""


def plan_timings(
    store: Store,
    suite: str | None = None,
    models: Sequence[str] = (),
    regimes: Sequence[str] = REGIMES,
    n_repeats: int = 3,
    again: bool = False,
) -> TimingPlan:
    """Take the trials that each regime reads, on the first split of each task that the store has.

    Args:
        store: The store.
        suite: Only its tasks.
        models: Only these, by name or path of their file; empty for all.
        regimes: `default`, `tuned` or both.
        n_repeats: Times that each is to be fitted.
        again: Take what has a timing too.

    Raises:
        UnknownNameError: If the store has no such suite or model.
        StoreError: If there is no store.
    """
    sources = _sources(models)
    with open_database(store) as connection:
        _check_names(connection, suite, sources if models else {})
        values = {"regimes": list(regimes), "suite": suite}
        rows = [_Chosen(*row) for row in connection.execute(_QUERY, values).fetchall()]
    jobs: list[TimingJob] = []
    notices: dict[str, None] = {}
    n_held = 0
    for row in rows:
        if models and row.model not in sources:
            continue
        if row.is_timed and not again:
            n_held += 1
            continue
        why_not = _why_not(row, sources)
        if why_not:
            notices[why_not] = None
        elif jobs and jobs[-1].job_id == row.job_id:
            jobs[-1] = replace(jobs[-1], timed=(*jobs[-1].timed, _trial(row)))
        else:
            jobs.append(_job(row, sources[row.model], n_repeats))
    same = _of_one_thread_count(jobs)
    if len(same) < len(jobs):
        notices["Jobs with another number of threads are left for the next call of the same command."] = None
    return TimingPlan(same, n_held, tuple(notices))


def _of_one_thread_count(jobs: Sequence[TimingJob]) -> tuple[TimingJob, ...]:
    """The jobs with the fewest threads: libraries read that number once a process, when they are loaded."""
    fewest = min((job.protocol.n_threads for job in jobs), default=1)
    return tuple(job for job in jobs if job.protocol.n_threads == fewest)


def _sources(models: Sequence[str]) -> dict[str, ModelSource]:
    return {source.name: source for source in resolve_models(models, where="--models")} if models else find_models()


def _check_names(connection: duckdb.DuckDBPyConnection, suite: str | None, models: Iterable[str]) -> None:
    known = {row[0] for row in connection.execute("SELECT DISTINCT suite FROM suites").fetchall()}
    if suite is not None and suite not in known:
        raise UnknownNameError("suite", suite, sorted(known), where="--suite, among those in this store")
    stored = {row[0] for row in connection.execute("SELECT DISTINCT model FROM trials").fetchall()}
    for model in models:
        if model not in stored:
            raise UnknownNameError("model", model, sorted(stored), where="--models, among those in this store")


def _why_not(row: _Chosen, sources: dict[str, Any]) -> str | None:
    if row.model not in sources:
        return f"Model {row.model} is not installed here. Name its file: --models {row.model}.py."
    if sources[row.model].source_hash != row.source_hash:
        return f"Model {row.model} has another source than some of its rows; those are not timed. Run them again."
    if row.settings is None or row.split_rule is None:
        return f"The store does not say how {row.task} was split or under which protocol. It is not timed."
    if _protocol(row).protocol_id != row.protocol_id:
        return f"Protocol {row.protocol_id} was written by another release of tabbench. Its rows are not timed."
    return None


def _protocol(row: _Chosen) -> Protocol:
    limits = Limits(None, row.limit_trial_seconds, None, row.limit_memory_mib)
    try:
        stored = from_json(Protocol, (row.settings or "").encode(), f"protocol {row.protocol_id}")
    except DataError:  # a later release knows more settings
        stored = Protocol(name="unknown", seed=-1)
    return replace(stored, name=row.protocol, limits=limits)


def _job(row: _Chosen, source: ModelSource, n_repeats: int) -> TimingJob:
    return TimingJob(
        job_id=row.job_id,
        task=row.task,
        task_hash=row.task_hash,
        splits_hash=row.splits_hash,
        split_rule=from_json(SplitRule, (row.split_rule or "").encode(), f"the split rule of {row.task}"),
        repeat=row.repeat,
        fold=row.fold,
        model=source,
        protocol=_protocol(row),
        timed=(_trial(row),),
        n_repeats=n_repeats,
    )


def _trial(row: _Chosen) -> TimedTrial:
    return TimedTrial(row.trial, row.attempt, row.config, row.limit_trial_seconds)
