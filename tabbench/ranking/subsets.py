"""Parts of a pool that a ranking is tried on: kinds of tasks, and everybody but one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from tabbench.task import Array

FEWEST_OF_A_KIND = 2
"""Tasks that a part needs; the order by one task is in `one task left out` turned round."""


def task_subsets(pool: pd.DataFrame, tasks: Sequence[str]) -> Iterator[tuple[str, Array]]:
    """Kinds of tasks by name, each with which tasks are of it; only what the rows tell, and never all tasks.

    Types; rows, missing cells and categorical columns up to the median of the tasks and over it.

    Args:
        pool: Tidy rows, where known with `task_type n_rows missing_share n_categorical n_columns`.
        tasks: Task names in the order wanted.
    """
    facts = pool.drop_duplicates("task").assign(task=lambda rows: rows["task"].astype(str)).set_index("task")
    facts = facts.reindex(list(tasks))
    if {"n_categorical", "n_columns"} <= set(facts):
        facts["categorical_share"] = facts["n_categorical"] / facts["n_columns"]
    found = []
    if "task_type" in facts:
        found += [
            (str(kind), (facts["task_type"] == kind).to_numpy()) for kind in sorted(set(facts["task_type"].dropna()))
        ]
    for name, title in (
        ("n_rows", "rows"),
        ("missing_share", "missing share"),
        ("categorical_share", "categorical share"),
    ):
        if name in facts and facts[name].notna().any():
            values = facts[name].to_numpy(dtype=np.float64, na_value=np.nan)
            middle = float(np.nanmedian(values))
            shown = f"{middle:.0f}" if name == "n_rows" else f"{middle:.0%}"
            found += [(f"{title} ≤ {shown}", values <= middle), (f"{title} > {shown}", values > middle)]
    yield from ((name, kept) for name, kept in found if FEWEST_OF_A_KIND <= kept.sum() < len(tasks))


def model_subsets(pool: pd.DataFrame, models: Sequence[str]) -> Iterator[tuple[str, Array, bool]]:
    """Everybody but one model, and everybody but one family of at least two: who is out, who stays, is it a family.

    Args:
        pool: Tidy rows, where known with `family`.
        models: Entrants in the order wanted.
    """
    if len(models) < 3:
        return
    for number, model in enumerate(models):
        yield model, np.arange(len(models)) != number, False
    if "family" not in pool:
        return
    named = pool.drop_duplicates("model").set_index("model")["family"]
    families = np.array([str(named.get(model)) for model in models])
    for family in sorted(set(families)):
        stays = families != family
        if (~stays).sum() > 1 and stays.sum() > 1:
            yield family, stays, True
