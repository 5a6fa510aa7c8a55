"""Do one job: draw configurations, have a fit child fit them, score, and write every trial down.

The supervisor never fits. It holds the sampler, the labels, the scoring and the journal. It is idempotent: a job
begun before goes on where the store says it stopped.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.data.modifiers.apply import on_split
from tabbench.discovery import load_model, missing_library
from tabbench.errors import MissingLibraryError
from tabbench.hashing import canonical_json, derive_seed
from tabbench.metrics import error_function
from tabbench.model import Context, Skips
from tabbench.results import Status
from tabbench.runner.fit_child import HARD_LIMIT_GRACE, Death, FitChild, Outcome
from tabbench.runner.fitting import FitData, FitFailure, FitReply, FitRequest, FitServer
from tabbench.runner.parts import cut_rows, facts_on, load_planned, prepare_parts
from tabbench.runner.rows import Ending, JobFacts, TrialFacts, finished_trial, now, score_reply
from tabbench.store.history import finish_job, read_job
from tabbench.store.journal import Journal
from tabbench.store.summary import HeldTrial
from tabbench.task import primary_metric
from tabbench.tuning.samplers import make_draws

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

    from tabbench.model import Model, ModelCard, TaskFacts
    from tabbench.results import TrialRow, WorkerRow
    from tabbench.runner.job import Job
    from tabbench.runner.parts import PreparedParts
    from tabbench.store.layout import Store
    from tabbench.store.records import FinishedTrial

SOFT_SHARE = 0.9
"""Share of a trial's seconds after which `fit` is asked to stop, so that time is left to predict."""


@dataclass(frozen=True, eq=False)
class Bench:
    """Where a supervisor works: its name, its store, its neighbours, and whom to watch and tell."""

    worker: WorkerRow
    store: Store
    n_beside: int = 1
    watch: Sequence[Connection] = ()
    report: Callable[[TrialRow], None] = lambda row: None


def run_job(job: Job, bench: Bench) -> None:
    """Run what the store does not hold of a job, then turn its journal into a shard.

    Raises:
        StopRequested: If a watched connection has news.
        TabbenchError: If the task, the model or the store cannot be used.
    """
    model = load_model(job.model)
    data = load_planned(job)
    rows = cut_rows(data, job)
    data = on_split(data, rows.train)
    metric = job.protocol.metric or primary_metric(data.task.type)
    facts = JobFacts(job, model.card, bench.worker, data, rows, metric, bench.n_beside)
    journal = Journal.open(bench.store, job.job_id, bench.worker.worker_id)
    try:
        _Trials(facts, model, facts_on(data, rows), journal, bench).run()
    finally:
        journal.close()
    finish_job(bench.store, job.job_id, bench.worker.worker_id)


class _Trials:
    """The trials of one job, in order."""

    def __init__(
        self, facts: JobFacts, model: type[Model], task_facts: TaskFacts, journal: Journal, bench: Bench
    ) -> None:
        self._facts, self._model, self._task_facts = facts, model, task_facts
        self._journal, self._bench = journal, bench
        self._stored = {done.trial.trial: done.trial for done in read_job(bench.store, facts.job.job_id)}
        self._spent = sum(row.total_seconds or 0.0 for row in self._stored.values())
        self._parts: PreparedParts | None = None
        self._child: FitChild | None = None

    def run(self) -> None:
        refusal = _refusal(self._model, self._task_facts)
        if refusal is not None:
            self._refuse(refusal)
            return
        try:
            self._run_all()
        finally:
            if self._child is not None:
                self._child.close()

    def _refuse(self, refusal: Ending) -> None:
        """Write down, once, why the model is not fitted at all."""
        if not self._is_held(0, dict(self._model.default)):
            self._write(finished_trial(self._facts, self._new_trial(0, dict(self._model.default)), refusal))

    def _run_all(self) -> None:
        job, limits = self._facts.job, self._facts.limits
        draws = make_draws(job.protocol.sampler, self._model, self._task_facts, job.job_id)
        for number in range(limits.n_trials):
            drawn = {} if number == 0 else draws.ask(number)
            if drawn is None:
                return
            config = {**self._model.default, **drawn}
            if self._is_held(number, config):
                error = self._stored[number].valid_error
            elif limits.job_seconds is not None and self._spent >= limits.job_seconds:
                return
            else:
                error = self._fit(self._new_trial(number, config)).trial.valid_error
            if number > 0:
                draws.tell(number, error)

    def _is_held(self, number: int, config: dict[str, Any]) -> bool:
        stored = self._stored.get(number)
        if stored is None or stored.config != canonical_json(config):
            return False
        return self._facts.job.holds(HeldTrial.of(stored))

    def _new_trial(self, number: int, config: dict[str, Any]) -> TrialFacts:
        job, stored = self._facts.job, self._stored.get(number)
        seed = derive_seed("fit", job.protocol.seed, job.job_id, number)
        return TrialFacts(number, stored.attempt + 1 if stored else 1, config, seed, now())

    def _fit(self, trial: TrialFacts) -> FinishedTrial:
        parts = self._prepared()
        seconds = self._seconds_left()
        outcome = self._ask(trial, seconds)
        if isinstance(outcome.result, Death) and outcome.result.signal_name and not outcome.result.is_ours:
            outcome = self._ask(trial, seconds)  # killed by somebody else: once more
        ending = self._ending(outcome, parts, seconds)
        if ending.status is not Status.OK and self._child is not None:
            self._child.close()  # it may not be what it was
            self._child = None
        return self._write(finished_trial(self._facts, trial, ending, outcome, parts))

    def _ask(self, trial: TrialFacts, seconds: float | None) -> Outcome:
        if self._child is None or not self._child.is_alive:
            if self._child is not None:
                self._child.close()
            server = FitServer(self._fit_data())
            self._child = FitChild(server.answer, self._bench.watch)
        deadline = None if seconds is None else time.monotonic() + SOFT_SHARE * seconds
        hard = None if seconds is None else seconds + HARD_LIMIT_GRACE
        return self._child.ask(FitRequest(trial.config, trial.seed, deadline), hard)

    def _ending(self, outcome: Outcome, parts: PreparedParts, seconds: float | None) -> Ending:
        result = outcome.result
        if isinstance(result, FitReply):
            return score_reply(self._facts, parts, result)
        if isinstance(result, FitFailure):
            status = Status.MEMORY if result.reason.startswith("MemoryError") else Status.ERROR
            return Ending(status, reason=result.reason, traceback=result.traceback)
        if result.is_ours:
            reason = f"still fitting after {seconds:g} s" if seconds is not None else "ended without an answer"
            return Ending(Status.TIMEOUT if seconds is not None else Status.ERROR, reason, result.signal_name)
        if result.signal_name:
            return Ending(Status.ERROR, f"the fit was ended by {result.signal_name}, twice", result.signal_name)
        return Ending(Status.ERROR, f"the fit ended its process with exit code {result.exit_code}")

    def _write(self, finished: FinishedTrial) -> FinishedTrial:
        self._journal.append(finished)
        self._spent += finished.trial.total_seconds or 0.0
        self._bench.report(finished.trial)
        return finished

    def _seconds_left(self) -> float | None:
        limits = self._facts.limits
        left = None if limits.job_seconds is None else max(limits.job_seconds - self._spent, 0.0)
        bounds = [s for s in (limits.trial_seconds, left) if s is not None]
        return min(bounds) if bounds else None

    def _prepared(self) -> PreparedParts:
        if self._parts is None:
            self._parts = prepare_parts(self._facts.data, self._facts.rows, self._model.card.reads)
        return self._parts

    def _fit_data(self) -> FitData:
        parts, facts = self._prepared(), self._facts
        context = Context(
            rng=np.random.default_rng(0),
            seed=0,
            n_threads=facts.job.protocol.n_threads,
            metric=facts.metric,
            error=error_function(facts.metric, facts.data.task.type, self._task_facts.n_classes),
            task=self._task_facts,
            columns=parts.columns,
        )
        return FitData(self._model, parts.train, parts.valid, parts.X_test, context)


def _refusal(model: type[Model], facts: TaskFacts) -> Ending | None:
    """Why a model is not fitted on a task, if so."""
    library = missing_library(model.card)
    if library is not None:
        return Ending(Status.UNAVAILABLE, str(MissingLibraryError(library, model.card.extra, model.card.name)))
    hook: object = model
    reason = _outside_limits(model.card, facts) or (hook.skip(facts) if isinstance(hook, Skips) else None)
    return None if reason is None else Ending(Status.SKIPPED, reason)


def _outside_limits(card: ModelCard, facts: TaskFacts) -> str | None:
    if facts.type not in card.task_types:
        return f"{card.name} does not do {facts.type} tasks"
    for what, has, most in (
        ("rows", facts.n_rows, card.max_rows),
        ("columns", facts.n_columns, card.max_columns),
        ("classes", facts.n_classes, card.max_classes),
    ):
        if most is not None and has > most:
            return f"{has} {what}; {card.name} takes at most {most}"
    return None
