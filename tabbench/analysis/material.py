"""What is analysed: the trials and errors of some results, and the two families of models that are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tabbench.analysis.gap import Sides
from tabbench.data.modifiers.names import is_unmodified
from tabbench.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


class Material(NamedTuple):
    """What is analysed.

    Attributes:
        trials: One row a trial: `model family task repeat fold trial valid_error error` and more where a store knows.
        errors: Tidy rows of every regime, as a ranking takes them.
        related: Family of related tables of each task.
        test_per_train: Test rows over train rows of each task.
        notices: What was left out or stands in, a sentence each.
    """

    trials: pd.DataFrame
    errors: pd.DataFrame
    related: Mapping[str, str]
    test_per_train: Mapping[str, float]
    notices: tuple[str, ...] = ()


def unmodified(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of tasks as they are, without `~rotate` and the like; column `task`."""
    is_kept = {task: is_unmodified(task) for task in rows["task"].unique()}
    return rows[rows["task"].map(is_kept).to_numpy(dtype=bool)]


def sides_of(trials: pd.DataFrame, first: str, second: str) -> Sides:
    """The two families that are compared.

    Args:
        trials: With `model` and `family`.
        first: A family, or models joined by commas.
        second: Likewise.

    Raises:
        UnknownNameError: If one is neither a family nor a list of models with rows.
        DataError: If a model is in both.
    """
    pairs = trials.drop_duplicates("model")[["model", "family"]].astype(str)
    families = dict(zip(pairs["model"], pairs["family"], strict=True))
    of_model: dict[str, str] = {}
    for side in (first, second):
        models = [model for model, family in families.items() if family == side] or side.split(",")
        for model in models:
            if model not in families:
                known = {*families, *families.values()} - {""}
                raise UnknownNameError("family or model", model, known, where="--first and --second, with rows here")
            if model in of_model:
                raise DataError(f"{model} is in both families, {first} and {second}. Keep it in one.")
            of_model[model] = side
    return Sides(first, second, of_model)
