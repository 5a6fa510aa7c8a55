"""The timing pass: fit chosen configurations again, alone, each time in a fresh process, and take medians."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tabbench.metrics import error_of
from tabbench.model import Part
from tabbench.protocol import PrunerKind
from tabbench.results import Status
from tabbench.runner.ending import end_trial
from tabbench.runner.fit_child import FitChild
from tabbench.runner.fitted_model import measure_fitted
from tabbench.runner.fitting import FitRequest, FitServer
from tabbench.runner.job import Job
from tabbench.runner.members import Members
from tabbench.runner.rows import TrialFacts, now
from tabbench.runner.supervisor import open_job
from tabbench.store.documents import write_document
from tabbench.timings import TimingRow
from tabbench.tuning.pruning import Pruning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tabbench.model import Model
    from tabbench.runner.ending import EndedFit
    from tabbench.runner.fitting import Costs, FitData
    from tabbench.runner.rows import JobFacts
    from tabbench.runner.supervisor import Bench
    from tabbench.task import Array, IntArray

WARM_UP = -2
"""Number of the inner fold that a fresh process fits first: a few rows, for what libraries do when first used."""
WARM_UP_ROWS, WARM_UP_STEPS, WARM_UP_SECONDS = 100, 3, 60.0


class TimedTrial(NamedTuple):
    """A stored trial that is to be timed.

    Attributes:
        config: Canonical JSON.
        seconds: Limit that it ran under.
    """

    number: int
    attempt: int
    config: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class TimingJob(Job):
    """Trials of one job that are to be timed, each `n_repeats` times."""

    timed: tuple[TimedTrial, ...] = ()
    n_repeats: int = 3


def time_job(job: Job, bench: Bench) -> None:
    """Time the trials of a job and store a row of each.

    Raises:
        StopRequested: If a watched connection has news.
        TabbenchError: If the task, the model or the store cannot be used.
    """
    assert isinstance(job, TimingJob)
    facts, model = open_job(job, bench)
    for trial in job.timed:
        row = _time_trial(facts, model, trial, bench)
        write_document(bench.store, "all_timings", row)
        bench.report(row)


class _Alone(Members):
    """Fits a trial in a process that has fitted a few rows before, and measures the fitted models."""

    def _start(self, data: Mapping[int, FitData]) -> FitChild:
        first = next(iter(data.values()))
        server = FitServer({**data, WARM_UP: _few_rows(first)}, measure_fitted)
        child = FitChild(server.answer, self._watch, self._facts.limits.memory_mib)
        child.ask(FitRequest(WARM_UP, self._model.default, seed=0, deadline=None), WARM_UP_SECONDS)
        return child if child.is_alive else FitChild(server.answer, self._watch, self._facts.limits.memory_mib)


def _few_rows(data: FitData) -> FitData:
    """Few rows of each part, and a cap on the steps."""

    def cut(part: Part) -> Part:
        rows = rows_for_warming_up(part.y)
        return Part(part.X.iloc[rows], part.y[rows])

    return replace(
        data,
        train=cut(data.train),
        stop=None if data.stop is None else cut(data.stop),
        X_valid=None,
        X_test=data.X_test.iloc[:WARM_UP_ROWS],
        context=replace(data.context, max_steps=WARM_UP_STEPS),
    )


def rows_for_warming_up(y: Array) -> IntArray:
    """Rows from all over a part, and the first of each class or number that few rows have: a fit to one does nothing.

    Args:
        y: Targets of the part, shape (n_rows,); rows may stand in their order.

    Returns:
        Row numbers, ascending, at most 2 `WARM_UP_ROWS`.
    """
    first_of_each = np.unique(y, return_index=True)[1][:WARM_UP_ROWS]
    spread = np.linspace(0, len(y) - 1, min(len(y), WARM_UP_ROWS)).astype(np.int64)
    rows: IntArray = np.union1d(spread, first_of_each)
    return rows


def _time_trial(facts: JobFacts, model: type[Model], timed: TimedTrial, bench: Bench) -> TimingRow:
    """Fit a trial several times, until one does not end well."""
    assert isinstance(facts.job, TimingJob)
    started_at, load = now(), _load()
    trial = TrialFacts(timed.number, timed.attempt, json.loads(timed.config), started_at, timed.seconds)
    times: list[Sequence[EndedFit]] = []
    status, reason = Status.OK, None
    while status is Status.OK and len(times) < facts.job.n_repeats:
        members = _Alone(facts, model, Pruning(PrunerKind.NONE, facts.job.job_id), bench.watch)
        try:
            fits = members.fit(trial)
        finally:
            members.close()
        times.append(fits)
        ending = end_trial(facts.data, facts.rows, fits)
        status, reason = ending.status, ending.reason
    return TimingRow(
        job_id=facts.job.job_id,
        trial=timed.number,
        attempt=timed.attempt,
        model=facts.card.name,
        source_hash=facts.job.model.source_hash,
        task=facts.job.task,
        repeat=facts.job.repeat,
        fold=facts.job.fold,
        status=status,
        reason=reason,
        n_repeats=len(times),
        n_fits=len(times[-1]),
        n_train=max(len(fold.fit) for fold in facts.rows.fits),
        n_test=len(facts.rows.test),
        valid_error=error_of(ending.valid, facts.metric),
        **(_medians(times) if status is Status.OK else dict.fromkeys(MEASURES)),
        n_threads=facts.job.protocol.n_threads,
        n_beside=1,
        load=load,
        environment_id=facts.worker.environment_id,
        worker_id=facts.worker.worker_id,
        made_at=started_at,
    )


MEASURES = (
    "fit_seconds", "fit_seconds_each", "predict_seconds", "predict_row_seconds", "cpu_seconds", "peak_memory_mib",
    "model_bytes", "no_model_bytes",
)  # fmt: skip


def _medians(times: Sequence[Sequence[EndedFit]]) -> dict[str, Any]:
    """Medians over the times of sums over the fits; sizes are those of the last time."""
    replies = [[fit.reply for fit in fits if fit.reply is not None] for fits in times]
    costs = [[reply.costs for reply in one] for one in replies]
    fitted = [[reply.fitted for reply in one if reply.fitted is not None] for one in replies]
    fit_seconds = [sum(c.prepare_seconds + c.fit_seconds for c in one) for one in costs]
    sizes = [model.n_bytes for model in fitted[-1] if model.n_bytes is not None]
    is_whole = len(sizes) == len(fitted[-1])
    return {
        "fit_seconds": median(fit_seconds),
        "fit_seconds_each": tuple(fit_seconds),
        "predict_seconds": median(sum(c.predict_test_seconds for c in one) for one in costs),
        "predict_row_seconds": median(sum(model.predict_row_seconds for model in one) for one in fitted),
        "cpu_seconds": median(sum(c.cpu_seconds for c in one) for one in costs),
        "peak_memory_mib": _peak(costs),
        "model_bytes": sum(sizes) if is_whole else None,
        "no_model_bytes": None if is_whole else next(model.no_bytes for model in fitted[-1] if model.n_bytes is None),
    }


def _peak(costs: Sequence[Sequence[Costs]]) -> float | None:
    known = [[c.peak_memory_mib for c in one if c.peak_memory_mib is not None] for one in costs]
    return median(max(one) for one in known) if all(known) else None


def _load() -> float | None:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
