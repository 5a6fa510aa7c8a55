"""The views that people ask: last attempts, jobs, best trials, a light leaderboard."""

from __future__ import annotations

from typing import NamedTuple


class View(NamedTuple):
    """A view, what it shows, and what those of its columns mean that no table has."""

    name: str
    purpose: str
    sql: str
    docs: dict[str, str]


_KEY = "job_id, trial, attempt"
SHARED_SECONDS = "sum(coalesce(encode_seconds, 0) + coalesce(prepare_seconds, 0))"

TRIALS = View(
    "trials",
    "One configuration on one split, scored on valid and on test, from its fits: last attempt of each.",
    f"SELECT t.* FROM all_trials t ANTI JOIN superseded USING ({_KEY})",
    {},
)

FITS = View(
    "fits",
    "One model trained once: last attempt of each trial.",
    f"SELECT f.* FROM all_fits f ANTI JOIN superseded USING ({_KEY})",
    {},
)

JOBS = View(
    "jobs",
    "One model on one split under one protocol.",
    f"""
    SELECT job_id, any_value(model) AS model, any_value(model_version) AS model_version,
        arg_max(source_hash, started_at) AS source_hash, any_value(task) AS task, any_value(task_hash) AS task_hash,
        any_value(splits_hash) AS splits_hash, any_value(repeat) AS repeat, any_value(fold) AS fold,
        arg_max(protocol, started_at) AS protocol, any_value(protocol_id) AS protocol_id, any_value(sampler) AS sampler,
        any_value(choice_metric) AS choice_metric, count(*) AS n_trials, count(*) FILTER (status = 'ok') AS n_ok,
        count(*) FILTER (status IN ('error', 'timeout', 'memory')) AS n_failed,
        count(*) FILTER (status IN ('skipped', 'unavailable')) AS n_skipped,
        CASE WHEN count(*) >= max(limit_n_trials) THEN 'trials'
            WHEN sum(total_seconds - shared) + max(shared) >= max(limit_job_seconds) THEN 'seconds' END AS budget_spent,
        sum(total_seconds) AS seconds, max(peak_memory_mib) AS peak_memory_mib, min(started_at) AS started_at,
        max(started_at) AS last_started_at
    FROM trials LEFT JOIN (SELECT {_KEY}, {SHARED_SECONDS} AS shared FROM all_fits GROUP BY ALL) USING ({_KEY})
    GROUP BY job_id""",
    {
        "n_trials": "trials that ended, however",
        "n_ok": "trials that were scored",
        "n_failed": "trials that ended in error, timeout or memory",
        "n_skipped": "trials of a model that does not apply, or whose library or weights were missing",
        "budget_spent": "what ended it: trials, or seconds after fewer trials than asked for; NULL where neither",
        "seconds": "sum of `total_seconds` over its trials",
        "last_started_at": "start of its last trial, UTC",
    },
)

CONFIGS = View(
    "configs",
    "The configurations that were tried of each model.",
    """
    SELECT model, space_version, config_id, any_value(config) AS config, bool_or(trial = 0) AS is_default,
        count(*) AS n_trials, count(*) FILTER (status = 'ok') AS n_ok
    FROM trials GROUP BY model, space_version, config_id""",
    {
        "is_default": "whether it is the default one",
        "n_trials": "trials of it that ended, however",
        "n_ok": "trials of it that were scored",
    },
)

SPLITS = View(
    "splits",
    "The splits that were used, with their sizes.",
    """
    SELECT t.task, t.task_hash, t.splits_hash, t.repeat, t.fold, f.inner_fold, f.train_rows_hash, f.valid_rows_hash,
        f.test_rows_hash, any_value(f.n_train) AS n_train, any_value(f.n_valid) AS n_valid,
        any_value(f.n_test) AS n_test
    FROM fits f JOIN trials t USING (job_id, trial, attempt)
    GROUP BY ALL""",
    {},
)

CURVES = View(
    "curves",
    "Learning curves, one row a reported step.",
    """
    SELECT job_id, trial, attempt, inner_fold, unnest(curve_step) AS step, unnest(curve_seconds) AS seconds,
        unnest(curve_error) AS valid_error
    FROM fits WHERE curve_step IS NOT NULL""",
    {
        "step": "boosting round or epoch",
        "seconds": "since the fit began",
        "valid_error": "valid error at that step, by the metric stopped on",
    },
)

BEST_TRIALS = View(
    "best_trials",
    "What each regime reads from a job: `default` is trial 0; `tuned` the best on valid, ties to the lowest trial, "
    "of a job with two scored trials or more, or whose model has nothing to tune. No row where that failed.",
    """
    WITH scored AS (
        SELECT job_id, trial, valid_error FROM trials
        WHERE status = 'ok' AND refit_of IS NULL AND valid_error IS NOT NULL AND NOT isnan(valid_error)
    ), best AS (SELECT job_id, min(valid_error) AS valid_error, count(*) AS n_ok FROM scored GROUP BY job_id),
    chosen AS (
        SELECT job_id, min(s.trial) AS trial, any_value(b.n_ok) AS n_ok
        FROM scored s JOIN best b USING (job_id, valid_error) GROUP BY job_id
    ), spaces AS (SELECT source_hash, bool_or(has_space) AS has_space FROM models GROUP BY source_hash)
    SELECT 'default' AS regime, 1 AS n_ok, t.* FROM trials t WHERE trial = 0 AND status = 'ok'
    UNION ALL
    SELECT 'tuned', c.n_ok, t.*
    FROM trials t JOIN chosen c USING (job_id, trial) JOIN jobs j USING (job_id)
        LEFT JOIN spaces m ON m.source_hash = t.source_hash
    WHERE j.n_ok > 1 OR NOT coalesce(m.has_space, true)""",
    {"regime": "default or tuned", "n_ok": "scored trials that it was chosen from"},
)

FAILURES = View(
    "failures",
    "Trials that ended in error, timeout or memory, or whose model was unavailable, with the reason.",
    """
    SELECT model, task, repeat, fold, trial, attempt, status, reason, exit_signal, job_id, config, total_seconds,
        traceback, log, started_at
    FROM trials WHERE status IN ('error', 'timeout', 'memory', 'unavailable')""",
    {},
)

LEADERBOARD = View(
    "leaderboard",
    "A quick look: mean rank over the tasks that every model of the protocol and regime finished on all splits, smoke "
    "tasks left out. `tabbench rank` is the real one.",
    """
    WITH latest AS (
        SELECT b.*, row_number() OVER (
            PARTITION BY protocol_id, regime, model, task_hash, splits_hash, choice_metric, repeat, fold
            ORDER BY model_version DESC, started_at DESC, job_id) AS age
        FROM best_trials b
        WHERE task NOT IN (SELECT task FROM suites WHERE NOT is_ranked)
    ), by_task AS (
        SELECT protocol_id, regime, model, task_hash, splits_hash, choice_metric, avg(test_error) AS error,
            count(*) AS n_splits, count(DISTINCT source_hash) AS n_sources, any_value(protocol) AS protocol,
            avg(fit_seconds) AS fit_seconds, avg(predict_seconds) AS predict_seconds
        FROM latest WHERE age = 1 GROUP BY ALL
    ), whole AS (
        SELECT *, n_splits = max(n_splits) OVER same_task AS is_whole FROM by_task
        WINDOW same_task AS (PARTITION BY protocol_id, regime, task_hash, splits_hash, choice_metric)
    ), pools AS (SELECT protocol_id, regime, count(DISTINCT model) AS n_models FROM whole GROUP BY ALL),
    shared AS (
        SELECT protocol_id, regime, task_hash, splits_hash, choice_metric
        FROM whole JOIN pools USING (protocol_id, regime)
        GROUP BY ALL HAVING count(*) FILTER (is_whole) = any_value(n_models)
    ), ranked AS (
        SELECT w.protocol_id, w.regime, w.model, rank() OVER task_order + (count(*) OVER ties - 1) / 2.0 AS task_rank
        FROM whole w JOIN shared USING (protocol_id, regime, task_hash, splits_hash, choice_metric)
        WINDOW task_order AS (PARTITION BY w.protocol_id, w.regime, task_hash, splits_hash, choice_metric
                ORDER BY round(w.error, 12)),
            ties AS (PARTITION BY w.protocol_id, w.regime, task_hash, splits_hash, choice_metric, round(w.error, 12))
    ), means AS (
        SELECT protocol_id, regime, model, avg(task_rank) AS mean_rank, count(*) AS n_shared_tasks
        FROM ranked GROUP BY ALL
    )
    SELECT any_value(protocol) AS protocol, protocol_id, regime, model, any_value(mean_rank) AS mean_rank,
        coalesce(any_value(n_shared_tasks), 0) AS n_shared_tasks, count(*) FILTER (is_whole) AS n_tasks,
        max(n_sources) AS n_sources, avg(fit_seconds) AS fit_seconds, avg(predict_seconds) AS predict_seconds
    FROM whole LEFT JOIN means USING (protocol_id, regime, model)
    GROUP BY protocol_id, regime, model
    ORDER BY protocol, protocol_id, regime, mean_rank, model""",
    {
        "regime": "default or tuned",
        "mean_rank": "average rank by test error over the shared tasks, ties share the middle; 1 is best",
        "n_shared_tasks": "tasks that every model of the protocol and regime finished on all splits",
        "n_tasks": "tasks that this model finished on all splits",
        "n_sources": "different sources of the model pooled on one task; more than 1 asks for a look",
        "fit_seconds": "mean over its tasks of the chosen trials' fit seconds; shared machine",
        "predict_seconds": "mean over its tasks of the chosen trials' predict seconds; shared machine",
    },
)

JOB_INPUTS = View(
    "job_inputs",
    "What ensembles are made from: the scored trials of each job that kept predictions, as one hash.",
    """
    SELECT job_id, count(*) AS n_candidates,
        md5(string_agg(concat_ws(':', trial, attempt, epoch_us(started_at)), ',' ORDER BY trial)) AS input
    FROM trials WHERE status = 'ok' AND has_predictions AND refit_of IS NULL GROUP BY job_id""",
    {"n_candidates": "scored trials with predictions", "input": "hash of their numbers, attempts and starts"},
)

ENSEMBLES = View(
    "ensembles",
    "What greedy selection on valid made of the trials of a job, as they are now: regime `tuned_ensembled`. "
    "`tabbench rank --regime tuned_ensembled` makes those that are missing.",
    """
    WITH sources AS (
        SELECT ensemble_id, made_at, unnest(job_ids) AS job_id, unnest(inputs) AS input FROM all_ensembles
    ), fitting AS (
        SELECT ensemble_id, made_at FROM sources s LEFT JOIN job_inputs i USING (job_id)
        GROUP BY ALL HAVING bool_and(coalesce(s.input = i.input, false))
    )
    SELECT e.* FROM all_ensembles e SEMI JOIN fitting USING (ensemble_id, made_at)
    QUALIFY row_number() OVER (PARTITION BY ensemble_id ORDER BY made_at DESC) = 1""",
    {},
)

NEW_SCORES = View(
    "new_scores",
    "Scores of stored trials by metrics that came later, as `tabbench score` last made them.",
    """
    SELECT s.* FROM all_new_scores s SEMI JOIN trials USING (job_id, trial, attempt)
    QUALIFY row_number() OVER (PARTITION BY job_id, trial, attempt, metric ORDER BY made_at DESC) = 1""",
    {},
)

TIMINGS = View(
    "timings",
    "Chosen configurations fitted again alone, as `tabbench time` last did it: the times to publish.",
    """
    SELECT t.* FROM all_timings t SEMI JOIN trials USING (job_id, trial, attempt)
    QUALIFY row_number() OVER (PARTITION BY job_id, trial, attempt ORDER BY made_at DESC) = 1""",
    {},
)

METAFEATURES = View(
    "metafeatures",
    "One metafeature of the training part of one split, as last computed; `metafeatures_wide`: a column for each.",
    """
    SELECT m.* FROM all_metafeatures m
    QUALIFY started_at = max(started_at) OVER (PARTITION BY task_hash, splits_hash, repeat, fold, feature_group)""",
    {},
)

MACHINES = View(
    "machines",
    "How fast each host was: medians of the fixed workloads that are timed once an hour.",
    """
    SELECT w.host, w.environment_id, any_value(e.cpu) AS cpu,
        median(seconds) FILTER (workload = 'tree_fit') AS tree_fit_seconds,
        median(seconds) FILTER (workload = 'matrix_product') AS matrix_product_seconds,
        median(seconds) FILTER (workload = 'memory_copy') AS memory_copy_seconds,
        count(DISTINCT measured_at) AS n_calibrations, max(measured_at) AS last_measured_at
    FROM (
        SELECT DISTINCT host, environment_id, workload, seconds, measured_at
        FROM calibrations JOIN workers USING (worker_id)
    ) w LEFT JOIN environments e USING (environment_id)
    GROUP BY w.host, w.environment_id""",
    {
        "host": "host name",
        "cpu": "model name of the processor",
        "tree_fit_seconds": "fitting a decision tree, s",
        "matrix_product_seconds": "multiplying two matrices, s",
        "memory_copy_seconds": "copying 32 MiB, s",
        "n_calibrations": "hours in which it was timed",
        "last_measured_at": "when it was last timed, UTC",
    },
)

RELATIVE_TIMES = View(
    "relative_times",
    "Times of trials in units of fitting one small decision tree on that host: for comparing machines, not exact.",
    """
    SELECT t.job_id, t.trial, t.attempt, t.model, t.task, w.host, t.fit_seconds / m.tree_fit_seconds AS fit_in_trees,
        t.predict_seconds / m.tree_fit_seconds AS predict_in_trees,
        t.total_seconds / m.tree_fit_seconds AS total_in_trees
    FROM trials t JOIN workers w USING (worker_id)
        JOIN machines m ON m.host = w.host AND m.environment_id = w.environment_id""",
    {
        "host": "host name",
        "fit_in_trees": "`fit_seconds` over `machines.tree_fit_seconds`",
        "predict_in_trees": "`predict_seconds` over the same",
        "total_in_trees": "`total_seconds` over the same",
    },
)

THREAD_EXCESS = View(
    "thread_excess",
    "Fits of more than a second of CPU that used more threads than they were told to.",
    """
    SELECT job_id, trial, attempt, inner_fold, t.model, t.task, n_threads,
        f.cpu_seconds / (f.fit_seconds + f.predict_valid_seconds + f.predict_test_seconds) AS threads_used
    FROM fits f JOIN (SELECT job_id, trial, attempt, model, task FROM trials) t USING (job_id, trial, attempt)
    WHERE f.cpu_seconds > 1 AND threads_used > 1.2 * n_threads""",
    {"threads_used": "CPU seconds over wall seconds of fit and predict"},
)

VIEWS = (
    TRIALS, FITS, JOBS, CONFIGS, SPLITS, CURVES, BEST_TRIALS, FAILURES, LEADERBOARD, JOB_INPUTS, ENSEMBLES, NEW_SCORES,
    TIMINGS, METAFEATURES, MACHINES, RELATIVE_TIMES, THREAD_EXCESS,
)  # fmt: skip
"""In the order in which they are made: a view may use those before it."""


def create_views() -> list[str]:
    """SQL that makes every view."""
    return [f"CREATE VIEW {view.name} AS {view.sql}" for view in VIEWS]
