"""McNemar's test for `tabbench compare --task`: labels from the store, truth from the task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.errors import TabbenchError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from tabbench.ranking.one_task import McNemar

TUNED = "tuned"
ENSEMBLED = "tuned_ensembled"


def mcnemar_of(
    connection: duckdb.DuckDBPyConnection, errors: pd.DataFrame, names: tuple[str, str]
) -> tuple[McNemar | None, str]:
    """The test on the first split that both models predicted, and a sentence on which it is or why there is none.

    Args:
        connection: An open database.
        errors: Rows of the two models, one task, one regime.
        names: The two models.
    """
    from tabbench.data.catalog import load_task
    from tabbench.ranking.one_task import mcnemar
    from tabbench.store.predicted_labels import predicted_labels

    regime, task = str(errors["regime"].iloc[0]), str(errors["task"].iloc[0])
    if regime == ENSEMBLED:
        return None, f"not made for {ENSEMBLED}"
    found = predicted_labels(connection, errors, names, is_tuned=regime == TUNED)
    if found is None:
        return None, "the store holds no labels that both predicted for one split"
    try:
        data = load_task(task)
    except TabbenchError as error:
        return None, f"the true labels cannot be read: {error}"
    if set(errors["task_hash"]) != {data.task.task_hash}:
        return None, "the task is no longer the one that was stored"
    is_right = found.labels == data.y[found.rows]
    return mcnemar(is_right[0], is_right[1]), f"repeat {found.repeat}, fold {found.fold}, {len(found.rows)} test rows"
