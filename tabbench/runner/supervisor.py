"""Do one job: draw configurations, have a fit child fit them, score, and write every trial down.

The supervisor never fits. It holds the sampler, the labels, the scoring and the journal. It is idempotent: a job
begun before goes on where the store says it stopped.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tabbench.discovery import load_model
from tabbench.hashing import canonical_json
from tabbench.results import Status
from tabbench.runner.ending import end_trial
from tabbench.runner.members import Members
from tabbench.runner.parts import cut_rows, facts_on, load_on_split, load_planned
from tabbench.runner.refusal import refusal
from tabbench.runner.rows import JobFacts, TrialFacts, finished_trial, now
from tabbench.store.history import finish_job, read_job
from tabbench.store.journal import Journal
from tabbench.store.summary import JobProgress
from tabbench.tuning.draws import Told
from tabbench.tuning.named_space import with_space
from tabbench.tuning.pruning import Pruning
from tabbench.tuning.samplers import make_draws

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

    from tabbench.documents import WorkerRow
    from tabbench.model import Model, TaskFacts
    from tabbench.results import TrialRow
    from tabbench.runner.ending import Ending
    from tabbench.runner.job import Job
    from tabbench.store.layout import Store
    from tabbench.store.records import FinishedTrial
    from tabbench.timings import TimingRow


@dataclass(frozen=True, eq=False)
class Bench:
    """Where a supervisor works: its name, its store, its neighbours, and whom to watch and tell."""

    worker: WorkerRow
    store: Store
    n_beside: int = 1
    watch: Sequence[Connection] = ()
    report: Callable[[TrialRow | TimingRow], None] = lambda row: None
    stop_at: float | None = None  # on the monotonic clock: no trial is begun after it

    @property
    def is_time_up(self) -> bool:
        """Whether no further trial is to begin."""
        return self.stop_at is not None and time.monotonic() >= self.stop_at


def run_job(job: Job, bench: Bench) -> None:
    """Run what the store does not hold of a job, then turn its journal into a shard.

    Raises:
        StopRequested: If a watched connection has news.
        TabbenchError: If the task, the model or the store cannot be used.
    """
    facts, model = open_job(job, bench)
    journal = Journal.open(bench.store, job.job_id, bench.worker.worker_id)
    try:
        _Trials(facts, model, facts_on(facts.data, facts.rows), journal, bench).run()
    finally:
        journal.close()
    finish_job(bench.store, job.job_id, bench.worker.worker_id)


def open_job(job: Job, bench: Bench) -> tuple[JobFacts, type[Model]]:
    """The task, rows and model of a job.

    Raises:
        TabbenchError: If the task or the model cannot be used.
    """
    model = load_model(job.model)
    data = load_planned(job)
    rows = cut_rows(data, job)
    data = load_on_split(job)
    metric = job.protocol.primary_metric(data.task)
    return JobFacts(job, model.card, bench.worker, data, rows, metric, bench.n_beside), model


class _Trials:
    """The trials of one job, in order; each is drawn, then found in the store or fitted, then told."""

    def __init__(
        self, facts: JobFacts, model: type[Model], task_facts: TaskFacts, journal: Journal, bench: Bench
    ) -> None:
        self._facts, self._model, self._task_facts = facts, model, task_facts
        self._drawn_from = with_space(model, facts.job.protocol.sampler.space)
        self._journal, self._bench = journal, bench
        self._stored = {done.trial.trial: done for done in read_job(bench.store, facts.job.job_id)}
        self._held = JobProgress.of(self._stored.values())
        self._spent = facts.job.spent(self._held)
        self._pruning = Pruning(facts.job.protocol.pruner, facts.job.job_id)
        self._members = Members(facts, model, self._pruning, bench.watch)

    def run(self) -> None:
        refused = refusal(self._model, self._task_facts) or self._members.refusal()
        if refused is not None:
            self._refuse(refused)
            return
        try:
            self._run_all()
        finally:
            self._members.close()

    def _refuse(self, ending: Ending) -> None:
        """Write down, once, why the model is not fitted at all."""
        config = dict(self._drawn_from.default)
        if 0 in self._facts.job.numbers and not self._is_held(0, config):
            self._write(finished_trial(self._facts, self._new_trial(0, config), ending))

    def _run_all(self) -> None:
        job, limits = self._facts.job, self._facts.limits
        draws = make_draws(job.protocol.sampler, self._drawn_from, self._task_facts, job.job_id)
        for number in job.numbers:
            drawn = {} if number == 0 else draws.ask(number)
            if drawn is None:
                return
            config = {**self._drawn_from.default, **drawn}
            self._pruning.begin()
            if self._is_held(number, config):
                done = self._stored[number]
            elif self._bench.is_time_up or (
                limits.job_seconds is not None and self._spent.seconds >= limits.job_seconds
            ):
                return
            else:
                done = self._fit(self._new_trial(number, config))
            seen = self._pruning.end(done.trial, done.fits)
            if number > 0:
                draws.tell(number, Told(done.trial.valid_error, done.trial.status is Status.PRUNED, seen))

    def _is_held(self, number: int, config: dict[str, Any]) -> bool:
        done = self._stored.get(number)
        if done is None or done.trial.config != canonical_json(config):
            return False
        return self._facts.job.holds(self._held.trials[number], self._held)

    def _new_trial(self, number: int, config: dict[str, Any]) -> TrialFacts:
        done = self._stored.get(number)
        return TrialFacts(number, done.trial.attempt + 1 if done else 1, config, now(), self._seconds_left())

    def _fit(self, trial: TrialFacts) -> FinishedTrial:
        fits = self._members.fit(trial)
        ending = end_trial(self._facts.data, self._facts.rows, fits)
        if not self._facts.job.protocol.keep_predictions:
            ending = replace(ending, predictions=())
        return self._write(finished_trial(self._facts, trial, ending, fits))

    def _write(self, finished: FinishedTrial) -> FinishedTrial:
        self._journal.append(finished)
        self._spent = self._spent.plus(finished)
        self._bench.report(finished.trial)
        return finished

    def _seconds_left(self) -> float | None:
        limits = self._facts.limits
        left = None if limits.job_seconds is None else max(limits.job_seconds - self._spent.seconds, 0.0)
        bounds = [s for s in (limits.trial_seconds, left) if s is not None]
        return min(bounds) if bounds else None
