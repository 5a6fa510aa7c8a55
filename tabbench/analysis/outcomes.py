"""What metafeatures are held against: the gap of two families, and the errors of every model, on unmodified tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tabbench.analysis.gap import TUNED, split_gaps, task_gaps
from tabbench.analysis.material import unmodified
from tabbench.errors import DataError
from tabbench.ranking.imputation import Imputation, impute
from tabbench.ranking.table import error_table

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.analysis.gap import Sides
    from tabbench.analysis.material import Material
    from tabbench.ranking.table import ErrorTable

BASELINE = "baseline"


class Outcomes(NamedTuple):
    """What metafeatures are held against; each by task, unmodified ones only.

    Attributes:
        regime: The regime that it is read under: tuned where there is any tuning.
        gap: The gap of the two families, chosen on valid.
        table: The errors of that regime without gaps, for normalising.
    """

    regime: str
    gap: pd.Series
    table: ErrorTable


def outcomes_of(material: Material, sides: Sides) -> Outcomes:
    """The gap and the errors of the regime that is most tuned, on unmodified tasks.

    Raises:
        DataError: If no split has both families.
    """
    gaps = task_gaps(split_gaps(unmodified(material.trials), sides), material.test_per_train)
    if not len(gaps):
        raise DataError(f"No split has rows of both {sides.first} and {sides.second}: there is no gap.")
    regime = TUNED if TUNED in set(gaps["regime"]) else str(gaps["regime"].iloc[0])
    errors = unmodified(material.errors)
    pool = errors[errors["regime"] == regime] if regime in set(errors["regime"]) else errors
    if "family" in pool:  # a constant predictor would set the scale of normalised errors
        pool = pool[pool["family"] != BASELINE]
    table = impute(error_table(pool), Imputation.WORST).table.dense()
    gap = gaps[gaps["regime"] == regime].set_index("task")["gap"]
    return Outcomes(regime, gap, table)
