"""What must be true of every number: nothing chooses by test labels, chance has one root, workers do not matter."""

from __future__ import annotations

import numpy as np
import pytest
from stored_rows import all_trials, stable_rows

from tabbench.data import catalog
from tabbench.data.splits import make_split
from tabbench.runner import parts, supervisor

CHOOSERS = {
    "random": ("models=[decision_tree]",),
    "tpe": ("models=[decision_tree]", "sampler=tpe"),
    "gp": ("models=[decision_tree]", "sampler=gp"),
    "cv": ("models=[decision_tree]", "sampler=tpe", "protocol.valid=cv", "protocol.n_inner_folds=3"),
    "refit": ("models=[hist_gradient_boosting]", "protocol.refit=true", "protocol.n_trials=4"),
    "median": ("models=[hist_gradient_boosting]", "pruner=median"),
    "halving": ("models=[hist_gradient_boosting]", "pruner=halving"),
    "wilcoxon": ("models=[decision_tree]", "pruner=wilcoxon", "protocol.valid=cv"),
}


QUICK = ("random", "tpe", "cv")


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    "chooser", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in CHOOSERS]
)
def test_permuting_the_test_labels_changes_no_choice(chooser, tmp_path, run, monkeypatch):
    settings = ("protocol.n_trials=14", "tasks=[bundled/wine]", *CHOOSERS[chooser])
    run(*settings, f"store={tmp_path / 'true'}")
    true = catalog.load_task("bundled/wine")
    test = make_split(true, 0, 0).test
    y = true.y.copy()
    y[test] = np.random.default_rng(1).permutation(y[test])
    monkeypatch.setattr(
        supervisor, "load_on_split", lambda job: type(true)(true.task, true.X, y, true.time, true.group)
    )
    monkeypatch.setattr(parts, "make_split", lambda data, repeat, fold: make_split(true, repeat, fold))
    run(*settings, f"store={tmp_path / 'permuted'}")
    before, after = (all_trials(tmp_path / name) for name in ("true", "permuted"))
    assert [seen(done) for done in before] == [seen(done) for done in after]
    assert [done.trial.test_error for done in before] != [done.trial.test_error for done in after]


def seen(done):
    """All of a trial that a choice could rest on."""
    trial = done.trial
    fits = [(fit.train_rows_hash, fit.stop_rows_hash, fit.n_steps, fit.curve_error) for fit in done.fits]
    return trial.config, trial.status, trial.valid_error, fits, [p.values.tobytes() for p in done.predictions]


PLANS = {
    "quick": (),
    "tpe": ("protocol=holdout_tpe", "pruner=halving", "protocol.refit=true"),
    "cv": ("sampler=qmc", "protocol.valid=cv", "protocol.n_inner_folds=3", "protocol.stop_on=inner"),
    "tabzilla": ("protocol=tabzilla", "pruner=median"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_two_workers_and_one_give_the_same_rows(name, tmp_path, run):
    models = "models=[decision_tree,hist_gradient_boosting]" if PLANS[name] else "models=[decision_tree,linear]"
    settings = (models, "tasks=[bundled/iris,bundled/diabetes]", "folds=[0,1]", *PLANS[name], "protocol.n_trials=3")
    run(*settings, "executor.n_workers=1", f"store={tmp_path / 'one'}")
    run(*settings, "executor.n_workers=2", f"store={tmp_path / 'two'}")
    assert stable_rows(tmp_path / "one") == stable_rows(tmp_path / "two")
    assert len(stable_rows(tmp_path / "one")) == 24


@pytest.mark.slow
def test_random_trial_is_the_same_configuration_on_every_task_and_split(tmp_path, run):
    run("models=[random_forest]", "tasks=[bundled/iris,bundled/wine]", "folds=[0,1]")
    by_trial: dict[int, set[str]] = {}
    for done in all_trials(tmp_path / "store"):
        by_trial.setdefault(done.trial.trial, set()).add(done.trial.config)
    assert [len(configs) for configs in by_trial.values()] == [1, 1, 1]
    assert len({next(iter(configs)) for configs in by_trial.values()}) == 3


def test_scores_come_from_exactly_the_stored_predictions(tmp_path, run):
    from sklearn.metrics import log_loss

    run("models=[decision_tree]")
    data = catalog.load_task("bundled/iris")
    for done in all_trials(tmp_path / "store"):
        for prediction, scores in zip(done.predictions, (done.trial.valid, done.trial.test), strict=True):
            p = prediction.values.astype(np.float64).reshape(-1, 3)
            expected = log_loss(data.y[prediction.rows], p / p.sum(axis=1, keepdims=True), labels=[0, 1, 2])
            assert scores.log_loss == pytest.approx(expected, abs=1e-6)
        assert done.trial.test_error == done.trial.test.log_loss


@pytest.mark.slow
def test_fixed_configurations_are_replayed_and_a_misspelt_name_is_refused(tmp_path, run):
    from tabbench.errors import SettingsError

    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("decision_tree: [{max_depth: 3}, {max_depth: 9}]\n")
    bad.write_text("- {max_dept: 3}\n")
    run("models=[decision_tree]", "sampler=fixed", f"sampler.configs={good}", "protocol.n_trials=10")
    assert [d.trial.config for d in all_trials(tmp_path / "store")] == [
        f'{{"max_depth":{depth},"min_samples_leaf":20}}' for depth in (5, 3, 9)
    ]
    with pytest.raises(SettingsError, match="max_dept"):
        run("models=[decision_tree]", "sampler=fixed", f"sampler.configs={bad}")
