"""The rows of fits, trials and predictions; with `documents`, no other file spells a column."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tabbench.schema import identity, measured, outcome

SCHEMA_VERSION = 2
"""Raised together with a migration step and a frozen old shard that a test upgrades."""


class Status(StrEnum):
    """How a trial ended. `unavailable` (library, weights or GPU missing) never counts as done."""

    OK = "ok"
    PRUNED = "pruned"
    SKIPPED = "skipped"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    ERROR = "error"


@dataclass(frozen=True)
class Scores:
    """Every metric of one part, from the stored float32 predictions; NULL where undefined.

    All are computed by `tabbench.metrics`, which states the rule for each edge case.
    """

    log_loss: float | None = outcome("mean negative log likelihood", "nats")
    log_loss_calibration: float | None = outcome("log loss that one temperature on the same rows removes", "nats")
    log_loss_refinement: float | None = outcome("log loss that remains after that temperature", "nats")
    roc_auc: float | None = outcome("area under the ROC curve; multiclass: one-vs-rest, macro", "0..1")
    roc_auc_weighted: float | None = outcome("area under the ROC curve, one-vs-rest, weighted by class", "0..1")
    average_precision: float | None = outcome("average precision; multiclass: one-vs-rest, macro", "0..1")
    accuracy: float | None = outcome("share of rows whose likeliest class is right", "0..1")
    balanced_accuracy: float | None = outcome("mean recall over classes present", "0..1")
    f1_macro: float | None = outcome("mean F1 over classes present in labels or predictions", "0..1")
    brier: float | None = outcome("mean squared distance between probabilities and one-hot label", "0..2")
    calibration_error: float | None = outcome("top-label, 15 equal-mass bins; biased upwards on few rows", "0..1")
    rmse: float | None = outcome("root mean squared error", "target")
    mae: float | None = outcome("mean absolute error", "target")
    r2: float | None = outcome("1 - squared error over that of the part's own mean", "-inf..1")
    pinball: float | None = outcome("mean pinball loss over quantiles .05 to .95", "target")
    crps: float | None = outcome("continuous ranked probability score from those quantiles", "target")


@dataclass(frozen=True, kw_only=True)
class FitRow:
    """One model trained once."""

    job_id: str = identity("the job")
    trial: int = identity("number of the configuration in its job; 0 is the default one")
    attempt: int = identity("1, and one more for each retry that was asked for")
    inner_fold: int = identity("which inner split; 0 under holdout, -1 for a refit on train and valid")
    seed: int = identity("what the fit drew from")
    n_train: int = identity("rows fitted on", "rows")
    n_stop: int = identity("rows that early stopping looked at: those of valid, or a part of train beside", "rows")
    n_valid: int = identity("rows held out inside train to choose by; 0 in a refit", "rows")
    n_test: int = identity("test rows", "rows")
    train_rows_hash: str = identity("hash of the row numbers fitted on")
    stop_rows_hash: str = identity("hash of the row numbers that early stopping looked at")
    valid_rows_hash: str = identity("hash of the valid row numbers")
    test_rows_hash: str = identity("hash of the test row numbers")
    n_columns_raw: int = identity("feature columns of the task", "columns")
    n_columns_prepared: int | None = identity("columns the model saw", "columns")
    n_train_subsampled: int | None = identity("rows left after subsampling; NULL when all were used", "rows")
    status: Status = outcome("how it ended")
    reason: str | None = outcome("why, unless ok")
    exit_signal: str | None = outcome("signal that ended the fitting process")
    valid_error: float | None = outcome("this fit's error on its valid rows by the choice metric; lower is better")
    test_error: float | None = outcome(
        "this fit's error on test by the choice metric; nothing that chooses may read it"
    )
    n_steps: int | None = outcome("boosting rounds or epochs run", "steps")
    best_step: int | None = outcome("steps that predictions use", "steps")
    step_cap: int | None = outcome("most steps allowed", "steps")
    stopped_by: str | None = outcome("patience, cap, deadline, pruned or done")
    train_error: float | None = outcome("error on the rows fitted on, where the model reports it")
    curve_step: tuple[int, ...] | None = outcome("learning curve: step", "steps")
    curve_error: tuple[float, ...] | None = outcome("learning curve: valid error at that step")
    curve_seconds: tuple[float, ...] | None = measured("learning curve: since the fit began", "s")
    prepare_seconds: float | None = measured("of the shared `prepare`, charged in full to every trial", "s")
    encode_seconds: float | None = measured("of preparing the columns, charged in full to every trial", "s")
    fit_seconds: float | None = measured("wall time of `fit`, of a failed one until it ended; shared machine", "s")
    predict_valid_seconds: float | None = measured("wall time of predicting valid; shared machine", "s")
    predict_test_seconds: float | None = measured("wall time of predicting test; shared machine", "s")
    cpu_seconds: float | None = measured("CPU time of fit and predict, all threads", "s")
    peak_memory_mib: float | None = measured("peak resident memory of the fitting process", "MiB")
    is_fresh_child: bool | None = measured("whether the process had fitted nothing before")
    nth_in_child: int | None = measured("the how-manieth fit of its process, from 1")
    n_beside: int | None = measured("worker processes of the same run, this one counted")
    n_threads: int = measured("threads it was told to use")
    device: str = measured("cpu or cuda")
    environment_id: str = measured("where it ran: see `environments`")
    worker_id: str = measured("the process that supervised it: see `workers`")
    started_at: datetime | None = measured("UTC")


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """One configuration on one split, scored on valid and on test, from its fits."""

    job_id: str = identity("hash of task, split, model, version and the protocol's numbers")
    trial: int = identity("number of the configuration in its job; 0 is the default one")
    attempt: int = identity("1, and one more for each retry that was asked for")
    model: str = identity("name on the card")
    model_version: int = identity("version on the card")
    source_hash: str = identity("hash of the plugin's source file")
    space_version: int = identity("version of the search space")
    config_id: str = identity("hash of the configuration's canonical JSON")
    config: str = identity("the configuration as canonical JSON")
    sampler: str = identity("random, qmc, tpe, gp or fixed; trial 0 is the default whatever the sampler")
    sampler_seed: int = identity("seed of the sampler")
    suite: str | None = measured("suite it was first run for")
    task: str = identity("name of the task")
    task_hash: str = identity("hash of rows, roles, target and type")
    dataset_hash: str = identity("content hash of the table")
    splits_hash: str = identity("hash of the split rule and the rows it applies to")
    repeat: int = identity("which shuffle, from 0")
    fold: int = identity("which part of it is test, from 0")
    protocol: str = measured("name of the preset it was run under")
    protocol_id: str = identity("hash of the protocol's parts that change numbers")
    valid_rule: str = identity("which rows stop and choose: holdout, cv, next_fold or given")
    n_inner_folds: int = identity("inner folds that a whole trial has", "folds")
    has_refit: bool = identity("whether test was predicted by one more fit, on train and valid")
    pruner: str = identity("what could stop it as hopeless: none, median, halving, hyperband or wilcoxon")
    seed: int = identity("root seed of the protocol")
    stop_metric: str = identity("metric that training stopped on; joined by + where its fits differ")
    choice_metric: str = identity("metric that configurations are chosen by")
    valid_role: str = identity("what valid rows were used for, joined by +: stopping, choosing …")
    refit_of: int | None = identity("trial that this one refits; NULL otherwise")
    status: Status = outcome("how it ended")
    reason: str | None = outcome("why, unless ok")
    exit_signal: str | None = outcome("signal that ended the fitting process")
    n_fits: int = outcome("models trained for this trial", "fits")
    valid_error: float | None = outcome("error on valid by the choice metric; lower is better")
    test_error: float | None = outcome("error on test by the choice metric; nothing that chooses may read it")
    valid: Scores = outcome("valid")
    test: Scores = outcome("test")
    traceback: str | None = measured("of an error in the plugin, shortened")
    log: str | None = measured("last lines that the fit printed")
    fit_seconds: float | None = measured("sum over its fits; shared machine", "s")
    predict_seconds: float | None = measured("of test, sum over its fits; shared machine", "s")
    total_seconds: float | None = measured("prepare, encode, fit and predict as far as it got, sum over its fits", "s")
    cpu_seconds: float | None = measured("sum over its fits", "s")
    peak_memory_mib: float | None = measured("largest of its fits", "MiB")
    limit_trial_seconds: float | None = measured("seconds allowed: the limit, or what was left of its job's", "s")
    limit_job_seconds: float | None = measured("limit in force", "s")
    limit_memory_mib: float | None = measured("limit in force", "MiB")
    limit_n_trials: int | None = measured("budget in force", "trials")
    has_predictions: bool = measured("whether predictions of valid and test were kept")
    environment_id: str = measured("where it ran: see `environments`")
    worker_id: str = measured("the process that supervised it: see `workers`")
    started_at: datetime = measured("UTC")


@dataclass(frozen=True, kw_only=True)
class PredictionRow:
    """What one trial predicted for one part; scores come from exactly these numbers."""

    job_id: str = identity("the job")
    trial: int = identity("the trial")
    attempt: int = identity("the attempt")
    part: str = identity("valid or test; valid_quantiles or test_quantiles where the model predicts them")
    rows: tuple[int, ...] = identity("row numbers in the dataset, ascending")
    n_outputs: int = identity("1 for regression, else classes, in the order of `tasks.classes`; 19 quantiles")
    values: tuple[float, ...] = outcome("float32, row after row, n_outputs each; renormalised, clipped at 1e-7")
