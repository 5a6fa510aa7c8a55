"""The two families are those of the models' cards, or lists of models; changed tables are no tasks of their own."""

from __future__ import annotations

import pandas as pd
import pytest

from tabbench.analysis.material import sides_of, unmodified
from tabbench.errors import DataError, UnknownNameError

TRIALS = pd.DataFrame({
    "model": ["mlp", "resnet", "lightgbm", "linear"], "family": ["network", "network", "boosted_trees", "linear"],
    "task": ["a", "a~rotate", "a~rows=10", "b~group=x"],
})  # fmt: skip


def test_families_and_lists_of_models_are_sides() -> None:
    found = sides_of(TRIALS, "network", "lightgbm,linear")
    assert found.of_model == {"mlp": "network", "resnet": "network", "lightgbm": "lightgbm,linear",
                              "linear": "lightgbm,linear"}  # fmt: skip


def test_a_wrong_word_and_a_model_on_both_sides_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean network"):
        sides_of(TRIALS, "networks", "linear")
    with pytest.raises(DataError, match="mlp is in both"):
        sides_of(TRIALS, "network", "mlp")


def test_a_task_with_a_role_is_itself_and_one_with_a_changed_table_is_not() -> None:
    assert unmodified(TRIALS)["task"].tolist() == ["a", "b~group=x"]
    assert unmodified(TRIALS.iloc[:0]).empty
