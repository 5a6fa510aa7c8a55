"""Count what a model may know of a task before it sees rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.model import TaskFacts
from tabbench.preparation.levels import is_categorical, level_codes

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.task import Task, TaskType


def facts_of(X: pd.DataFrame, task: Task) -> TaskFacts:
    """Counts on the rows given, which should be the train part.

    Args:
        X: Raw feature columns of the train rows.
        task: Gives type and classes; classes are the task's, even those absent from these rows.
    """
    return count_facts(X, task.type, len(task.classes))


def count_facts(X: pd.DataFrame, task_type: TaskType, n_classes: int) -> TaskFacts:
    """The same for rows without a task."""
    columns = [X.iloc[:, i] for i in range(X.shape[1])]
    categorical = [column for column in columns if is_categorical(column)]
    n_levels = [len(set(codes[codes >= 0].tolist())) for codes, _ in map(level_codes, categorical)]
    return TaskFacts(
        type=task_type,
        n_rows=X.shape[0],
        n_columns=X.shape[1],
        n_categorical=len(categorical),
        max_levels=max(n_levels, default=0),
        n_classes=n_classes,
        has_missing=bool(X.isna().to_numpy().any()),
    )
