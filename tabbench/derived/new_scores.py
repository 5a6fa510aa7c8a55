"""Score kept predictions by a metric that came later; no model is fitted."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from tabbench.derived.ensembles import Made
from tabbench.derived.kept import read_kept
from tabbench.derived.metric_files import OWN, RAISED
from tabbench.derived_results import NewScoreRow
from tabbench.errors import DataError, PluginError
from tabbench.store.database import open_database
from tabbench.store.documents import write_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.derived.kept import KeptJob, KeptTrial
    from tabbench.derived.metric_files import NewMetric
    from tabbench.store.layout import Store
    from tabbench.task import Array

ROWS_A_FILE = 5_000


def add_scores(store: Store, metric: NewMetric, report: Callable[[int, int], None] = lambda done, of: None) -> Made:
    """Score each stored trial that has no score by the metric, and keep the scores.

    Jobs that kept no predictions, or whose task is not here, are told in the notices.

    Returns:
        How many trials are new, how many had the score, and notices.

    Raises:
        PluginError: If the metric fails; what was scored until then is kept.
        StoreError: If the store cannot be read or written.
    """
    jobs, n_held = _missing(store, metric)
    rows: list[NewScoreRow] = []
    failures: Counter[str] = Counter()
    n_new = 0
    try:
        for done, (job_id, wanted) in enumerate(jobs.items()):
            report(done, len(jobs))
            try:
                kept = read_kept(store, job_id)
            except DataError as error:
                failures[str(error)] += 1
                continue
            trials = [t for t in kept.trials if (t.row.trial, t.row.attempt) in wanted]
            if metric.reads_quantiles and any(t.test_quantiles is None for t in trials):
                failures["its model predicts no quantiles"] += 1
                continue
            rows.extend(_scored(metric, kept, trial) for trial in trials)
            n_new += len(trials)
            if len(rows) >= ROWS_A_FILE:
                write_document(store, "all_new_scores", rows)
                rows = []
    finally:
        if rows:
            write_document(store, "all_new_scores", rows)
    notices = tuple(f"No scores of {n} job{'s' * (n > 1)}: {why}." for why, n in failures.items())
    return Made(n_new, n_held, notices)


def _scored(metric: NewMetric, kept: KeptJob, trial: KeptTrial) -> NewScoreRow:
    def error(y: Array, prediction: Array | None) -> float | None:
        if not len(y) or prediction is None:
            return None
        try:
            return metric.error(y, prediction.astype(np.float64), kept.task_type)
        except RAISED as wrong:
            raise PluginError(
                f"Metric {metric.name} failed on trial {trial.row.job_id}:{trial.row.trial} of {trial.row.task}: "
                f"{type(wrong).__name__}: {wrong}"
            ) from wrong

    valid, test = (trial.valid_quantiles, trial.test_quantiles) if metric.reads_quantiles else (trial.valid, trial.test)
    return NewScoreRow(
        job_id=trial.row.job_id,
        trial=trial.row.trial,
        attempt=trial.row.attempt,
        metric=metric.name,
        metric_hash=metric.source_hash,
        valid_error=error(kept.y_valid, valid),
        test_error=error(kept.y_test, test),
        made_at=datetime.now(UTC),
    )


def _missing(store: Store, metric: NewMetric) -> tuple[dict[str, set[tuple[int, int]]], int]:
    """By job the (trial, attempt) without a score by this source of the metric; and how many have one."""
    is_stored = f"t.test_{metric.name} IS NOT NULL OR " if metric.source_hash == OWN else ""
    query = f"""
        SELECT t.job_id, t.trial, t.attempt, {is_stored} s.metric IS NOT NULL AS is_held
        FROM trials t JOIN (SELECT DISTINCT task_hash, task_type FROM tasks) k USING (task_hash)
            LEFT JOIN (SELECT * FROM new_scores WHERE metric = $metric AND metric_hash = $hash) s
                USING (job_id, trial, attempt)
        WHERE t.status = 'ok' AND t.refit_of IS NULL AND list_contains($types::VARCHAR[], k.task_type)
        ORDER BY t.task, t.job_id, t.trial"""
    values = {"metric": metric.name, "hash": metric.source_hash, "types": sorted(metric.task_types)}
    jobs: dict[str, set[tuple[int, int]]] = {}
    n_held = 0
    with open_database(store) as con:
        for job_id, trial, attempt, is_held in con.execute(query, values).fetchall():
            n_held += is_held
            if not is_held:
                jobs.setdefault(job_id, set()).add((trial, attempt))
    return jobs, n_held
