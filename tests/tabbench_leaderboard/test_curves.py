"""The tuning curves of the plots against those of each job."""

import numpy as np
import pandas as pd
import pytest
from tabbench_leaderboard.curves import MOST_POINTS, curves_of

from tabbench.tuning.curve_tables import tuning_curves


def trials_of(n_trials: int = 6, *, sampler: str = "random") -> pd.DataFrame:
    """Two models on two tasks with two folds; `constant` has one trial."""
    rng = np.random.default_rng(0)
    rows = [
        {"job_id": f"{model}{task}{fold}", "model": model, "task": task, "repeat": 0, "fold": fold,
         "protocol_id": "p", "sampler": sampler, "trial": trial, "status": "ok", "valid_error": rng.gamma(2.0),
         "test_error": rng.gamma(2.0) * (10 if task == "b" else 1), "total_seconds": rng.gamma(2.0)}
        for model in ("trees", "constant") for task in ("a", "b") for fold in (0, 1)
        for trial in range(n_trials if model == "trees" else 1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_tasks_curve_is_the_mean_of_its_splits() -> None:
    trials = trials_of()
    (curve,) = curves_of(trials).by_task["b"]
    jobs = tuning_curves(trials)
    jobs = jobs[(jobs["model"] == "trees") & (jobs["task"] == "b")]
    wanted = jobs.groupby("n_trials")[["seconds", "error", "q05", "q95"]].mean()
    for name, found in (("seconds", curve.seconds), ("error", curve.error), ("q05", curve.low), ("q95", curve.high)):
        assert found == pytest.approx(wanted[name].tolist(), rel=1e-12)
    assert curve.n_trials == (1, 2, 3, 4, 5, 6)
    assert (curve.model, curve.is_exact, curve.n_tasks, curve.n_splits) == ("trees", True, 1, 2)


def test_over_tasks_errors_are_shares_of_the_defaults() -> None:
    trials = trials_of()
    (curve,) = curves_of(trials).over_tasks
    jobs = tuning_curves(trials)
    jobs = jobs[jobs["model"] == "trees"]
    means = jobs.groupby(["task", "n_trials"])["error"].mean().unstack("task")
    shares = [(means[t] - means[t][1]) / np.maximum(means[t], means[t][1]) for t in ("a", "b")]
    assert curve.error == pytest.approx(((shares[0] + shares[1]) / 2).tolist(), rel=1e-12)
    assert curve.error[0] == 0.0
    assert (curve.n_tasks, curve.n_splits) == (2, 4)


def test_a_curve_ends_where_the_shortest_split_does() -> None:
    trials = trials_of()
    short = trials[(trials["job_id"] != "treesa0") | (trials["trial"] < 3)]
    curves = curves_of(short)
    assert curves.by_task["a"][0].n_trials == (1, 2, 3)
    assert curves.by_task["b"][0].n_trials == (1, 2, 3, 4, 5, 6)
    assert curves.over_tasks[0].n_trials == (1, 2, 3)


def test_samplers_that_learn_have_one_order_and_no_band() -> None:
    (curve,) = curves_of(trials_of(sampler="tpe")).over_tasks
    assert not curve.is_exact
    assert set(curve.low) == {None}
    assert None not in curve.error


def test_a_default_that_failed_leaves_its_task_out_of_the_mean() -> None:
    trials = trials_of()
    trials.loc[trials["job_id"].eq("treesb0") & trials["trial"].eq(0), ["status", "test_error"]] = ["error", np.nan]
    curves = curves_of(trials)
    assert curves.by_task["b"][0].error[0] is None
    assert curves.over_tasks[0].error[-1] == pytest.approx(
        1 - curves.by_task["a"][0].error[0] / curves.by_task["a"][0].error[-1]
        if curves.by_task["a"][0].error[-1] > curves.by_task["a"][0].error[0]
        else curves.by_task["a"][0].error[-1] / curves.by_task["a"][0].error[0] - 1
    )


def test_long_curves_are_drawn_at_ever_fewer_points() -> None:
    (curve,) = curves_of(trials_of(200)).over_tasks
    assert len(curve.n_trials) <= MOST_POINTS
    assert curve.n_trials[:3] == (1, 2, 3)
    assert curve.n_trials[-1] == 200


def test_nothing_tuned_has_no_curve() -> None:
    trials = trials_of()
    assert curves_of(trials[trials["model"] == "constant"]).over_tasks == ()
