"""The presets do what the studies they are named after did, and budgets of every kind hold."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from stored_rows import all_trials

from tabbench.cli.main import main
from tabbench.data.splits import rows_hash
from tabbench.protocol import SamplerKind, ValidRule
from tabbench.results import Status
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import plan_run
from tabbench.store.database import open_database
from tabbench.store.layout import Store

pytestmark = pytest.mark.usefixtures("in_process")
SHARED = Path(os.environ.get("TABBENCH_SHARED", Path(__file__).parents[4] / "shared" / "data"))
TABZILLA = sorted((SHARED / "raw" / "tabzilla_unittest").glob("openml__*"))


def plan(*overrides: str):
    return plan_run(compose_settings(["models=[knn]", "store=nowhere", *overrides]))


def test_tabzilla_has_ten_folds_and_the_same_thirty_configurations():
    made = plan("protocol=tabzilla", "tasks=[bundled/wine]")
    assert len(made.jobs) == 10
    protocol = made.protocol
    assert (protocol.valid, protocol.limits.n_trials) == (ValidRule.NEXT_FOLD, 30)
    assert protocol.sampler.kind is SamplerKind.RANDOM
    assert (protocol.limits.trial_seconds, protocol.limits.job_seconds) == (720, 3600)


def test_tabarena_bags_eight_folds_by_its_own_metrics():
    made = plan("protocol=tabarena", "tasks=[bundled/breast_cancer,bundled/wine,bundled/diabetes]")
    assert len(made.jobs) == 3 * 30
    protocol = made.protocol
    assert (protocol.valid, protocol.n_inner_folds, protocol.limits.n_trials) == (ValidRule.CV, 8, 201)
    assert [protocol.primary_metric(task) for task in made.tasks] == ["roc_auc", "log_loss", "rmse"]


def test_holdout_tpe_chooses_its_sampler_and_can_be_overruled():
    assert plan("protocol=holdout_tpe", "tasks=[bundled/wine]").protocol.sampler.kind is SamplerKind.TPE
    overruled = plan("protocol=holdout_tpe", "sampler=gp", "tasks=[bundled/wine]").protocol
    assert overruled.sampler.kind is SamplerKind.GP
    assert overruled.name == "holdout_tpe"


@pytest.mark.slow
@pytest.mark.skipif(not TABZILLA, reason="TabZilla's own tables are not here; set TABBENCH_SHARED")
def test_tabzilla_trains_chooses_and_scores_on_the_rows_of_its_authors(tmp_path, monkeypatch):
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    tasks = ",".join(f"folder:{folder}" for folder in TABZILLA)
    asked = ["protocol=tabzilla", f"tasks=[{tasks}]", "models=[decision_tree]", "protocol.n_trials=2", "folds=[0,4,9]"]
    assert main(["run", *asked, f"store={tmp_path / 'store'}", "executor.n_workers=1"]) == 0
    trials = all_trials(tmp_path / "store")
    for folder in TABZILLA:
        assert_rows_of(folder, [done for done in trials if done.trial.task == f"folder:{folder}"])


def assert_rows_of(folder, trials):
    with gzip.open(folder / "split_indeces.npy.gz") as file:
        theirs = np.load(file, allow_pickle=True)
    assert len(trials) == 6
    for done in trials:
        (fit,) = done.fits
        rows = {part: np.sort(np.asarray(theirs[done.trial.fold][part])) for part in ("train", "val", "test")}
        assert fit.train_rows_hash == rows_hash(rows["train"])
        assert fit.valid_rows_hash == fit.stop_rows_hash == rows_hash(rows["val"])
        assert fit.test_rows_hash == rows_hash(rows["test"])
        assert [p.rows.tolist() for p in done.predictions] == [rows["val"].tolist(), rows["test"].tolist()]
        assert done.trial.status is Status.OK


@pytest.mark.slow
def test_metrics_by_task_type_stop_and_choose(tmp_path, run):
    run(
        "models=[decision_tree]",
        "tasks=[bundled/breast_cancer,bundled/diabetes]",
        "protocol.metrics={binary: roc_auc, regression: mae}",  # as a preset writes it
    )
    for done in all_trials(tmp_path / "store"):
        is_binary = done.trial.task == "bundled/breast_cancer"
        assert done.trial.choice_metric == ("roc_auc" if is_binary else "mae")
        expected = 1 - done.trial.valid.roc_auc if is_binary else done.trial.valid.mae
        assert done.trial.valid_error == pytest.approx(expected)


@pytest.mark.slow
def test_seconds_alone_end_a_job_and_more_seconds_go_on(tmp_path, write_plugin, run):
    plugin = write_plugin("slow", fit="import time; time.sleep(.1)")
    settings = (f"models=[{plugin}]", "protocol.n_trials=null")
    run(*settings, "protocol.job_seconds=0.5")
    first = [done.trial.started_at for done in all_trials(tmp_path / "store")]
    assert 3 <= len(first) <= 6
    assert not plan_run(
        compose_settings(
            [*settings, "tasks=[bundled/iris]", "folds=[0]", "protocol.job_seconds=0.5", f"store={tmp_path / 'store'}"]
        )
    ).jobs
    run(*settings, "protocol.job_seconds=1.2")
    after = [done.trial.started_at for done in all_trials(tmp_path / "store")]
    assert len(after) > len(first)
    assert after[: len(first)] == first


@pytest.mark.slow
def test_job_that_spent_its_seconds_early_says_so(tmp_path, write_plugin, run):
    plugin = write_plugin("slow", fit="import time; time.sleep(.2)")
    run(f"models=[{plugin},constant]", "protocol.n_trials=50", "protocol.job_seconds=0.5")
    with open_database(Store(tmp_path / "store")) as connection:
        found = dict(connection.execute("SELECT model, budget_spent FROM jobs").fetchall())
    assert found == {"slow": "seconds", "constant": None}
