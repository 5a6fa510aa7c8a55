"""What is recommended follows the metafeatures where they help, and is doubted where they do not or nothing is near."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabbench.analysis.candidates import Candidates, candidates
from tabbench.analysis.recommendation import recommend

NAMES = ("a", "b", "c")


def known(n_tasks: int = 16, effect: float = 0.5, seed: int = 0) -> tuple[pd.DataFrame, Candidates]:
    """Model a is better on most tasks, b where x is large, c never."""
    rng = np.random.default_rng(seed)
    tasks = [f"t{i:02}" for i in range(n_tasks)]
    features = pd.DataFrame({"x": rng.permutation(n_tasks) / n_tasks, "y": rng.normal(size=n_tasks)}, index=tasks)
    side = np.where(features["x"].to_numpy() > 0.6, 1.0, -1.0)[:, None]
    errors = np.exp(effect * side * np.array([1, -1, 0]) + np.array([0, 0, 1.0]) + 0.05 * rng.normal(size=(n_tasks, 3)))
    return features, candidates(errors, errors, tasks, np.arange(n_tasks), tasks)


def table(x: float, y: float = 0.0) -> pd.DataFrame:
    return pd.DataFrame({"x": [x], "y": [y]}, index=["mine"])


@pytest.mark.slow
def test_the_table_decides_where_metafeatures_help() -> None:
    features, models = known(n_tasks=24, seed=1)
    for x, best in ((0.1, "a"), (0.95, "b")):
        found = recommend(features, table(x), models, NAMES, n_trees=8)
        assert found.is_learnt
        assert found.doubts == ()
        first = found.models.iloc[0]
        assert first["model"] == best
        assert 1 <= first["low"] <= first["high"] <= 3
        assert found.nearest["best_model"].mode().item() == best


def test_without_a_rule_the_ranks_are_means_and_that_is_said() -> None:
    features, models = known(effect=0.0)
    one, other = (recommend(features, table(x), models, NAMES, n_trees=4) for x in (0.1, 0.95))
    assert not one.is_learnt
    assert "not told better" in one.doubts[0]
    pd.testing.assert_frame_equal(one.models, other.models)
    np.testing.assert_array_equal(one.models["expected_rank"], one.models["mean_rank"])
    assert set(one.models.loc[one.models["is_worth_trying"], "model"]) == set(NAMES)


def test_few_tasks_and_far_tables_are_not_known() -> None:
    few, models = known(n_tasks=9)
    assert "under 10" in recommend(few, table(0.5), models, NAMES, n_trees=4).doubts[0]
    features, models = known()
    features = features.assign(y=np.round(features["y"]))
    far = recommend(features, table(99.0, 99.0), models, NAMES, n_trees=4)
    assert any("unlike every known task" in doubt for doubt in far.doubts)


def test_one_known_task_still_gives_an_order() -> None:
    features, models = known(n_tasks=1)
    found = recommend(features, table(0.5), models, NAMES, n_trees=4)
    assert len(found.models) == 3
    assert not found.is_learnt


@pytest.mark.slow
def test_ranks_of_new_tables_lie_in_the_interval_as_often_as_said() -> None:
    """Nominal 0.8, over the ranks of all models of tables drawn anew; found 0.93 of 120."""
    held = []
    for seed in range(12):
        features, models = known(n_tasks=21, effect=0.15, seed=seed)
        errors = models.valid  # the test errors as well
        mine = candidates(errors[:20], errors[:20], models.tasks[:20], np.arange(20), models.tasks[:20])
        found = (
            recommend(features.iloc[:20], features.iloc[20:], mine, NAMES, n_trees=4)
            .models.set_index("model")
            .loc[list(NAMES)]
        )
        ranks = models.loss[20].argsort().argsort() + 1
        held += ((found["low"] <= ranks) & (ranks <= found["high"])).tolist()
    assert np.mean(held) >= 0.7
