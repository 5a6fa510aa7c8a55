"""The models of some results as what may be chosen on every split."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.analysis.candidates import candidates
from tabbench.analysis.material import unmodified
from tabbench.analysis.outcomes import BASELINE
from tabbench.errors import DataError
from tabbench.ranking.table import layout_of

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from tabbench.analysis.candidates import Candidates
    from tabbench.analysis.material import Material


class ModelCandidates(NamedTuple):
    """The models under one regime.

    Attributes:
        regime: Tuned where there is any tuning.
        names: Of the models, in the order of the candidates.
        candidates: What valid says of them and what they lose.
    """

    regime: str
    names: tuple[str, ...]
    candidates: Candidates


def model_candidates(material: Material, tasks: Collection[str]) -> ModelCandidates:
    """The models as candidates, under the most tuned regime, on unmodified tasks; constant predictors left out.

    Args:
        material: What is analysed.
        tasks: Those that are taken.

    Raises:
        DataError: If fewer than two models have a score.
    """
    errors = unmodified(material.errors)
    errors = errors[errors["task"].isin(list(tasks))]
    if "family" in errors:
        errors = errors[errors["family"] != BASELINE]
    regime = "tuned" if "tuned" in set(errors["regime"]) else next(iter(errors["regime"]), "")
    pool = _with_choice(errors[errors["regime"] == regime], material)
    if pool.loc[pool["error"].notna(), "model"].nunique() < 2:
        raise DataError("There is nothing to choose from: fewer than two models have a score on unmodified tasks.")
    layout = layout_of(pool)
    related = [material.related.get(task, task) for task in layout.tasks]
    valid, test = layout.wide(pool["valid_error"]), layout.wide(pool["error"])
    return ModelCandidates(regime, layout.models, candidates(valid, test, layout.tasks, layout.task_of, related))


def _with_choice(pool: pd.DataFrame, material: Material) -> pd.DataFrame:
    """Rows of a file have what chooses in `trials`, one a row."""
    if "valid_error" in pool:
        return pool
    keys = ["model", "task", "repeat", "fold"]
    return pool.merge(material.trials[[*keys, "valid_error"]], on=keys, how="left").astype({"valid_error": np.float64})
