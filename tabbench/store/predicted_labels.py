"""The labels that models predicted for the test rows of one split, from kept predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import pandas as pd

    from tabbench.task import IntArray


class PredictedLabels(NamedTuple):
    """The first split of a task, by repeat and fold, that all models predicted.

    Attributes:
        repeat: Of the split.
        fold: Of the split.
        rows: Shape (n_rows,): row numbers in the dataset.
        labels: Shape (n_models, n_rows): 0..k-1, the class of the largest probability.
    """

    repeat: int
    fold: int
    rows: IntArray
    labels: IntArray


def predicted_labels(
    connection: duckdb.DuckDBPyConnection, errors: pd.DataFrame, models: Sequence[str], *, is_tuned: bool
) -> PredictedLabels | None:
    """Labels by the trial that a ranking takes: the default one, or the one with the least error on valid.

    Args:
        connection: An open database.
        errors: The rows that are ranked: one regime, one task, with `task protocol_id source_hash`.
        models: In the order of the answer.
        is_tuned: Whether to take the best on valid.

    Returns:
        None where there is no such split, or the task has no classes.
    """
    found = connection.execute(
        """
        with chosen as (
            select model, repeat, fold, job_id, trial, attempt from trials
            where list_contains($tasks::varchar[], task) and list_contains($protocols::varchar[], protocol_id)
                and list_contains($models::varchar[], model) and list_contains($sources::varchar[], source_hash)
                and status = 'ok' and refit_of is null and ($is_tuned or trial = 0)
            qualify row_number() over (partition by model, repeat, fold order by valid_error nulls last, trial) = 1
        )
        select repeat, fold, model, rows, n_outputs, values from chosen join predictions using (job_id, trial, attempt)
        where part = 'test' and n_outputs > 1 order by repeat, fold
        """,
        {
            "tasks": sorted(set(errors["task"])), "protocols": sorted(set(errors["protocol_id"])),
            "sources": sorted(set(errors["source_hash"])), "models": list(models), "is_tuned": is_tuned,
        },
    ).fetchall()  # fmt: skip
    splits: dict[tuple[int, int], dict[str, tuple[IntArray, IntArray]]] = {}
    for repeat, fold, model, rows, n_outputs, values in found:
        labels = np.asarray(values).reshape(-1, n_outputs).argmax(axis=1)
        of_split = splits.setdefault((repeat, fold), {})
        of_split[model] = np.asarray(rows, dtype=np.int64), labels
        if len(of_split) == len(models):
            rows_of, labels_of = zip(*(of_split[name] for name in models), strict=True)
            return PredictedLabels(repeat, fold, rows_of[0], np.stack(labels_of))
    return None
