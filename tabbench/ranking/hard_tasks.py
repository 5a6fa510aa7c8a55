"""Tasks on which the choice of a model matters, by TabZilla's three rules, chosen on other splits than reported on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.averages import task_means
from tabbench.ranking.scores import split_min_max_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from tabbench.ranking.table import ErrorTable
    from tabbench.task import FloatArray, IntArray

BASE, FOURTH, BOOSTED = 0.20, 0.07, 0.10
"""A task is hard from any of these distances to the best on: of simple models, of the fourth best, of boosted trees."""
CHANCE_FAMILIES = frozenset({"baseline"})
"""Constant predictors: left out, since they would set the scale; TabZilla has none."""
BOOSTED_FAMILIES = frozenset({"boosted_trees"})
SIMPLE_FAMILIES = frozenset({"tree", "forest", "linear", "neighbors", "kernel"})
"""TabZilla's baselines: decision tree, random forest, linear model, k-NN, SVM."""


class Hardness(NamedTuple):
    """How far from the best, on the scale 0 (best) to 1 (worst) of each task; each of shape (n_tasks,).

    Attributes:
        base: The best simple model.
        fourth: The fourth best of all models.
        boosted: The best model of boosted trees.
    """

    base: FloatArray
    fourth: FloatArray
    boosted: FloatArray

    @property
    def is_hard(self) -> NDArray[np.bool_]:
        """Whether any of the three is over its limit; one that is unknown (NaN) is not."""
        hard: NDArray[np.bool_] = (self.base >= BASE) | (self.fourth >= FOURTH) | (self.boosted >= BOOSTED)
        return hard


def hardness(errors: FloatArray, families: Sequence[str]) -> Hardness:
    """Distance of three kinds of models to the best, by task.

    Errors of a task are scaled so that the best model has 0 and the worst 1.

    Source: McElfresh et al. (2023), "When Do Neural Nets Outperform Boosted Trees on Tabular Data?", section 3 and
    table 4, by log loss of the mean over splits.

    Args:
        errors: Shape (n_tasks, n_models), none missing.
        families: Each model's family.

    Returns:
        NaN where there is no such model, or fewer than four.
    """
    is_judged = np.array([family not in CHANCE_FAMILIES for family in families])
    kinds = np.array(families)[is_judged]
    if not len(kinds):
        nothing = np.full(len(errors), np.nan)
        return Hardness(nothing, nothing, nothing)
    scaled = 1.0 - split_min_max_scores(errors[:, is_judged])
    fourth = np.sort(scaled, axis=1)[:, 3] if scaled.shape[1] > 3 else np.full(len(errors), np.nan)
    return Hardness(_best_of(scaled, kinds, SIMPLE_FAMILIES), fourth, _best_of(scaled, kinds, BOOSTED_FAMILIES))


def hard_tasks(table: ErrorTable, families: Sequence[str]) -> pd.DataFrame:
    """Which tasks are hard, chosen on every second split; what the others say of them.

    A subset chosen by the results that it then ranks favours whoever was lucky there (TabZilla's was): rank on the
    report half, `report_half`.

    Args:
        table: A pool without gaps, by split.
        families: Each model's family.

    Returns:
        One row a task with at least two splits: `task is_hard base fourth boosted` on the half that chooses, and
        `still_hard base_after fourth_after boosted_after` on the other.
    """
    import pandas as pd

    kept = table.only(tasks=np.bincount(table.task_of, minlength=len(table.tasks)) > 1)
    second = report_half(kept.task_of)
    chosen, after = (
        hardness(task_means(kept.errors[rows], kept.task_of[rows]), families) for rows in (~second, second)
    )
    return pd.DataFrame({
        "task": list(kept.tasks),
        "is_hard": chosen.is_hard, **chosen._asdict(),
        "still_hard": after.is_hard, **{f"{name}_after": values for name, values in after._asdict().items()},
    })  # fmt: skip


def report_half(task_of: IntArray) -> NDArray[np.bool_]:
    """Every second split of each task, in their order; shape (n_splits,).

    >>> report_half(np.array([0, 0, 1, 1, 1])).tolist()
    [False, True, False, True, False]
    """
    half = np.zeros(len(task_of), dtype=bool)
    for task in np.unique(task_of):
        half[np.flatnonzero(task_of == task)[1::2]] = True
    return half


def _best_of(scaled: FloatArray, kinds: NDArray[np.str_], families: frozenset[str]) -> FloatArray:
    is_one = np.array([kind in families for kind in kinds])
    return scaled[:, is_one].min(axis=1) if is_one.any() else np.full(len(scaled), np.nan)
