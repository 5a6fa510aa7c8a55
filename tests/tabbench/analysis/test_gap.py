"""The gap of two families: planted effects are found, none where there is none, and tasks are the unit."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tabbench.analysis.gap import Sides, gap_summary, metric_gaps, split_gaps, task_gaps
from tabbench.errors import DataError
from tabbench.ranking.one_task import corrected_t

SIDES = Sides("net", "tree", {"net0": "net", "net1": "net", "tree0": "tree", "tree1": "tree"})


def planted(
    n_tasks: int = 20, effect: float = 0.0, gain: float = 0.0, n_trials: int = 3, n_folds: int = 4, seed: int = 0
) -> pd.DataFrame:
    """Trials whose log error has a task's level, a task's own gap, `effect` for networks, and `gain` by tuning."""
    rng = np.random.default_rng(seed)
    level, own = rng.normal(size=n_tasks), 0.05 * rng.normal(size=n_tasks)
    rows = []
    for task, fold, model, trial in product(range(n_tasks), range(n_folds), SIDES.of_model, range(n_trials)):
        true = level[task] + (effect + own[task]) * model.startswith("net") - gain * (trial > 0)
        valid, test = np.exp(true + 0.02 * rng.normal(size=2))
        rows.append((model, f"t{task:02}", 0, fold, trial, valid, test))
    return pd.DataFrame(rows, columns=["model", "task", "repeat", "fold", "trial", "valid_error", "error"])


def summary(trials: pd.DataFrame, regime: str = "tuned") -> pd.DataFrame:
    tasks = task_gaps(split_gaps(trials, SIDES), {})
    return gap_summary(tasks[tasks["regime"] == regime], {}).set_index("quantity")


def test_a_planted_gap_and_gain_are_recovered() -> None:
    found = summary(planted(effect=0.2, gain=0.5))
    assert found.loc["mean_gap", "low"] < 1 - np.exp(-0.2) < found.loc["mean_gap", "high"]
    assert found.loc["second_gain", "value"] == pytest.approx(1 - np.exp(-0.5), abs=0.02)
    assert found.loc["first_wins", "value"] < 0.1
    assert found.loc["tuning_matters_more", "value"] == 1
    assert found.loc["within_noise", "value"] < 0.2


@pytest.mark.slow
def test_without_an_effect_the_interval_misses_zero_as_rarely_as_said() -> None:
    """Nominal 0.05: of 100 draws more than 11 misses would be chance once in a hundred times."""
    misses = 0
    for seed in range(100):
        row = summary(planted(n_trials=1, n_folds=1, seed=seed), "default").loc["mean_gap"]
        misses += not row["low"] <= 0 <= row["high"]
    assert misses <= 11  # the 99th percentile of a binomial of 100 at 0.05


def test_more_splits_are_not_more_tasks() -> None:
    few, many = (summary(planted(n_folds=n, n_trials=1), "default").loc["mean_gap"] for n in (2, 10))
    assert many["high"] - many["low"] == pytest.approx(few["high"] - few["low"], rel=0.25)
    assert few["n_tasks"] == many["n_tasks"] == 20


def test_related_tasks_widen_the_interval() -> None:
    tasks = task_gaps(split_gaps(planted(n_tasks=30, n_trials=1), SIDES), {})
    related = {task: f"family{i // 3}" for i, task in enumerate(tasks["task"])}
    alone, together = (gap_summary(tasks, families).set_index("quantity").loc["mean_gap"] for families in ({}, related))
    assert alone["value"] == together["value"]
    assert (alone["low"], alone["high"]) != (together["low"], together["high"])


def test_noise_of_splits_is_that_of_the_corrected_t_test() -> None:
    gaps = split_gaps(planted(n_tasks=1, n_trials=1), SIDES)
    task = task_gaps(gaps, {"t00": 0.25}).iloc[0]
    expected = corrected_t(gaps["gap"].to_numpy(), 0.25)
    assert (task["gap"], task["low"], task["p"]) == (expected.mean, expected.low, expected.p)
    plain = stats.ttest_1samp(gaps["gap"], 0).pvalue
    assert task["p"] > plain


def test_the_interval_of_a_task_ends_where_gaps_end() -> None:
    gaps = split_gaps(planted(n_tasks=1, n_trials=1, n_folds=2), SIDES).assign(gap=[0.1, 0.9])
    task = task_gaps(gaps, {"t00": 0.25}).iloc[0]
    assert (task["gap"], task["low"], task["high"]) == (0.5, -1, 1)


def test_default_alone_has_no_tuned_rows_and_few_tasks_no_interval() -> None:
    gaps = split_gaps(planted(n_tasks=5, n_trials=1), SIDES)
    assert set(gaps["regime"]) == {"default"}
    assert gap_summary(task_gaps(gaps, {}), {})["low"].isna().all()


def test_budgets_are_equal_and_a_split_with_one_family_is_left_out() -> None:
    trials = planted(n_tasks=2)
    trials = trials[~((trials["model"] == "net1") & (trials["task"] == "t00"))]
    trials = trials[~(trials["model"].str.startswith("tree") & (trials["task"] == "t01"))]
    gaps = split_gaps(trials, SIDES)
    assert set(gaps["task"]) == {"t00"}
    assert gaps.groupby("regime")["budget"].unique().map(list).to_dict() == {"default": [1], "tuned": [3]}


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="valid_error"):
        split_gaps(planted(n_tasks=1).drop(columns="valid_error"), SIDES)


def test_trials_of_neither_family_have_no_gap() -> None:
    assert split_gaps(planted().assign(model="other"), SIDES).empty


def test_by_each_metric_the_mean_gap_is_that_of_the_summary() -> None:
    trials = planted(effect=0.2)
    other = trials.assign(error=trials["error"].where(trials["task"] > "t10") ** 2)
    found = metric_gaps([("mae", trials), ("mse", other)], SIDES, {}).set_index(["metric", "regime"])
    assert len(found) == 4
    for metric, rows in (("mae", trials), ("mse", other)):
        wanted = summary(rows)
        mine = found.loc[(metric, "tuned")]
        assert mine["gap"] == pytest.approx(wanted.loc["mean_gap", "value"], rel=1e-12)
        ends = mine[["low", "high"]].to_numpy(dtype=float)
        assert ends == pytest.approx(wanted.loc["mean_gap", ["low", "high"]].to_numpy(dtype=float), nan_ok=True)
        assert mine["first_wins"] == pytest.approx(wanted.loc["first_wins", "value"])
        assert mine["n_tasks"] == wanted.loc["mean_gap", "n_tasks"]
    assert found.loc[("mse", "tuned"), "n_tasks"] == 9
