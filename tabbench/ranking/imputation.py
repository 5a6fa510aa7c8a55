"""What stands for an error that is missing: a named, visible step of a ranking."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from tabbench.ranking.table import ErrorTable
    from tabbench.task import FloatArray

MOST_IMPUTED = 0.10
"""Entrants with a larger share of missing splits are listed but not ranked."""


class Imputation(StrEnum):
    """What happens to a split that an entrant has no error on.

    constant: the constant predictor's error on the same split stands in.
    leave_out: the split is left out for all entrants, so that all are ranked over the same splits.
    """

    CONSTANT = "constant"
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


def impute(table: ErrorTable, rule: Imputation, constant: str = "constant") -> Imputed:
    """Close the gaps of a pool by a named rule.

    Entrants with over 10 % missing splits (every task counting the same) leave the pool first, whatever the rule, so
    that one of them neither sets a scale nor costs the others their splits. Where the constant predictor has no error
    either, the split is left out for all.

    Args:
        table: One pool.
        rule: The rule.
        constant: Name of the constant predictor among the entrants.
    """
    share = table.missing_share
    is_ranked = share <= MOST_IMPUTED
    notices = []
    if not is_ranked.all():
        names = ", ".join(f"{table.models[i]} ({share[i]:.0%})" for i in np.flatnonzero(~is_ranked))
        notices.append(f"Not ranked, over {MOST_IMPUTED:.0%} of its splits missing: {names}.")
    errors = table.errors[:, is_ranked]
    has_gaps = bool(np.isnan(errors).any())
    if has_gaps and rule is Imputation.CONSTANT:
        if constant in table.models:
            stand_in = table.errors[:, table.models.index(constant)]
            errors = np.where(np.isnan(errors), stand_in[:, None], errors)
        else:
            notices.append(
                f"The store holds no rows of the model {constant!r} that could stand in for missing errors: "
                "the splits are left out for all instead."
            )
    is_whole = ~np.isnan(errors).any(axis=1)
    if not is_whole.all():
        lost = len(table.tasks) - len(np.unique(table.task_of[is_whole]))
        notices.append(f"Left out for all: {int((~is_whole).sum())} of {len(errors)} splits, {lost} whole tasks.")
    ranked = tuple(name for name, keep in zip(table.models, is_ranked, strict=True) if keep)
    whole = replace(table, models=ranked, errors=errors[is_whole], task_of=table.task_of[is_whole])
    return Imputed(whole, share, tuple(notices))
