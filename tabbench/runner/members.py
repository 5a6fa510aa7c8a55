"""Fit one trial: each inner fold in turn, then the refit, in one child for as long as it behaves."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import numpy as np

from tabbench.hashing import derive_seed
from tabbench.metrics import error_function
from tabbench.model import Context, StoppedBy
from tabbench.results import Status
from tabbench.runner.ending import FitLimits, end_fit
from tabbench.runner.fit_child import HARD_LIMIT_GRACE, Cause, Death, FitChild, Outcome
from tabbench.runner.fitting import FitData, FitRequest, FitServer
from tabbench.runner.parts import prepare_parts
from tabbench.runner.refusal import refusal_as_read
from tabbench.runner.rows import now
from tabbench.runner.valid import REFIT, stop_metric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from multiprocessing.connection import Connection

    from tabbench.model import Model
    from tabbench.runner.ending import EndedFit, Ending
    from tabbench.runner.parts import PreparedParts
    from tabbench.runner.rows import JobFacts, TrialFacts
    from tabbench.tuning.pruning import Pruning

SOFT_SHARE = 0.9
"""Share of a fit's seconds after which `fit` is asked to stop, so that time is left to predict."""


class Members:
    """Fits the trials of one job; columns are prepared once, before the first.

    Args:
        facts: What all rows of the job share.
        model: What is fitted.
        pruning: Who may stop a fit before its end.
        watch: Connections whose news ends the run.
    """

    def __init__(self, facts: JobFacts, model: type[Model], pruning: Pruning, watch: Sequence[Connection]) -> None:
        self._facts, self._model, self._pruning, self._watch = facts, model, pruning, watch
        self._parts: tuple[PreparedParts, ...] = ()
        self._child: FitChild | None = None

    def fit(self, trial: TrialFacts) -> tuple[EndedFit, ...]:
        """Fit a configuration on every inner fold and, if asked for, on all of train.

        Args:
            trial: Which configuration, and the seconds it is allowed; each fit is asked to stop after its share.

        Returns:
            In order, up to the first that did not end well or after which the pruner gave up.
        """
        prepared = self._prepared()
        end = None if trial.seconds is None else time.monotonic() + trial.seconds
        fits: list[EndedFit] = []
        for parts in prepared:
            n_left = len(prepared) - len(fits)
            started_at, seed = now(), _seed(self._facts, trial, parts.rows.number)
            request = FitRequest(
                fold=parts.rows.number,
                params=trial.config,
                seed=seed,
                deadline=None if end is None else _deadline(end, n_left),
                n_steps=refit_steps(fits, len(parts.rows.fit)) if parts.rows.number == REFIT else None,
                is_watched=self._pruning.watches(trial.number, parts.rows.number),
            )
            outcome = self._ask(request, end)
            limits = FitLimits(trial.seconds, self._facts.limits.memory_mib)
            fit = end_fit(self._facts.data, self._facts.metric, parts, seed, started_at, outcome, limits)
            fits.append(fit)
            if fit.status is not Status.OK:
                if fit.status is not Status.PRUNED:
                    self.close()  # it may not be what it was
                break
            if n_left > 1 and self._pruning.is_hopeless_after(trial.number, parts.rows.number, fit.valid_error):
                break
        return tuple(fits)

    def refusal(self) -> Ending | None:
        """Why none is fitted, for the columns as they are read; a model that takes any number is not prepared for."""
        if self._model.card.max_columns is None:
            return None
        n_prepared = max(len(parts.columns) for parts in self._prepared())
        return refusal_as_read(self._model.card, len(self._facts.data.task.features), n_prepared)

    def close(self) -> None:
        """End the child, if there is one; the next fit starts another."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _ask(self, request: FitRequest, end: float | None) -> Outcome:
        outcome = self._ask_once(request, end)
        if not isinstance(outcome.result, Death):
            return outcome
        cause, is_used = outcome.result.cause, outcome.nth_in_child > 1
        by_others = cause in (Cause.SIGNAL, Cause.OUT_OF_MEMORY)
        if by_others or (cause is Cause.MEMORY and is_used):  # then some of the memory was of the fits before
            return self._ask_once(request, end)
        return outcome

    def _ask_once(self, request: FitRequest, end: float | None) -> Outcome:
        if self._child is None or not self._child.is_alive:
            self.close()
            self._child = self._start({parts.rows.number: self._fit_data(parts) for parts in self._parts})
        hard = None if end is None else max(end + HARD_LIMIT_GRACE - time.monotonic(), 0.0)
        return self._child.ask(request, hard, self._pruning.is_hopeless_at)

    def _start(self, data: Mapping[int, FitData]) -> FitChild:
        """A fresh child that serves the fits of the job."""
        return FitChild(FitServer(data).answer, self._watch, self._facts.limits.memory_mib)

    def _prepared(self) -> tuple[PreparedParts, ...]:
        """Prepared before the child is forked, which then shares them."""
        if not self._parts:
            facts, card = self._facts, self._model.card
            seed, job = facts.job.protocol.seed, facts.job
            self._parts = tuple(
                prepare_parts(
                    facts.data,
                    fold,
                    facts.rows.test,
                    card,
                    derive_seed("subsample", seed, job.task, job.repeat, job.fold, fold.number),
                )
                for fold in facts.rows.fits
            )
        return self._parts

    def _fit_data(self, parts: PreparedParts) -> FitData:
        facts = self._facts
        metric = stop_metric(facts.metric, facts.data, parts.rows)
        context = Context(
            rng=np.random.default_rng(0),
            seed=0,
            n_threads=facts.job.protocol.n_threads,
            metric=metric,
            error=error_function(metric, facts.data.task.type, parts.facts.n_classes),
            task=parts.facts,
            columns=parts.columns,
        )
        return FitData(self._model, parts.train, parts.stop, parts.X_valid, parts.X_test, context)


def _seed(facts: JobFacts, trial: TrialFacts, fold: int) -> int:
    """Depends on the trial and, beyond the first inner fold, on the fold."""
    job = facts.job
    return derive_seed("fit", job.protocol.seed, job.job_id, trial.number, *([fold] if fold else []))


def _deadline(end: float, n_left: int) -> float:
    """When a fit is asked to stop: after most of an equal share of the time left."""
    now_monotonic = time.monotonic()
    return now_monotonic + SOFT_SHARE * max(end - now_monotonic, 0.0) / n_left


def refit_steps(fits: Sequence[EndedFit], n_rows: int) -> int | None:
    """Steps of a refit: the median of the members' best, scaled by rows, and no more than the cap that held for them.

    None where the members count no steps or one of them ended by itself: then the configuration says how long to train.

    Args:
        fits: The members.
        n_rows: Rows that the refit is given.
    """
    trained = [fit.reply.training for fit in fits if fit.reply is not None and fit.reply.training is not None]
    if not trained or any(training.stopped_by is StoppedBy.DONE for training in trained):
        return None
    best = statistics.median(training.best_step for training in trained)
    n_fitted = statistics.mean(len(fit.parts.rows.fit) for fit in fits)
    return max(min(round(best * n_rows / n_fitted), *(training.cap for training in trained)), 1)
