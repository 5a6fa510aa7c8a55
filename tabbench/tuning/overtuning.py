"""How much choosing on valid promised too much, and what it passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.task import FloatArray

KEYS = ("model", "regime")


def relative_loss(error: FloatArray, reference: FloatArray) -> FloatArray:
    """By which share of the larger of the two an error exceeds a reference; errors are at least 0.

    Bounded by -1 and 1, whatever the unit, 0 where both are equal, NaN where one is missing.

    >>> relative_loss(np.array([1.0, 0.5, 0.0]), np.array([0.5, 1.0, 0.0])).tolist()
    [0.5, -0.5, 0.0]
    """
    larger = np.maximum(error, reference)
    with np.errstate(divide="ignore", invalid="ignore"):
        loss: FloatArray = np.where(larger == 0, 0.0, (error - reference) / larger)
    return loss


def split_overtuning(errors: pd.DataFrame) -> pd.DataFrame:
    """The same rows with `optimism` and `passed_over`.

    `optimism`: how much better the choice looked on valid than it was on test, as a share of the larger error; below 0
    where valid looked worse. `passed_over`: how much its test error exceeds that of the job's best trial on test, as
    a share of it: 0 where the best was chosen. An ensemble can be better than every trial: then it is below 0. No
    choice is made under `default`, so there `passed_over` is missing.

    Args:
        errors: Rows of `store.leaderboard_rows.read_errors`: `regime error valid_error best_error`.
    """
    error, valid, best = (
        errors[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("error", "valid_error", "best_error")
    )
    is_chosen = (errors["regime"] != "default").to_numpy()
    return errors.assign(
        optimism=relative_loss(error, valid), passed_over=np.where(is_chosen, relative_loss(error, best), np.nan)
    )


def overtuning(errors: pd.DataFrame) -> pd.DataFrame:
    """Mean `optimism` and `passed_over` of each model and regime: over the splits of a task, then over tasks.

    Returns:
        Columns `model regime optimism passed_over`, one row a model and regime.
    """
    names = ["optimism", "passed_over"]
    by_task = split_overtuning(errors).groupby([*KEYS, "task"], sort=True)[names].mean()
    return by_task.groupby(level=list(KEYS)).mean().reset_index()
