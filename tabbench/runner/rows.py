"""The rows that are stored of a trial and its fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tabbench.data.splits import rows_hash
from tabbench.hashing import canonical_json, content_id
from tabbench.metrics import error_of
from tabbench.results import FitRow, TrialRow
from tabbench.runner.fit_child import LOG_BYTES
from tabbench.runner.valid import stop_metrics
from tabbench.store.records import FinishedTrial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.documents import WorkerRow
    from tabbench.model import ModelCard
    from tabbench.protocol import Limits
    from tabbench.runner.ending import EndedFit, Ending
    from tabbench.runner.job import Job
    from tabbench.runner.parts import CutRows
    from tabbench.task import TaskData


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

    @cached_property
    def test_rows_hash(self) -> str:
        """Hash of the test row numbers."""
        return rows_hash(self.rows.test)

    @cached_property
    def stop_metric(self) -> str:
        """What the fits of a trial stop on."""
        return stop_metrics(self.metric, self.data, self.rows.folds)


@dataclass(frozen=True)
class TrialFacts:
    """What is known of a trial before it is fitted.

    Attributes:
        seconds: That it is allowed, for all its fits together: its limit, or what is left of its job's; None for any.
    """

    number: int
    attempt: int
    config: dict[str, Any]
    started_at: datetime
    seconds: float | None


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def finished_trial(facts: JobFacts, trial: TrialFacts, ending: Ending, fits: Sequence[EndedFit] = ()) -> FinishedTrial:
    """The rows of a trial; without fits it was refused (skipped, unavailable)."""
    rows = tuple(_fit_row(facts, trial, fit) for fit in fits)
    logs = [fit.outcome.log for fit in fits if fit.outcome.log]
    return FinishedTrial(_trial_row(facts, trial, ending, rows, "".join(logs)[-LOG_BYTES:]), rows, ending.predictions)


def _trial_row(facts: JobFacts, trial: TrialFacts, ending: Ending, fits: tuple[FitRow, ...], log: str) -> TrialRow:
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
        traceback=ending.traceback,
        log=log or None,
        fit_seconds=_total(fits, "fit_seconds"),
        predict_seconds=_total(fits, "predict_test_seconds"),
        total_seconds=_total(
            fits, "prepare_seconds", "encode_seconds", "fit_seconds", "predict_valid_seconds", "predict_test_seconds"
        ),
        cpu_seconds=_total(fits, "cpu_seconds"),
        peak_memory_mib=max((f.peak_memory_mib for f in fits if f.peak_memory_mib is not None), default=None),
        limit_trial_seconds=trial.seconds,
        limit_job_seconds=facts.limits.job_seconds,
        limit_memory_mib=facts.limits.memory_mib,
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
        "valid_rule": protocol.valid_rule(task),
        "n_inner_folds": len(facts.rows.folds),
        "has_refit": facts.rows.refit is not None,
        "pruner": protocol.pruner,
        "protocol": protocol.name,
        "protocol_id": protocol.protocol_id,
        "seed": protocol.seed,
        "stop_metric": facts.stop_metric,
        "choice_metric": facts.metric,
        "valid_role": protocol.valid_role,
        "refit_of": None,
    }


def _fit_row(facts: JobFacts, trial: TrialFacts, fit: EndedFit) -> FitRow:
    rows, outcome = fit.parts.rows, fit.outcome
    fit_hash, stop_hash, valid_hash = rows.hashes
    training = fit.reply.training if fit.reply else None
    curve = fit.curve
    return FitRow(
        job_id=facts.job.job_id,
        trial=trial.number,
        attempt=trial.attempt,
        inner_fold=rows.number,
        seed=fit.seed,
        n_train=len(rows.fit),
        n_stop=len(rows.stop),
        n_valid=len(rows.valid),
        n_test=len(facts.rows.test),
        train_rows_hash=fit_hash,
        stop_rows_hash=stop_hash,
        valid_rows_hash=valid_hash,
        test_rows_hash=facts.test_rows_hash,
        n_columns_raw=len(facts.data.task.features),
        n_columns_prepared=len(fit.parts.columns),
        n_train_subsampled=len(rows.fit) if fit.parts.is_subsampled else None,
        status=fit.status,
        reason=fit.reason,
        exit_signal=fit.exit_signal,
        valid_error=fit.valid_error,
        test_error=fit.test_error,
        n_steps=training.n_steps if training else None,
        best_step=training.best_step if training else None,
        step_cap=training.cap if training else None,
        stopped_by=training.stopped_by if training else None,
        train_error=None,
        curve_step=curve.step if curve else None,
        curve_error=curve.error if curve else None,
        curve_seconds=curve.seconds if curve else None,
        **_costs(fit),
        is_fresh_child=outcome.nth_in_child == 1,
        nth_in_child=outcome.nth_in_child,
        n_beside=facts.n_beside,
        n_threads=facts.job.protocol.n_threads,
        device="cpu",
        environment_id=facts.worker.environment_id,
        worker_id=facts.worker.worker_id,
        started_at=fit.started_at,
    )


def _costs(fit: EndedFit) -> dict[str, float | None]:
    """What a fit took; of one that failed, the time until it ended is all that is known."""
    names = ("prepare", "predict_valid", "predict_test", "cpu")
    costs = fit.reply.costs if fit.reply else None
    told = (costs.peak_memory_mib if costs else None, fit.outcome.peak_memory_mib)
    peaks = [peak for peak in told if peak is not None]
    known = {f"{name}_seconds": getattr(costs, f"{name}_seconds") if costs else None for name in names}
    return {
        **known,
        "encode_seconds": fit.parts.encode_seconds,
        "fit_seconds": costs.fit_seconds if costs else fit.outcome.seconds,
        "peak_memory_mib": max(peaks) if peaks else None,
    }


def _total(fits: tuple[FitRow, ...], *columns: str) -> float | None:
    """Sum over fits and columns of what is known; a failed fit has no times beyond the point it reached."""
    values = [value for fit in fits for column in columns if (value := getattr(fit, column)) is not None]
    return float(sum(values)) if values else None
