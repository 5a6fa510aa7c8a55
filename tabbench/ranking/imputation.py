"""What stands for an error that is missing: a named, visible step of a ranking."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.entrants import entrant_named

if TYPE_CHECKING:
    from tabbench.ranking.table import ErrorTable
    from tabbench.task import FloatArray, IntArray

MOST_IMPUTED = 0.10
"""Entrants with a larger share of missing splits are listed but not ranked."""
ROUNDING = 1e-9
"""By which a mean of shares that is a tenth may be off."""
CONSTANT = "constant"
"""Usual name of the constant predictor."""


class Imputation(StrEnum):
    """What happens to a split that an entrant has no error on.

    constant: the constant predictor's error on the same split stands in.
    reference: that of a named model.
    worst: the largest error of any ranked entrant on any split of the task.
    leave_out: the split is left out for all entrants, so that all are ranked over the same splits.
    """

    CONSTANT = "constant"
    REFERENCE = "reference"
    WORST = "worst"
    LEAVE_OUT = "leave_out"


class Imputed(NamedTuple):
    """A table without gaps.

    Attributes:
        table: Ranked entrants only, on the splits that remain; task numbers and names as before.
        imputed_share: Shape (n_models,) of the given table: share of splits on which an entrant had no error.
        notices: What a reader must be told, a sentence each.
    """

    table: ErrorTable
    imputed_share: FloatArray
    notices: tuple[str, ...]


def impute(
    table: ErrorTable, rule: Imputation = Imputation.CONSTANT, constant: str = CONSTANT, reference: str = ""
) -> Imputed:
    """Close the gaps of a pool by a named rule.

    Entrants with over 10 % missing splits (every task counting the same) leave the pool first, whatever the rule, so
    that one of them neither sets a scale nor costs the others their splits. Errors that came marked as imputed count
    as missing and stand as they came, unless gaps are left out. Where nothing stands in, the split is left out for all.

    Args:
        table: One pool.
        rule: The rule.
        constant: Name of the constant predictor among the entrants.
        reference: Name of the model that stands in by `reference`.
    """
    share = table.missing_share
    is_ranked = share <= MOST_IMPUTED + ROUNDING
    notices = []
    if not is_ranked.all():
        names = ", ".join(f"{table.models[i]} ({share[i]:.0%})" for i in np.flatnonzero(~is_ranked))
        notices.append(f"Not ranked, over {MOST_IMPUTED:.0%} of its splits missing: {names}.")
    errors = table.errors[:, is_ranked]
    if table.stand_ins is not None and rule is not Imputation.LEAVE_OUT:
        errors = np.where(np.isnan(errors), table.stand_ins[:, is_ranked], errors)
    if np.isnan(errors).any() and rule is Imputation.WORST:
        errors = fill(errors, worst_on_task(errors, table.task_of))
    elif np.isnan(errors).any() and rule is not Imputation.LEAVE_OUT:
        name = constant if rule is Imputation.CONSTANT else reference
        number = entrant_named(table.models, name)
        if number is None:
            notices.append(
                f"There are no rows of the model {name!r} that could stand in for missing errors: "
                "the splits are left out for all instead."
            )
        else:
            errors = fill(errors, table.errors[:, number])
    is_whole = ~np.isnan(errors).any(axis=1)
    if not is_whole.all():
        lost = len(table.tasks) - len(np.unique(table.task_of[is_whole]))
        notices.append(f"Left out for all: {int((~is_whole).sum())} of {len(errors)} splits, {lost} whole tasks.")
    ranked = tuple(name for name, keep in zip(table.models, is_ranked, strict=True) if keep)
    whole = replace(table, models=ranked, errors=errors[is_whole], task_of=table.task_of[is_whole], stand_ins=None)
    return Imputed(whole, share, tuple(notices))


def worst_on_task(errors: FloatArray, task_of: IntArray) -> FloatArray:
    """The largest error on any split of the same task; NaN for a split on which nobody has one.

    Args:
        errors: Shape (n_splits, n_models), NaN where missing.
        task_of: Shape (n_splits,), number of each split's task.

    Returns:
        Shape (n_splits,).

    >>> worst_on_task(np.array([[0.1, np.nan], [0.2, 0.9], [np.nan, np.nan]]), np.array([0, 0, 0])).tolist()
    [0.9, 0.9, nan]
    """
    of_split = np.where(np.isnan(errors), -np.inf, errors).max(axis=1, initial=-np.inf)
    of_task = np.full(int(task_of.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(of_task, task_of, of_split)
    return np.where(np.isneginf(of_split), np.nan, of_task[task_of])


def fill(errors: FloatArray, stand_in: FloatArray) -> FloatArray:
    """Missing errors replaced by another's on the same split.

    Args:
        errors: Shape (n_splits, n_models), NaN where missing.
        stand_in: Shape (n_splits,), NaN where there is nothing either.

    >>> fill(np.array([[0.1, np.nan], [np.nan, 0.2]]), np.array([0.5, np.nan])).tolist()
    [[0.1, 0.5], [nan, 0.2]]
    """
    return np.where(np.isnan(errors), stand_in[:, None], errors)
