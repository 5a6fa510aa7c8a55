"""What is hopeless is stopped, is told why, is never chosen, and costs nothing but its own trial."""

from __future__ import annotations

import pytest
from stored_rows import all_trials

from tabbench.errors import SettingsError
from tabbench.protocol import PrunerKind
from tabbench.results import Status
from tabbench.store.database import open_database
from tabbench.store.layout import Store
from tabbench.tuning.replay import replay

CURVE = """
from tabbench.model import Training
noise = context.seed % 7 / 1000 if valid is not None else 0
for step in range(1, 61):
    error = abs(self.shift - 0.3) + noise + 1 / step
    if context.report(step, error):
        return Training(step, step, 60, "pruned")
self.shift = error
return Training(60, 60, 60, "cap")
"""
ON_CURVES = ("median", "halving", "hyperband")
TASK = "tasks=[bundled/diabetes]"


pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def curved(write_plugin):
    """A plugin whose error on valid is known from its first step on."""
    return write_plugin("curved", fit=CURVE)


@pytest.mark.slow
@pytest.mark.parametrize("pruner", ON_CURVES)
def test_pruned_trial_keeps_its_curve_and_its_reason_and_is_never_chosen(pruner, tmp_path, curved, run):
    run(f"models=[{curved}]", TASK, "protocol.n_trials=20", f"pruner={pruner}")
    trials = all_trials(tmp_path / "store")
    pruned = [done for done in trials if done.trial.status is Status.PRUNED]
    assert trials[0].trial.status is Status.OK
    assert 2 <= len(pruned) <= 17
    for done in pruned:
        (fit,) = done.fits
        assert done.trial.reason == f"stopped by the pruner at step {fit.n_steps}"
        assert fit.stopped_by == "pruned"
        assert fit.curve_step == tuple(range(1, fit.n_steps + 1))
        assert fit.n_steps < 60
        assert done.trial.valid_error is None
        assert done.trial.test_error is None
        assert not done.predictions
        assert done.trial.pruner == pruner
    with open_database(Store(tmp_path / "store")) as connection:
        chosen = connection.execute("SELECT trial FROM best_trials WHERE regime = 'tuned'").fetchall()
    ok = [done for done in trials if done.trial.status is Status.OK]
    assert chosen == [(min(ok, key=lambda done: done.trial.valid_error).trial.trial,)]


def test_median_pruner_stops_only_what_is_worse_than_the_median_of_those_before(tmp_path, curved, run):
    run(f"models=[{curved}]", TASK, "protocol.n_trials=20", "pruner=median")
    finals: list[float] = []
    for done in all_trials(tmp_path / "store"):
        first = min(done.fits[0].curve_error[:18])  # the first rung from 15 = 60 / 4 steps on is 15 itself or 18
        if done.trial.status is Status.PRUNED:
            assert len(finals) >= 5
            assert first > sorted(finals)[len(finals) // 2] - 0.1
        else:
            finals.append(first)


@pytest.mark.slow
def test_wilcoxon_ends_configurations_after_some_folds(tmp_path, write_plugin, run):
    plugin = write_plugin("folded", fit="self.shift = 100 * params['shift']")
    cv = ("protocol.valid=cv", "protocol.n_inner_folds=8", "protocol.refit=true")
    run(f"models=[{plugin}]", TASK, "protocol.n_trials=16", "pruner=wilcoxon", *cv)
    trials = all_trials(tmp_path / "store")
    pruned = [done for done in trials if done.trial.status is Status.PRUNED]
    best = [done for done in trials if done.trial.status is Status.OK]
    assert pruned
    for done in pruned:
        assert 2 <= len(done.fits) < 9
        assert done.trial.reason == f"stopped by the pruner after {len(done.fits)} of 8 inner folds"
        assert {fit.status for fit in done.fits} == {"ok"}
        earlier = [b for b in best if b.trial.trial < done.trial.trial]
        assert min(b.trial.valid_error for b in earlier) < max(fit.valid_error for fit in done.fits)
    assert all(len(done.fits) == 9 for done in best)


def test_pruner_under_cv_looks_at_the_first_fold_alone(tmp_path, curved, run):
    cv = ("protocol.valid=cv", "protocol.n_inner_folds=3")
    run(f"models=[{curved}]", TASK, "protocol.n_trials=16", "pruner=median", *cv)
    n_fits = {len(done.fits) for done in all_trials(tmp_path / "store") if done.trial.status is Status.PRUNED}
    assert n_fits == {1}


def test_model_that_ignores_the_pruner_is_pruned_all_the_same(tmp_path, write_plugin, run):
    plugin = write_plugin(
        "deaf", fit=CURVE.replace("if context.report(step, error):", "if context.report(step, error) and False:")
    )
    run(f"models=[{plugin}]", TASK, "protocol.n_trials=20", "pruner=median")
    statuses = {done.trial.status for done in all_trials(tmp_path / "store")}
    assert statuses == {Status.OK, Status.PRUNED}


@pytest.mark.parametrize("pruner", ON_CURVES)
def test_a_model_without_a_curve_is_never_pruned(pruner, tmp_path, run):
    run("models=[decision_tree]", "protocol.n_trials=8", f"pruner={pruner}")
    assert {done.trial.status for done in all_trials(tmp_path / "store")} == {Status.OK}


def test_wilcoxon_without_folds_is_refused(run):
    with pytest.raises(SettingsError, match=r"pruner=wilcoxon compares inner folds.*Use cv"):
        run("models=[constant]", "pruner=wilcoxon", "protocol.valid=holdout")


def test_fit_that_fails_half_way_keeps_what_the_pruner_saw(tmp_path, write_plugin, run):
    """Successive halving compares with failed trials too: a resumed job must show it the same."""
    fit = CURVE.replace("error = abs", "assert step < 11 or params['shift'] < .5\n    error = abs", 1)
    run(f"models=[{write_plugin('weak', fit=fit)}]", TASK, "protocol.n_trials=12", "pruner=median")
    bad = [done for done in all_trials(tmp_path / "store") if done.trial.status is Status.ERROR]
    assert bad
    for done in bad:
        assert done.fits[0].curve_step == (1, 2, 3, 4, 5, 6, 7, 9)
        assert done.fits[0].curve_seconds is None
        assert done.fits[0].curve_error[-1] < done.fits[0].curve_error[0]


@pytest.mark.slow
@pytest.mark.parametrize("pruner", ON_CURVES)
def test_replay_of_a_plain_run_gives_up_what_a_run_with_the_pruner_does(pruner, tmp_path, write_plugin, run):
    plugin = write_plugin("even", fit=CURVE.replace("context.seed % 7 / 1000 if valid is not None else 0", "0"))
    for name in ("none", pruner):
        run(
            f"models=[{plugin}]",
            TASK,
            "folds=[0]",
            "protocol.n_trials=20",
            f"pruner={name}",
            f"store={tmp_path / name}",
        )
    real, plain = (all_trials(tmp_path / name) for name in (pruner, "none"))
    replayed = replay(PrunerKind(pruner), real[0].trial.job_id, [(done.trial, done.fits) for done in plain])
    assert [one.is_pruned for one in replayed] == [done.trial.status is Status.PRUNED for done in real]
    assert any(one.is_pruned for one in replayed)
    for one, done in zip(replayed, plain, strict=True):
        assert one.fit_seconds <= (done.fits[0].fit_seconds or 0) + 1e-4  # seconds of a curve are kept to 0.1 ms
