"""Conformance: how a model trains, stops and keeps its best step."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tabbench.model import StoppedBy
from tabbench.runner.fitting import why_impossible
from tabbench.task import BINARY
from tabbench.testing import tables
from tabbench.testing.case import NotApplicable, Unmet, case
from tabbench.testing.predicting import predict, task_types
from tabbench.testing.sample import Fitted, Sample, auc_sample, cut, fit_on, numbers_sample

if TYPE_CHECKING:
    from tabbench.model import Model, Training

SECONDS = 1.0
TOLERANCE = 0.2
FLOOR_SECONDS = 0.3
"""On top of the tolerance: what a busy machine takes."""
TRIES = 3
ROWS_TRIED = (2_000, 8_000, 32_000)


def steps_of(fitted: Fitted, kind: object = "") -> Training:
    """What `fit` returned; a model without steps has nothing to be asked."""
    if fitted.training is None:
        raise NotApplicable("`fit` returned None, so the model has no steps")
    training = fitted.training
    wrong = why_impossible(training)
    if wrong is not None:
        raise Unmet(f"[{kind}] {wrong}")
    return training


@case(mend="Report `context.error(valid.y, prediction)` after each step; keep or restore the step where it was lowest.")
def predicts_with_its_best_step(model: type[Model]) -> None:
    """It predicts with its best step, not its last, by the error of `context.metric` on valid."""
    samples = [cut(tables.numbers(kind, noise=2.0), model.card.reads, max_steps=60) for kind in task_types(model)]
    if BINARY in model.card.task_types:
        samples.append(auc_sample(model))
    for sample in samples:
        fitted = fit_on(model, sample)
        training = steps_of(fitted, sample.context.task.type)
        if not fitted.curve:
            raise NotApplicable("the model reports no steps, so it has nothing to stop early on")
        _check_best(fitted, sample, training)


def _check_best(fitted: Fitted, sample: Sample, training: Training) -> None:
    label = f"[{sample.context.task.type}, {sample.context.metric}]"
    reported = dict(fitted.curve)
    if training.best_step not in reported:
        raise Unmet(f"{label} step {training.best_step}, its best, was never reported; {len(reported)} steps were")
    lowest, at_best = min(reported.values()), reported[training.best_step]
    if at_best > lowest + 1e-6 * abs(lowest):
        raise Unmet(f"{label} best_step {training.best_step} has valid error {at_best:.6g}; the lowest is {lowest:.6g}")
    assert sample.valid is not None
    found = sample.context.error(sample.valid.y, predict(fitted, sample, sample.valid.X))
    if abs(found - at_best) > 1e-3 * max(abs(at_best), 1e-2):
        last = reported[max(reported)]
        raise Unmet(
            f"{label} predictions have valid error {found:.6g}, while step {training.best_step} (best) reported "
            f"{at_best:.6g} and the last step {last:.6g}"
        )


@case(mend="Call `report(step, valid_error)` after each step and break off when it answers True.")
def stops_when_told(model: type[Model]) -> None:
    """It stops when `context.report` returns True, and says StoppedBy.PRUNED."""
    for kind in task_types(model):
        fitted = fit_on(model, numbers_sample(kind, model), stop=lambda step: step >= 3)
        training = steps_of(fitted, kind)
        if not fitted.curve:
            raise NotApplicable("the model reports no steps")
        after = [step for step, _ in fitted.curve if step > 3]
        if len(after) > 1 or (fitted.curve[-1][0] >= 3 and training.stopped_by is not StoppedBy.PRUNED):
            raise Unmet(f"[{kind}] told to stop at step 3, it went on to {fitted.curve[-1][0]}: {training}")


@case(mend="Take the number of steps from `context.cap(most)`; do not stop early when valid is None.")
def takes_the_steps_it_is_given(model: type[Model]) -> None:
    """`max_steps` caps the steps, and a refit (`n_steps`, no valid part) takes as many as asked or converges."""
    for kind in task_types(model):
        sample = numbers_sample(kind, model, max_steps=4)
        training = steps_of(fit_on(model, sample), kind)
        if training.n_steps > 4:
            raise Unmet(f"[{kind}] max_steps was 4 and it took {training.n_steps}")
        refit = replace(sample.within(n_steps=7, max_steps=None), valid=None)
        fitted = fit_on(model, refit)
        predict(fitted, refit)
        training = steps_of(fitted, kind)
        has_converged = training.n_steps < 7 and training.stopped_by is StoppedBy.DONE
        if training.best_step != training.n_steps or not (training.n_steps == 7 or has_converged):
            raise Unmet(f"[{kind}] a refit of 7 steps came out as {training}")


@case(mend="Look at `valid is None` before stopping early; the reported error is then the train error or nothing.")
def fits_without_valid(model: type[Model]) -> None:
    """A fit without a valid part works."""
    for kind in task_types(model):
        sample = replace(numbers_sample(kind, model, n_steps=5), valid=None)
        predict(fit_on(model, sample), sample)


@case(mend="Compare time.monotonic() with `context.deadline` at each step, or say stops_itself=False and be killed.")
def obeys_its_deadline(model: type[Model]) -> None:
    """`fit` ends by `context.deadline` within 20 %, keeping its best, where the card says stops_itself."""
    if not model.card.stops_itself:
        raise NotApplicable("the card says stops_itself=False: only the kill stops it")
    kind = task_types(model)[-1]
    fit_on(model, numbers_sample(kind, model))  # imports and first calls take time of their own
    seconds = []
    for n_rows in ROWS_TRIED:
        seconds = [_seconds_of_a_limited_fit(model, kind_rows(model, n_rows))]
        if seconds[0] >= SECONDS / 2:
            break
    limit = SECONDS * (1 + TOLERANCE) + FLOOR_SECONDS
    while seconds[-1] > limit and len(seconds) < TRIES:  # the machine may have been busy
        seconds.append(_seconds_of_a_limited_fit(model, kind_rows(model, n_rows)))
    if min(seconds) > limit:
        raise Unmet(f"with {SECONDS:.1f} s it took {min(seconds):.2f} s on {n_rows} rows")


def kind_rows(model: type[Model], n_rows: int) -> Sample:
    """Train rows that are valid rows too: the valid error falls for long, so that patience ends nothing."""
    kind = task_types(model)[-1]
    rows = np.arange(n_rows)
    return cut(tables.numbers(kind, n_rows, noise=1.0), model.card.reads, [rows, rows, rows[:50]], max_steps=None)


def _seconds_of_a_limited_fit(model: type[Model], sample: Sample) -> float:
    started = time.monotonic()
    limited = sample.within(deadline=started + SECONDS)
    fitted = fit_on(model, limited, params=model.default)
    taken = time.monotonic() - started
    predict(fitted, limited)
    training = fitted.training
    if training is not None and taken > SECONDS and training.stopped_by is not StoppedBy.DEADLINE:
        raise Unmet(f"past its deadline it says stopped_by {training.stopped_by}, where {StoppedBy.DEADLINE} is due")
    return taken
