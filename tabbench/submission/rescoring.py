"""Hold a trial against the job it says it is of: rows, protocol, predictions and every score."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.data.splits import rows_hash
from tabbench.metrics import METRICS, error_of, error_of_stored, score
from tabbench.metrics.quantiles import LEVELS
from tabbench.results import Status
from tabbench.runner.valid import REFIT, stop_metrics
from tabbench.store.records import Prediction
from tabbench.task import REGRESSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tabbench.results import FitRow, Scores, TrialRow
    from tabbench.submission.own_job import OwnJob
    from tabbench.submission.typed_rows import TrialLine
    from tabbench.submission.values import Wrong

SAME, SAME_SHARE = 1e-7, 1e-6
"""How far a score computed here may lie off, share and amount (scores without a unit of the target): another machine
may add up in another order, and the temperature of the refinement is searched for."""
LEAST_PROBABILITY, SUM_DIFFERS = 0.99e-7, 1e-5
"""Stored probabilities are clipped at 1e-7 and divided by their sum, in float32."""
TOO_CERTAIN = 1e-6
"""A log loss under it says that every row was predicted with all certainty, and right."""


class MissingPredictionsError(Exception):
    """Fewer numbers are there than the trials say. Never reaches a user."""


def take_predictions(line: TrialLine, own: OwnJob, take: Callable[[int], Any]) -> tuple[Prediction, ...]:
    """The predictions of a trial, for the rows that are valid and test here.

    Raises:
        MissingPredictionsError: If there are not so many numbers.
    """
    found = []
    for part in line.parts:
        rows = own.rows.valid if part.startswith("valid") else own.rows.test
        is_plain = part in ("valid", "test")
        n_outputs = (
            len(LEVELS) if not is_plain else 1 if own.data.task.type is REGRESSION else len(own.data.task.classes)
        )
        values = take(len(rows) * n_outputs)
        if values is None:
            raise MissingPredictionsError
        found.append(Prediction(part, rows, n_outputs, values if n_outputs == 1 else values.reshape(-1, n_outputs)))
    return tuple(found)


def wrong_identity(trial: TrialRow, own: OwnJob) -> Iterator[Wrong]:
    """Where the columns that say what a trial is contradict its protocol and task."""
    if trial.job_id not in own.ids:
        yield "wrong job", f"its task, split, model and protocol give the job {own.ids[0]} or {own.ids[1]}"
    protocol, task = own.job.protocol, own.data.task
    metric = protocol.primary_metric(task)
    for name, expected in (
        ("sampler", protocol.sampler.kind),
        ("sampler_seed", protocol.sampler.seed),
        ("seed", protocol.seed),
        ("valid_rule", protocol.valid_rule(task)),
        ("n_inner_folds", len(own.rows.folds)),
        ("has_refit", own.rows.refit is not None),
        ("pruner", protocol.pruner),
        ("stop_metric", stop_metrics(metric, own.data, own.rows.folds)),
        ("choice_metric", metric),
        ("valid_role", protocol.valid_role),
        ("refit_of", None),
    ):
        if getattr(trial, name) != expected:
            yield "not the protocol", f"{name} is {getattr(trial, name)}, its protocol gives {expected}"


def wrong_rows(line: TrialLine, own: OwnJob) -> Iterator[Wrong]:
    """Where fits were not made on the rows that the splits here give, or are too few."""
    cut = {fold.number: fold for fold in own.rows.fits}
    numbers = [fit.inner_fold for fit in line.fits]
    if numbers != list(cut)[: len(numbers)]:
        yield "other rows", f"its fits are numbered {numbers[:5]}, not {list(cut)[:5]}"
        return
    if line.trial.status is Status.OK and len(numbers) < len(cut):
        yield "unfinished trial", f"it ended well after {len(numbers)} of {len(cut)} fits"
    test_hash = rows_hash(own.rows.test)
    for fit in line.fits:
        fold = cut[fit.inner_fold]
        hashes = (fit.train_rows_hash, fit.stop_rows_hash, fit.valid_rows_hash, fit.test_rows_hash)
        counts = (fit.n_train, fit.n_stop, fit.n_valid, fit.n_test)
        expected = (len(fold.fit), len(fold.stop), len(fold.valid), len(own.rows.test))
        if hashes != (*fold.hashes, test_hash) or counts != expected:
            yield "other rows", f"fit {fit.inner_fold} says other train, valid or test rows than the splits here give"
        if fit.n_columns_raw != len(own.data.task.features):
            yield "other rows", f"fit {fit.inner_fold} saw {fit.n_columns_raw} columns of {len(own.data.task.features)}"


def wrong_predictions(predictions: tuple[Prediction, ...], own: OwnJob) -> Iterator[Wrong]:
    """Numbers that no model's prediction is stored as."""
    for prediction in predictions:
        values, part = prediction.values, prediction.part
        if not np.isfinite(values).all():
            yield "impossible prediction", f"{part}: NaN or infinity"
        elif part.endswith("quantiles"):
            if len(values) and (np.diff(values, axis=1) < 0).any():
                yield "impossible prediction", f"{part}: quantiles that fall"
        elif own.data.task.type is not REGRESSION and len(values):
            sums = values.sum(axis=1, dtype=np.float64)
            if values.min() < LEAST_PROBABILITY or np.abs(sums - 1).max() > SUM_DIFFERS:
                yield "impossible prediction", f"{part}: probabilities below 1e-7, or that do not sum to 1"


def wrong_scores(line: TrialLine, predictions: tuple[Prediction, ...], own: OwnJob) -> Iterator[Wrong]:
    """Every stored score that the predictions do not give."""
    trial, task = line.trial, own.data.task
    values = {p.part: p.values for p in predictions}
    metric = own.job.protocol.primary_metric(task)
    for part, rows, told, error in (
        ("valid", own.rows.valid, trial.valid, trial.valid_error),
        ("test", own.rows.test, trial.test, trial.test_error),
    ):
        found = score(own.data.y[rows], values[part], task.type, values.get(f"{part}_quantiles"))
        yield from _differences(part, told, found)
        if not is_same(error, error_of(found, metric), METRICS[metric].unit != "target"):
            yield "wrong score", f"{part}_error is {error}, the predictions give {error_of(found, metric)}"
    yield from _wrong_fit_errors(line.fits, values["valid"], own, metric)


def _differences(part: str, told: Scores, found: Scores) -> Iterator[Wrong]:
    for name in vars(told):
        stored, computed = getattr(told, name), getattr(found, name)
        if not is_same(stored, computed, METRICS[name].unit != "target"):
            yield "wrong score", f"{part} {name} is {stored}, the predictions give {computed}"


def _wrong_fit_errors(
    fits: tuple[FitRow, ...], valid: NDArray[np.float32], own: OwnJob, metric: str
) -> Iterator[Wrong]:
    """What each inner fold says of its own valid rows."""
    error = error_of_stored(metric, own.data.task.type)
    for fit, fold in zip(fits, own.rows.fits, strict=False):
        if fold.number != REFIT and len(fold.valid):
            mine = valid[np.searchsorted(own.rows.valid, fold.valid)]
            found = error(own.data.y[fold.valid], mine)
            if not is_same(fit.valid_error, found, METRICS[metric].unit != "target"):
                yield "wrong score", f"fit {fit.inner_fold}: valid_error is {fit.valid_error}, predictions give {found}"


def too_good(trial: TrialRow) -> Iterator[Wrong]:
    """What may be true and is seldom: for a maintainer to look at."""
    if trial.test.log_loss is not None and trial.test.log_loss < TOO_CERTAIN:
        yield "too good to be learned?", f"test log loss is {trial.test.log_loss:.3g}: each row right, with certainty"
    elif trial.test.r2 is not None and trial.test.r2 > 1 - TOO_CERTAIN:
        yield "too good to be learned?", f"test R² is 1 less {1 - trial.test.r2:.3g}"


def is_same(told: float | None, found: float | None, has_no_unit: bool) -> bool:
    """Whether a stored score is the computed one."""
    if told is None or found is None:
        return told is found
    return math.isfinite(told) and abs(told - found) <= SAME_SHARE * abs(found) + (SAME if has_no_unit else 0.0)
