"""`~noise_columns`, `~missing` and `~shuffle_columns`: change the features, knowing nothing of the target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tabbench.data.modifiers.chance import uniforms
from tabbench.data.splits import shuffled
from tabbench.data.tables import kind_of, with_columns
from tabbench.errors import DataError
from tabbench.hashing import derive_seed
from tabbench.task import ColumnKind, TaskData

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.data.modifiers.names import Modifier


def add_noise_columns(data: TaskData, modifier: Modifier) -> TaskData:
    """More columns behind the others: copies of random numeric features, each with its rows shuffled.

    They have the distribution of real columns and no relation to the target. Fewer are the first of more.
    """
    _check_equal_rows(data, modifier)
    names = numeric_features(data.X)
    n_wanted = max(round(modifier.amount * len(names)), 1) if modifier.is_multiple else max(round(modifier.amount), 1)
    order = shuffled(len(names), derive_seed("noise_columns", modifier.seed))
    added = {}
    for number in range(n_wanted):
        rows = shuffled(len(data.y), derive_seed("noise_columns", modifier.seed, number))
        added[_free_name(data, number + 1)] = data.X[names[order[number % len(names)]]].to_numpy()[rows]
    import pandas as pd

    return replace(data, X=pd.concat([data.X, pd.DataFrame(added, index=data.X.index)], axis=1))


def blank_cells(data: TaskData, modifier: Modifier) -> TaskData:
    """Features with each cell missing with the same probability, whatever it holds and wherever it stands.

    What is missing at a share is missing at every larger one.
    """
    _check_equal_rows(data, modifier)
    blanked = {}
    for name in data.X.columns:
        is_blank = uniforms(len(data.y), derive_seed("missing", modifier.seed, str(name))) < modifier.amount
        blanked[name] = data.X[name].mask(is_blank)
    return replace(data, X=with_columns(data.X, blanked))


def shuffle_columns(data: TaskData, modifier: Modifier) -> TaskData:
    """The same features in another order."""
    order = shuffled(data.X.shape[1], derive_seed("shuffle_columns", modifier.seed))
    return replace(data, X=data.X.iloc[:, order])


def numeric_features(X: pd.DataFrame) -> list[str]:
    """Names of the features that are numbers."""
    return [str(name) for name in X.columns if kind_of(X[name]) is ColumnKind.NUMERIC]


def _free_name(data: TaskData, number: int) -> str:
    name, taken = f"noise_{number}", {column.name for column in data.task.dataset.columns}
    while name in taken:
        name += "_"
    return name


def _check_equal_rows(data: TaskData, modifier: Modifier) -> None:
    if data.task.split_rule.keeps_equal_rows:
        raise DataError(
            f"{data.task.name} keeps rows with equal features in one fold; ~{modifier.name} would make them unequal, "
            "so that copies of a row stood in train and in test."
        )
