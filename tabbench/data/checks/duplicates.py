"""Rows that stand in train and in test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.checks.finding import FAULT, MOST_ROWS, WARNING, Finding
from tabbench.data.splits import make_split

if TYPE_CHECKING:
    from tabbench.task import TaskData

MANY = 0.01


def duplicates_across_parts(data: TaskData) -> tuple[Finding, ...]:
    """Test rows that have a twin in train, features and target alike; a fault from 1 % of the test rows on."""
    import pandas as pd

    rows = pd.util.hash_pandas_object(data.X.assign(**{"\0target": data.y}), index=False).to_numpy()
    has_twin = np.zeros(len(rows), dtype=bool)
    is_test = np.zeros(len(rows), dtype=bool)
    for repeat, fold in data.task.splits:
        split = make_split(data, repeat, fold)
        has_twin[split.test] |= np.isin(rows[split.test], rows[split.train])
        is_test[split.test] = True
    n_twins, n_test = int(has_twin.sum()), int(is_test.sum())
    if not n_twins:
        return ()
    severity = FAULT if n_twins >= MANY * n_test else WARNING
    told = f"{n_twins:,} of {n_test:,} test rows ({n_twins / n_test:.1%}) stand in train as well, target included."
    return (Finding("duplicate_rows", severity, told, rows=tuple(np.flatnonzero(has_twin)[:MOST_ROWS].tolist())),)
