"""What may choose among models where no valid error was published: never the score that is then reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class Choice(NamedTuple):
    """What stands for valid errors.

    Attributes:
        error: One a row of the table, lower is better; NaN where there is nothing to choose by.
        says: What it is, in a sentence.
    """

    error: pd.Series
    says: str


def choice_from_elsewhere(errors: pd.DataFrame) -> Choice:
    """For each split the model's mean error on the task's other splits; for tasks of one split its mean rank elsewhere.

    A mean rank over other tasks says nothing of the task itself, only of the model: the representative is then the
    same on all tasks but for the one left out.

    Args:
        errors: Tidy rows `model task repeat fold error`, one a model and split.
    """
    import numpy as np

    by_task = errors.groupby(["model", "task"])["error"]
    n_others, total = by_task.transform("count") - errors["error"].notna(), by_task.transform("sum")
    others = (total - errors["error"].fillna(0.0)) / n_others.where(n_others > 0)
    n_splits = errors.groupby("task")[["repeat", "fold"]].transform("nunique").prod(axis=1)
    is_alone = n_splits.eq(1)
    if not is_alone.any():
        return Choice(others, "No --valid-column: on each split the task's other splits choose, never its own test.")
    ranks = errors.groupby("task")["error"].rank()
    by_model = ranks.groupby(errors["model"])
    n_ranked = by_model.transform("count") - ranks.notna()
    elsewhere = (by_model.transform("sum") - ranks.fillna(0.0)) / n_ranked.where(n_ranked > 0)
    chosen = others.where(~is_alone, elsewhere)
    some = "tasks of one split" if not is_alone.all() else "each task"
    says = f"No --valid-column: on {some} the mean rank on the other tasks chooses, never the task's own test."
    return Choice(chosen.replace([np.inf, -np.inf], np.nan), says)
