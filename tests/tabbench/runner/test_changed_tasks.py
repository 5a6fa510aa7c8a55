"""Modified tasks, and splits of published studies, through a whole run."""

from dataclasses import replace

import pytest
from stored_rows import all_trials

from tabbench.errors import DataError
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import plan_run
from tabbench.runner.parts import load_planned


@pytest.mark.slow
def test_a_modified_task_is_run_under_its_canonical_name(tmp_path, run):
    run("models=[constant]", "tasks=['bundled/penguins~label_noise=.60']", f"store={tmp_path / 'noisy'}", "folds=[0]")
    run("models=[constant]", "tasks=[bundled/penguins]", f"store={tmp_path / 'plain'}", "folds=[0]")
    (noisy,), (plain,) = (all_trials(tmp_path / name) for name in ("noisy", "plain"))
    assert noisy.trial.task == "bundled/penguins~label_noise=0.6"
    assert noisy.trial.splits_hash != plain.trial.splits_hash
    assert noisy.trial.test_error > plain.trial.test_error  # the classes' shares were learned from wrong labels


@pytest.mark.slow
def test_a_worker_makes_the_splits_that_were_planned(tmp_path, run):
    settings = ("models=[constant]", "tasks=[bundled/penguins]", "protocol.splits=tabarena", f"store={tmp_path / 's'}")
    plan = plan_run(compose_settings(settings))
    assert len(plan.jobs) == 30
    run(*settings, "folds=[1]")
    rows = [done.trial for done in all_trials(tmp_path / "s")]
    assert sorted(row.repeat for row in rows) == [*range(10)]
    assert {row.splits_hash for row in rows} == {plan.tasks[0].splits_hash}


def test_a_job_of_other_splits_is_refused(tmp_path):
    job = plan_run(compose_settings(["models=[constant]", "tasks=[bundled/iris]", f"store={tmp_path}"])).jobs[0]
    assert load_planned(job).task.splits_hash == job.splits_hash
    with pytest.raises(DataError, match="not the one that was planned"):
        load_planned(replace(job, split_rule=replace(job.split_rule, n_folds=7)))
