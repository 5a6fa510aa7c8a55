"""Portfolios are selected on other tasks than they are judged on, and find what is planted."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pandas as pd
import pytest

from tabbench.analysis.portfolio import evaluate, exported, shared_grid
from tabbench.errors import DataError


def trials(n_tasks: int = 12, is_planted: bool = True, seed: int = 0) -> pd.DataFrame:
    """Two models of four configurations. Planted: a:2 is good on even tasks and b:3 on odd ones, the rest are poor."""
    rng = np.random.default_rng(seed)
    rows = []
    for task, fold, model, trial in product(range(n_tasks), range(2), "ab", range(4)):
        is_good = is_planted and (model, trial) == (("a", 2) if task % 2 == 0 else ("b", 3))
        true = 0.1 if is_good else 0.4
        valid, test = true * np.exp(0.05 * rng.normal(size=2))
        rows.append((model, f"t{task:02}", 0, fold, trial, f"{model}{trial}", json.dumps({"x": trial}), valid, test))
    names = ["model", "task", "repeat", "fold", "trial", "config_id", "config", "valid_error", "error"]
    return pd.DataFrame(rows, columns=names)


def test_the_two_configurations_that_complement_each_other_are_found() -> None:
    grid = shared_grid(trials(), {})
    members = grid.candidates.greedy(2)
    assert set(grid.configs.iloc[members]["config_id"]) == {"a2", "b3"}
    assert exported(grid, members) == {"a": ['{"x": 2}'], "b": ['{"x": 3}']}
    judged = evaluate(grid, 3).set_index("n_configs")
    assert judged.loc[2, "loss"] < 0.1 < judged.loc[1, "loss"]
    assert judged.loc[2, "gain_low"] > 0.1
    assert judged.loc[2, "random"] > judged.loc[2, "loss"]


def test_equal_configurations_gain_nothing_on_tasks_left_out() -> None:
    judged = evaluate(shared_grid(trials(is_planted=False), {}), 3)
    assert (judged["gain_low"] < 0).all()


def test_a_default_configuration_is_on_no_list_and_its_model_still_runs() -> None:
    grid = shared_grid(trials(), {})
    assert exported(grid, [0]) == {"a": []}
    assert grid.configs.loc[0, "is_default"]


def test_configurations_that_some_split_lacks_are_left_out() -> None:
    rows = trials()
    lacking = rows[~((rows["config_id"] == "a2") & (rows["task"] == "t03") & (rows["fold"] == 1))]
    assert "a2" not in set(shared_grid(lacking, {}).configs["config_id"])
    assert len(shared_grid(rows, {}).configs) == 8
    with pytest.raises(DataError, match="nothing to choose a portfolio from"):
        shared_grid(rows.assign(config_id=rows["config_id"] + rows["task"]), {})


def test_one_that_failed_everywhere_is_never_taken_first() -> None:
    rows = trials()
    rows.loc[rows["config_id"] == "a0", ["valid_error", "error"]] = np.nan
    grid = shared_grid(rows, {})
    assert grid.configs.iloc[grid.candidates.greedy(1)]["config_id"].item() != "a0"
