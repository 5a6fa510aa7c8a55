"""From what became of a fit to the rows that are stored."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tabbench.errors import PluginError
from tabbench.hashing import canonical_json, content_id
from tabbench.metrics import clean_prediction, error_of, score
from tabbench.results import FitRow, Scores, Status, TrialRow
from tabbench.runner.fitting import FitFailure, FitReply
from tabbench.store.records import FinishedTrial, Prediction
from tabbench.task import REGRESSION

if TYPE_CHECKING:
    from tabbench.model import ModelCard
    from tabbench.protocol import Limits
    from tabbench.results import WorkerRow
    from tabbench.runner.fit_child import Outcome
    from tabbench.runner.job import Job
    from tabbench.runner.parts import CutRows, PreparedParts
    from tabbench.task import TaskData


NO_SCORES = Scores(**{field.name: None for field in fields(Scores)})


@dataclass(frozen=True, eq=False)
class JobFacts:
    """What all rows of a job share."""

    job: Job
    card: ModelCard
    worker: WorkerRow
    data: TaskData
    rows: CutRows
    metric: str
    n_beside: int

    @property
    def limits(self) -> Limits:
        """Limits in force."""
        return self.job.protocol.limits


@dataclass(frozen=True)
class TrialFacts:
    """What is known of a trial before it is fitted."""

    number: int
    attempt: int
    config: dict[str, Any]
    seed: int
    started_at: datetime


@dataclass(frozen=True, eq=False)
class Ending:
    """How a trial ended, in the words of the schema."""

    status: Status
    reason: str | None = None
    exit_signal: str | None = None
    traceback: str | None = None
    valid: Scores = NO_SCORES
    test: Scores = NO_SCORES
    predictions: tuple[Prediction, ...] = ()


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def score_reply(facts: JobFacts, parts: PreparedParts, reply: FitReply) -> Ending:
    """Check what a fit predicted, score both parts from exactly the numbers that are stored."""
    task = facts.data.task
    n_classes = len(task.classes)
    scored, predictions = [], []
    for part, y, rows, raw in (
        ("valid", parts.valid.y, facts.rows.valid, reply.valid_prediction),
        ("test", parts.y_test, facts.rows.test, reply.test_prediction),
    ):
        try:
            values = clean_prediction(raw, task.type, len(y), n_classes)
        except PluginError as error:
            return Ending(Status.ERROR, reason=f"prediction for {part}: {error}")
        scored.append(score(y, values, task.type))
        n_outputs = 1 if task.type is REGRESSION else n_classes
        predictions.append(Prediction(part=part, rows=rows, n_outputs=n_outputs, values=values))
    return Ending(Status.OK, valid=scored[0], test=scored[1], predictions=tuple(predictions))


def finished_trial(
    facts: JobFacts,
    trial: TrialFacts,
    ending: Ending,
    outcome: Outcome | None = None,
    parts: PreparedParts | None = None,
) -> FinishedTrial:
    """The rows of a trial; without an outcome it was never fitted (skipped, unavailable)."""
    fits = () if outcome is None or parts is None else (_fit_row(facts, trial, ending, outcome, parts),)
    return FinishedTrial(_trial_row(facts, trial, ending, fits, outcome), fits, ending.predictions)


def _trial_row(
    facts: JobFacts, trial: TrialFacts, ending: Ending, fits: tuple[FitRow, ...], outcome: Outcome | None
) -> TrialRow:
    failure = outcome.result if outcome and isinstance(outcome.result, FitFailure) else None
    return TrialRow(
        **_identity(facts, trial),
        status=ending.status,
        reason=ending.reason,
        exit_signal=ending.exit_signal,
        n_fits=len(fits),
        valid_error=error_of(ending.valid, facts.metric),
        test_error=error_of(ending.test, facts.metric),
        valid=ending.valid,
        test=ending.test,
        traceback=failure.traceback if failure else ending.traceback,
        log=(outcome.log or None) if outcome else None,
        fit_seconds=_total(fits, "fit_seconds"),
        predict_seconds=_total(fits, "predict_test_seconds"),
        total_seconds=_total(
            fits, "prepare_seconds", "encode_seconds", "fit_seconds", "predict_valid_seconds", "predict_test_seconds"
        ),
        cpu_seconds=_total(fits, "cpu_seconds"),
        peak_memory_mib=max((f.peak_memory_mib for f in fits if f.peak_memory_mib is not None), default=None),
        limit_trial_seconds=facts.limits.trial_seconds,
        limit_job_seconds=facts.limits.job_seconds,
        limit_memory_mib=None,
        limit_n_trials=facts.limits.n_trials,
        has_predictions=bool(ending.predictions),
        environment_id=facts.worker.environment_id,
        worker_id=facts.worker.worker_id,
        started_at=trial.started_at,
    )


def _identity(facts: JobFacts, trial: TrialFacts) -> dict[str, Any]:
    """The columns of a trial that are known before it is fitted."""
    job, task, card, protocol = facts.job, facts.data.task, facts.card, facts.job.protocol
    return {
        "job_id": job.job_id,
        "trial": trial.number,
        "attempt": trial.attempt,
        "model": card.name,
        "model_version": card.version,
        "source_hash": job.model.source_hash,
        "space_version": card.space_version,
        "config_id": content_id(trial.config),
        "config": canonical_json(trial.config),
        "sampler": protocol.sampler.kind,
        "sampler_seed": protocol.sampler.seed,
        "suite": job.suite,
        "task": task.name,
        "task_hash": task.task_hash,
        "dataset_hash": task.dataset.content_hash,
        "splits_hash": task.splits_hash,
        "repeat": job.repeat,
        "fold": job.fold,
        "protocol": protocol.name,
        "protocol_id": protocol.protocol_id,
        "seed": protocol.seed,
        "stop_metric": facts.metric,
        "choice_metric": facts.metric,
        "valid_role": "stopping+choosing",
        "refit_of": None,
    }


def _fit_row(facts: JobFacts, trial: TrialFacts, ending: Ending, outcome: Outcome, parts: PreparedParts) -> FitRow:
    rows, hashes = facts.rows, facts.rows.hashes
    reply = outcome.result if isinstance(outcome.result, FitReply) else None
    training, costs = (reply.training, reply.costs) if reply else (None, None)
    curve = reply.curve if reply and reply.curve.step else None
    return FitRow(
        job_id=facts.job.job_id,
        trial=trial.number,
        attempt=trial.attempt,
        inner_fold=0,
        seed=trial.seed,
        n_train=len(rows.fit),
        n_valid=len(rows.valid),
        n_test=len(rows.test),
        train_rows_hash=hashes[0],
        valid_rows_hash=hashes[1],
        test_rows_hash=hashes[2],
        n_columns_raw=len(facts.data.task.features),
        n_columns_prepared=len(parts.columns),
        n_train_subsampled=None,
        status=ending.status,
        reason=ending.reason,
        exit_signal=ending.exit_signal,
        valid_error=error_of(ending.valid, facts.metric),
        n_steps=training.n_steps if training else None,
        best_step=training.best_step if training else None,
        step_cap=training.cap if training else None,
        stopped_by=training.stopped_by if training else None,
        train_error=None,
        curve_step=curve.step if curve else None,
        curve_error=curve.error if curve else None,
        curve_seconds=curve.seconds if curve else None,
        prepare_seconds=costs.prepare_seconds if costs else None,
        encode_seconds=parts.encode_seconds,
        fit_seconds=costs.fit_seconds if costs else outcome.seconds,
        predict_valid_seconds=costs.predict_valid_seconds if costs else None,
        predict_test_seconds=costs.predict_test_seconds if costs else None,
        cpu_seconds=costs.cpu_seconds if costs else None,
        peak_memory_mib=costs.peak_memory_mib if costs else None,
        is_fresh_child=outcome.nth_in_child == 1,
        nth_in_child=outcome.nth_in_child,
        n_beside=facts.n_beside,
        n_threads=facts.job.protocol.n_threads,
        device="cpu",
        environment_id=facts.worker.environment_id,
        worker_id=facts.worker.worker_id,
        started_at=trial.started_at,
    )


def _total(fits: tuple[FitRow, ...], *columns: str) -> float | None:
    """Sum over fits and columns of what is known; a failed fit has no times beyond the point it reached."""
    values = [value for fit in fits for column in columns if (value := getattr(fit, column)) is not None]
    return float(sum(values)) if values else None
