"""Slices of a job are done apart and leave the rows of the whole."""

from __future__ import annotations

import pytest
from stored_rows import stable_rows

from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import plan_run
from tabbench.runner.slices import sliced


def pieces(n_workers: int, *overrides: str):
    overrides = ("tasks=[bundled/iris]", "models=[knn]", "folds=[0]", "store=nowhere", *overrides)
    return sliced(plan_run(compose_settings(list(overrides))).jobs, n_workers)


def test_slices_hold_every_trial_of_a_job_once():
    cut = pieces(2, "protocol.n_trials=30")
    assert [number for piece in cut for number in piece.numbers] == list(range(30))
    assert len(cut) == 3
    assert len({piece.job_id for piece in cut}) == 1


@pytest.mark.parametrize(
    "overrides",
    [("protocol.n_trials=15",), ("sampler=tpe",), ("pruner=median",), ("protocol.job_seconds=9",)],
    ids=str,
)
def test_job_that_is_short_adaptive_or_counts_seconds_stays_whole(overrides):
    n_trials = () if "n_trials" in overrides[0] else ("protocol.n_trials=30",)
    (job,) = pieces(2, *n_trials, *overrides)
    assert job.trials is None


def test_enough_jobs_or_one_worker_need_no_slices():
    assert len(pieces(1, "protocol.n_trials=30")) == 1
    assert len(pieces(2, "protocol.n_trials=30", "folds=[0,1,2]", "models=[knn,linear,svm]")) == 9


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["random", "qmc"])
def test_slices_on_two_workers_leave_the_rows_of_one(sampler, tmp_path, run):
    settings = ("models=[decision_tree]", "protocol.n_trials=18", f"sampler={sampler}")
    run(*settings, "executor.n_workers=1", f"store={tmp_path / 'one'}")
    summary = run(*settings, "executor.n_workers=2", f"store={tmp_path / 'two'}")
    assert not summary.failures
    assert stable_rows(tmp_path / "one") == stable_rows(tmp_path / "two")


def test_refused_model_has_one_row_however_it_is_cut(tmp_path, write_plugin, run):
    skip = '@staticmethod\ndef skip(task):\n    return "not today"'
    settings = (f"models=[{write_plugin('shy', more=skip)}]", "protocol.n_trials=18", "executor.n_workers=2")
    assert run(*settings).statuses == {"skipped": 1}
    assert len(stable_rows(tmp_path / "store")) == 1
    assert not run(*settings).plan.jobs
