"""What stands in for a missing error, and who leaves the pool for missing too much."""

from __future__ import annotations

import numpy as np
import pytest

from tabbench.ranking.imputation import Imputation, impute
from tabbench.ranking.table import ErrorTable


def gappy(n_splits: int = 20) -> ErrorTable:
    """Two tasks; b lacks the first split, nobody has the last; c is the worst, most so on the second split."""
    errors = np.tile([0.3, 0.1, 0.4], (n_splits, 1))
    errors[1, 2] = 0.9
    errors[0, 1] = np.nan
    errors[-1] = np.nan
    return ErrorTable(("constant", "b", "c"), ("s", "t"), np.repeat([0, 1], n_splits // 2), errors)


@pytest.mark.parametrize(
    ("rule", "stands_in"),
    [(Imputation.CONSTANT, 0.3), (Imputation.REFERENCE, 0.4), (Imputation.WORST, 0.9)],
)
def test_each_rule_fills_with_its_own(rule: Imputation, stands_in: float) -> None:
    """Worst is the worst on the task, not on the split; a split that nobody has is left out by every rule."""
    found = impute(gappy(), rule, reference="c")
    assert found.table.errors[0, 1] == stands_in
    assert len(found.table.errors) == 19
    assert "1 of 20 splits" in found.notices[-1]


def test_left_out_is_left_out_for_all() -> None:
    assert len(impute(gappy(), Imputation.LEAVE_OUT).table.errors) == 18


def test_a_tenth_missing_is_ranked_and_more_is_not() -> None:
    errors = np.ones((20, 3))
    errors[:2, 1] = np.nan
    errors[:3, 2] = np.nan
    found = impute(ErrorTable(("constant", "b", "c"), ("t",), np.zeros(20, dtype=np.int64), errors))
    assert found.table.models == ("constant", "b")
    assert found.imputed_share.tolist() == [0, 0.1, 0.15]


@pytest.mark.parametrize("n_tasks", range(1, 60))
def test_a_tenth_of_each_task_is_a_tenth_whatever_the_rounding(n_tasks: int) -> None:
    errors = np.ones((10 * n_tasks, 2))
    errors[::10, 1] = np.nan
    tasks = tuple(f"t{i}" for i in range(n_tasks))
    found = impute(ErrorTable(("constant", "b"), tasks, np.repeat(np.arange(n_tasks), 10), errors))
    assert found.table.models == ("constant", "b")
