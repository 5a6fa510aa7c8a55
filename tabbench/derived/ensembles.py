"""Regime `tuned_ensembled`: weigh the kept predictions of each job, once, and keep what came out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from tabbench.derived.kept import read_kept
from tabbench.derived_results import EnsembleRow
from tabbench.errors import DataError
from tabbench.hashing import content_id
from tabbench.metrics import error_of, score
from tabbench.store.database import open_database
from tabbench.store.documents import write_document
from tabbench.tuning.ensembling import N_STEPS, blend, select_greedily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tabbench.store.layout import Store

ROWS_A_FILE = 100
"""So many rows are written together: what a stop in between may lose."""


class Pool(NamedTuple):
    """What one ensemble is chosen from, and by what.

    Attributes:
        job_ids: One job for a single model; for a portfolio the jobs of its models on one split.
        metric: What the selection improves on valid.
    """

    job_ids: tuple[str, ...]
    metric: str

    @property
    def ensemble_id(self) -> str:
        """Hash of the jobs, whatever their order, the metric and the steps."""
        return content_id([sorted(self.job_ids), self.metric, N_STEPS])


class Made(NamedTuple):
    """What became of the ensembles asked for: how many are new, how many were held, why some could not be made."""

    n_new: int
    n_held: int
    notices: tuple[str, ...]


def make_ensembles(
    store: Store, pools: Iterable[Pool], report: Callable[[int, int], None] = lambda done, of: None
) -> Made:
    """Make and keep the ensembles that the store does not hold, or that were made before their jobs had other trials.

    A job that kept no predictions, or whose task is not here, is told in the notices.

    Args:
        store: A store that can be written.
        pools: What to choose from.
        report: Called with the number done and the number to do.

    Raises:
        StoreError: If the store cannot be read or written.
        UnknownNameError: If there is no such metric.
        SettingsError: If a metric does not fit a task.
    """
    wanted = list(pools)
    inputs, held = _held(store)
    new = [pool for pool in wanted if (pool.ensemble_id, _inputs(pool, inputs)) not in held]
    rows: list[EnsembleRow] = []
    failures: Counter[str] = Counter()
    for done, pool in enumerate(new):
        report(done, len(new))
        try:
            rows.append(ensemble_of(store, pool, _inputs(pool, inputs)))
        except DataError as error:
            failures[str(error)] += 1
        if len(rows) == ROWS_A_FILE or (rows and done == len(new) - 1):
            write_document(store, "all_ensembles", rows)
            rows = []
    if new:
        report(len(new), len(new))
    notices = tuple(f"No ensemble of {n} job{'s' * (n > 1)}: {why}." for why, n in failures.items())
    return Made(len(new) - failures.total(), len(wanted) - len(new), notices)


def ensemble_of(store: Store, pool: Pool, inputs: tuple[str, ...]) -> EnsembleRow:
    """Select from all scored trials of the pool's jobs.

    Args:
        store: Where they are.
        pool: Jobs and metric.
        inputs: Their hashes, from the view `job_inputs`.

    Raises:
        DataError: If predictions or labels are missing, or the jobs are of different splits.
    """
    jobs = [read_kept(store, job_id) for job_id in pool.job_ids]
    first = jobs[0]
    trials = [trial for job in jobs for trial in job.trials]
    if any(job.rows != first.rows for job in jobs):
        raise DataError("the jobs predicted different rows")
    ensemble = select_greedily(first.y_valid, [t.valid for t in trials], pool.metric, first.task_type)
    members = [trials[i] for i in ensemble.members]
    valid = score(first.y_valid, blend([t.valid for t in members], ensemble.weights), first.task_type)
    test = score(first.y_test, blend([t.test for t in members], ensemble.weights), first.task_type)
    return EnsembleRow(
        ensemble_id=pool.ensemble_id,
        job_ids=pool.job_ids,
        inputs=inputs,
        metric=pool.metric,
        max_steps=N_STEPS,
        member_jobs=tuple(t.row.job_id for t in members),
        member_trials=tuple(t.row.trial for t in members),
        member_weights=ensemble.weights,
        n_candidates=len(trials),
        valid_error=error_of(valid, pool.metric),
        test_error=error_of(test, pool.metric),
        valid=valid,
        test=test,
        made_at=datetime.now(UTC),
    )


def _inputs(pool: Pool, inputs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(inputs.get(job_id, "") for job_id in pool.job_ids)


def _held(store: Store) -> tuple[dict[str, str], set[tuple[str, tuple[str, ...]]]]:
    """The hash of each job's candidates, and what was made from which."""
    with open_database(store) as con:
        inputs = dict(con.execute("SELECT job_id, input FROM job_inputs").fetchall())
        held = con.execute("SELECT ensemble_id, inputs FROM all_ensembles").fetchall()
    return inputs, {(found, tuple(of)) for found, of in held}
