"""Stores full of invented trials, for tests of everything that reads a store."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from tabbench.documents import (
    CalibrationRow,
    DatasetRow,
    EnvironmentRow,
    ModelRow,
    ProtocolRow,
    SuiteRow,
    TaskRow,
    WorkerRow,
)
from tabbench.hashing import canonical_json, content_id, derive_seed
from tabbench.results import FitRow, Scores, Status, TrialRow
from tabbench.store.documents import write_document
from tabbench.store.history import finish_job
from tabbench.store.journal import FinishedTrial, Journal, Prediction
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ENVIRONMENT = "e" * 16
PROTOCOL = content_id({"name": "synthetic"})
TEXT = {"numpy": "2.0"}
FAMILIES = {"constant": "baseline", "net": "network", "gbdt": "boosted_trees"}
"""Of models that have one of their own; all others are linear."""


def make_store(
    root: Path,
    models: Sequence[str] = ("constant", "ridge", "trees"),
    tasks: Sequence[str] = ("bundled/alpha", "bundled/beta", "bundled/gamma"),
    n_folds: int = 3,
    n_trials: int = 4,
    seed: int = 0,
) -> Store:
    """A store with every job of models x tasks x folds finished, and its small tables.

    The n-th model is better than the one before by 0.1 in true error, with noise of 0.05; `constant` has no search
    space and one trial. Every 17th trial timed out. The last task of three or more is regression.
    """
    store = Store(root).create()
    write_documents(store, models, tasks, n_folds)
    for skill, model in enumerate(models):
        trials = range(1 if model == "constant" else n_trials)
        for task in tasks:
            kind = task_type(tasks, task)
            for fold in range(n_folds):
                write_job(store, model, task, fold, trials, seed=seed, skill=skill, task_type=kind)
    return store


def task_type(tasks: Sequence[str], task: str) -> str:
    """Binary, but for the last of three or more."""
    return "regression" if len(tasks) > 2 and task == tasks[-1] else "binary"


def job_id_of(model: str, task: str, fold: int) -> str:
    """The id of a synthetic job."""
    return content_id(["synthetic", model, task, fold])


def write_job(
    store: Store,
    model: str = "ridge",
    task: str = "bundled/alpha",
    fold: int = 0,
    trials: Sequence[int] = (0, 1),
    *,
    attempt: int = 1,
    worker_id: str = "w1",
    is_finished: bool = True,
    seed: int = 0,
    skill: int = 1,
    task_type: str = "binary",
    status: Status | None = None,
) -> str:
    """Journal some trials of one job, and make them a shard unless told not to. Returns the job's id."""
    job_id = job_id_of(model, task, fold)
    with Journal.open(store, job_id, worker_id) as journal:
        for trial in trials:
            kind = {"attempt": attempt, "worker_id": worker_id, "task_type": task_type, "status": status}
            journal.append(finished_trial(model, task, fold, trial, seed=seed, skill=skill, **kind))
    if is_finished:
        finish_job(store, job_id, worker_id)
    return job_id


def finished_trial(
    model: str = "ridge",
    task: str = "bundled/alpha",
    fold: int = 0,
    trial: int = 0,
    *,
    attempt: int = 1,
    worker_id: str = "w1",
    seed: int = 0,
    skill: int = 1,
    task_type: str = "binary",
    status: Status | None = None,
    n_rows: int = 12,
) -> FinishedTrial:
    """One trial with one fit and predictions of `n_rows` rows a part; the same arguments give the same trial."""
    number = derive_seed("synthetic", seed, model, task, fold, trial)
    rng = np.random.default_rng(number)
    if status is None:
        status = Status.TIMEOUT if number % 17 == 0 else Status.OK
    is_ok = status is Status.OK
    error = max(0.01, 1.0 - 0.1 * skill + 0.05 * rng.standard_normal()) if is_ok else None
    test_error = error + 0.02 * rng.standard_normal() if error is not None else None
    config = canonical_json({"alpha": float(trial)} if trial else {})
    key = {"job_id": job_id_of(model, task, fold), "trial": trial, "attempt": attempt}
    where = {"environment_id": ENVIRONMENT, "worker_id": worker_id, "started_at": START + timedelta(seconds=trial)}
    ended = {
        "status": status,
        "reason": None if is_ok else "limit of 10 s",
        "exit_signal": None if is_ok else "SIGKILL",
    }
    row = TrialRow(
        **key, model=model, model_version=1, source_hash=content_id(model), space_version=1,
        config_id=content_id(config), config=config, sampler="random", sampler_seed=0, suite="demo", task=task,
        task_hash=content_id(task), dataset_hash=content_id([task]), splits_hash=content_id([task, "splits"]), repeat=0,
        fold=fold, protocol="synthetic", protocol_id=PROTOCOL, seed=0,
        stop_metric=_metric(task_type), choice_metric=_metric(task_type), valid_role="stopping+choosing", refit_of=None,
        valid_rule="holdout", n_inner_folds=1, has_refit=False, pruner="none",
        **ended, n_fits=1, valid_error=error, test_error=test_error, valid=_scores(task_type, error),
        test=_scores(task_type, test_error), traceback=None, log=None, fit_seconds=0.1 + trial, predict_seconds=0.01,
        total_seconds=0.2 + trial, cpu_seconds=0.1, peak_memory_mib=100.0, limit_trial_seconds=10.0,
        limit_job_seconds=None, limit_memory_mib=1000.0, limit_n_trials=10, has_predictions=is_ok, **where,
    )  # fmt: skip
    fit = FitRow(
        **key, inner_fold=0, seed=number, n_train=80, n_stop=n_rows, n_valid=n_rows, stop_rows_hash="b" * 16,
        test_error=None,        n_test=n_rows, train_rows_hash="a" * 16,
        valid_rows_hash="b" * 16, test_rows_hash="c" * 16, n_columns_raw=5, n_columns_prepared=7,
        n_train_subsampled=None, **ended, valid_error=error, n_steps=3, best_step=2, step_cap=100,
        stopped_by="patience" if is_ok else None, train_error=None, curve_step=(1, 2, 3), curve_error=(0.9, 0.5, 0.6),
        curve_seconds=(0.1, 0.2, 0.3), prepare_seconds=None, encode_seconds=0.01, fit_seconds=0.1 + trial,
        predict_valid_seconds=0.01, predict_test_seconds=0.01, cpu_seconds=0.1, peak_memory_mib=100.0,
        is_fresh_child=True, nth_in_child=1, n_beside=1, n_threads=1, device="cpu", **where,
    )  # fmt: skip
    return FinishedTrial(row, (fit,), _predictions(rng, task_type, n_rows) if is_ok else ())


def _metric(task_type: str) -> str:
    return "rmse" if task_type == "regression" else "log_loss"


def _scores(task_type: str, error: float | None) -> Scores:
    values = dict.fromkeys(Scores.__dataclass_fields__, None)
    return Scores(**(values | {_metric(task_type): error}))


def _predictions(rng: np.random.Generator, task_type: str, n_rows: int) -> tuple[Prediction, ...]:
    found = []
    for n, part in enumerate(("valid", "test")):
        rows = np.arange(n * n_rows, (n + 1) * n_rows, dtype=np.int64)
        if task_type == "regression":
            found.append(Prediction(part, rows, 1, rng.standard_normal(n_rows).astype(np.float32)))
        else:
            share = rng.uniform(0.01, 0.99, n_rows)
            found.append(Prediction(part, rows, 2, np.column_stack([1 - share, share]).astype(np.float32)))
    return tuple(found)


def write_documents(store: Store, models: Sequence[str], tasks: Sequence[str], n_folds: int) -> None:
    """The rows of the small tables that belong to such a store."""
    for task in tasks:
        kind = task_type(tasks, task)
        write_document(store, "tasks", TaskRow(
            task_hash=content_id(task), splits_hash=content_id([task, "splits"]), task=task,
            dataset_hash=content_id([task]), target="y", task_type=kind, metric=_metric(kind),
            classes=json.dumps([] if kind == "regression" else ["no", "yes"]), n_rows=100, n_columns=5, n_categorical=2,
            n_classes=0 if kind == "regression" else 2, missing_share=0.05, n_repeats=1, n_folds=n_folds,
            split_rule=json.dumps({"kind": "kfold"}),
        ))  # fmt: skip
        write_document(store, "datasets", DatasetRow(
            dataset_hash=content_id([task]), dataset=task.rpartition("/")[2], version=1, title=task.title(), n_rows=100,
            source="invented", licence="CC0", origin="simulated", family=task, citation="", openml_id=None, traps="[]",
            columns="[]",
        ))  # fmt: skip
    for model in models:
        is_constant = model == "constant"
        write_document(store, "models", ModelRow(
            source_hash=content_id(model), model=model, model_version=1, title=model.title(),
            family=FAMILIES.get(model, "linear"), kind="baseline" if is_constant else "model",
            is_deterministic=True, pretrained_on=None, defaults_tuned_on=None, paper="", code="", licence="Apache-2.0",
            space_version=1, card="{}", has_space=not is_constant,
        ))  # fmt: skip
    write_document(store, "suites", [
        SuiteRow(suite="demo", version=1, task=task, is_ranked=True, title="Demonstration", citation="")
        for task in tasks
    ])  # fmt: skip
    write_document(store, "protocols", ProtocolRow(protocol_id=PROTOCOL, settings='{"valid":"holdout"}'))
    write_document(store, "environments", EnvironmentRow(
        environment_id=ENVIRONMENT, python="3.11.7", platform="Linux", cpu="invented", n_cores=2, memory_mib=24000,
        gpu=None, tabbench_version="0.1.0", git_revision=None, is_git_dirty=None, thread_settings="{}",
        packages=json.dumps(TEXT),
    ))  # fmt: skip
    write_document(store, "workers", WorkerRow(
        worker_id="w1", environment_id=ENVIRONMENT, host="here", pid=1, executor="local", container=None,
        cluster_job=None, started_at=START,
    ))  # fmt: skip
    write_document(store, "calibrations", CalibrationRow(
        worker_id="w1", workload="tree_fit", seconds=0.5, measured_at=START,
    ))  # fmt: skip
