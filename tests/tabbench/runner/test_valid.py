"""Inner folds: what is fitted on, what stops and what chooses, and what becomes of the predictions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_rows import all_trials

from tabbench.data import catalog
from tabbench.data.splits import make_split
from tabbench.errors import DataError, SettingsError, UnknownNameError
from tabbench.preparation import fit_preparation
from tabbench.protocol import Protocol, StopOn, ValidRule
from tabbench.runner.valid import cut_inner_folds
from tabbench.task import Split, SplitKind, SplitRule, TaskData

pytestmark = pytest.mark.usefixtures("in_process")

CV = ("protocol.valid=cv", "protocol.n_inner_folds=4")


def table(n: int = 120, kind: SplitKind = SplitKind.KFOLD, n_groups: int = 15, n_times: int = 40) -> TaskData:
    """Rows of a real task, with groups and times beside them and another split rule."""
    iris = catalog.load_task("bundled/iris")
    task = iris.task.with_splits(SplitRule(kind, n_folds=3))
    group = np.arange(n, dtype=np.int64) % n_groups
    time = (np.arange(n) * n_times // n).astype(np.float64)
    return TaskData(task, iris.X.iloc[:n].reset_index(drop=True), iris.y[:n], time, group)


def folds_of(data: TaskData, protocol: Protocol, fold: int = 1):
    split = make_split(data, 0, fold)
    return split, cut_inner_folds(data, split, protocol)


@settings(deadline=None, max_examples=25)
@given(n_folds=st.integers(2, 10), seed=st.integers(0, 99), n=st.integers(60, 150))
def test_folds_of_cv_hold_out_every_train_row_once(n_folds, seed, n):
    data = table(n)
    split, folds = folds_of(data, Protocol(valid=ValidRule.CV, n_inner_folds=n_folds, seed=seed))
    assert len(folds) == n_folds
    assert sorted(np.concatenate([fold.valid for fold in folds])) == split.train.tolist()
    for fold in folds:
        assert sorted([*fold.fit, *fold.valid]) == split.train.tolist()
        assert fold.stop is fold.valid


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 99), n_groups=st.integers(8, 30), inner=st.sampled_from(list(StopOn)))
def test_groups_never_straddle_inner_folds(seed, n_groups, inner):
    data = table(kind=SplitKind.GROUPED, n_groups=n_groups)
    protocol = Protocol(valid=ValidRule.CV, n_inner_folds=4, seed=seed, stop_on=inner)
    split, folds = folds_of(data, protocol)
    for fold in folds:
        parts = [fold.fit, fold.valid] if inner is StopOn.VALID else [fold.fit, fold.stop, fold.valid]
        groups = [set(data.group[rows]) for rows in parts]
        assert sum(map(len, groups)) == len(set.union(*groups))
        assert sorted(np.concatenate(parts)) == split.train.tolist()


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 99), n_times=st.integers(20, 80), n_folds=st.integers(2, 5))
def test_inner_folds_of_a_temporal_task_never_look_ahead(seed, n_times, n_folds):
    data = table(kind=SplitKind.TEMPORAL, n_times=n_times)
    _, folds = folds_of(data, Protocol(valid=ValidRule.CV, n_inner_folds=n_folds, seed=seed), fold=2)
    for fold in folds:
        assert data.time[fold.fit].max() < data.time[fold.valid].min()
    sizes = [len(fold.fit) for fold in folds]
    assert sizes == sorted(sizes)


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 99),
    rule=st.sampled_from([ValidRule.HOLDOUT, ValidRule.CV, ValidRule.NEXT_FOLD]),
    kind=st.sampled_from([SplitKind.KFOLD, SplitKind.GROUPED]),
)
def test_equal_rows_never_straddle_inner_parts_where_the_task_keeps_them_together(seed, rule, kind):
    data = table(n_groups=60)
    X = data.X.iloc[np.arange(len(data.y)) % 30].reset_index(drop=True)  # every row four times, in two of sixty groups
    data = replace(data, X=X, task=data.task.with_splits(SplitRule(kind, n_folds=3, keeps_equal_rows=True)))
    split, folds = folds_of(data, Protocol(valid=rule, n_inner_folds=4, seed=seed, stop_on=StopOn.INNER))
    for fold in folds:
        parts = [{tuple(row) for row in X.iloc[rows].to_numpy()} for rows in (fold.fit, fold.stop, fold.valid)]
        assert all(parts)
        assert sum(map(len, parts)) == len(set.union(*parts))
        assert sorted(np.concatenate([fold.fit, fold.stop, fold.valid])) == split.train.tolist()


def test_fewer_groups_than_inner_folds_are_a_fold_each():
    data = table(kind=SplitKind.GROUPED, n_groups=6)
    _, folds = folds_of(data, Protocol(valid=ValidRule.CV, n_inner_folds=8))
    assert len(folds) == 4  # two of six groups are test
    X = data.X.iloc[data.group // 2].reset_index(drop=True)  # equal rows make pairs of groups one
    rule = replace(data.task.split_rule, keeps_equal_rows=True)
    _, folds = folds_of(replace(data, X=X, task=data.task.with_splits(rule)), Protocol(valid=ValidRule.CV))
    assert len(folds) == 2


def test_next_fold_is_the_test_part_of_the_next_split():
    data = table()
    for fold in range(3):
        split, (inner,) = folds_of(data, Protocol(valid=ValidRule.NEXT_FOLD), fold)
        following = make_split(data, 0, (fold + 1) % 3).test
        assert inner.valid.tolist() == following.tolist()
        assert inner.fit.tolist() == sorted(set(split.train) - set(following))


def test_next_fold_that_would_look_ahead_is_refused():
    data = table(kind=SplitKind.TEMPORAL)
    with pytest.raises(DataError, match=r"next_fold does not fit bundled/iris: its next fold lies in the future"):
        folds_of(data, Protocol(valid=ValidRule.NEXT_FOLD))


def test_given_valid_rows_are_used_and_their_absence_is_told():
    data = table()
    split = Split(0, 0, train=np.arange(90), test=np.arange(90, 120), valid=np.arange(10, 30))
    (inner,) = cut_inner_folds(data, split, Protocol(valid=ValidRule.GIVEN))
    assert inner.valid.tolist() == list(range(10, 30))
    assert inner.fit.tolist() == [*range(10), *range(30, 90)]
    with pytest.raises(DataError, match=r"came without valid rows\. Use holdout or cv"):
        cut_inner_folds(data, replace(split, valid=None), Protocol(valid=ValidRule.GIVEN))
    with pytest.raises(DataError, match="valid must be a part of train"):
        cut_inner_folds(data, replace(split, valid=np.arange(95, 99)), Protocol(valid=ValidRule.GIVEN))


@pytest.mark.parametrize("rule", [ValidRule.HOLDOUT, ValidRule.CV, ValidRule.NEXT_FOLD])
def test_an_inner_part_that_stops_is_in_neither_of_the_others(rule):
    data = table()
    split, folds = folds_of(data, Protocol(valid=rule, stop_on=StopOn.INNER, n_inner_folds=3))
    for fold in folds:
        assert len(fold.stop)
        assert sorted(np.concatenate([fold.fit, fold.stop, fold.valid])) == split.train.tolist()


def test_auto_is_cv_for_small_tasks_and_holdout_for_large_and_temporal_ones():
    protocol, data = Protocol(), table()
    assert protocol.valid_rule(data.task) is ValidRule.CV
    assert protocol.valid_rule(table(kind=SplitKind.TEMPORAL).task) is ValidRule.HOLDOUT
    large = replace(data.task, dataset=replace(data.task.dataset, n_rows=2_500))
    assert protocol.valid_rule(large) is ValidRule.HOLDOUT


def test_what_is_switched_off_leaves_no_trace_in_the_identity():
    holdout = Protocol(valid=ValidRule.HOLDOUT)
    assert set(holdout.identity()) == {"valid", "valid_fraction", "metric", "sampler", "seed", "n_threads"}
    assert replace(holdout, n_inner_folds=3).protocol_id == holdout.protocol_id
    changed = (
        replace(holdout, refit=True),
        replace(holdout, stop_on=StopOn.INNER),
        replace(holdout, valid=ValidRule.CV),
        replace(holdout, valid=ValidRule.CV, n_inner_folds=3),
    )
    assert len({holdout.protocol_id, *(protocol.protocol_id for protocol in changed)}) == 5


@pytest.mark.slow
def test_out_of_fold_predictions_equal_a_loop_written_by_hand(tmp_path, run):
    from sklearn.metrics import log_loss
    from sklearn.tree import DecisionTreeClassifier
    from tabbench_models.decision_tree import MODEL

    run("models=[decision_tree]", "tasks=[bundled/wine]", "protocol.n_trials=1", *CV)
    (done,) = all_trials(tmp_path / "store")
    data = catalog.load_task("bundled/wine")
    valid, test = done.predictions
    split = make_split(data, 0, 0)
    folds = cut_inner_folds(data, split, Protocol(valid=ValidRule.CV, n_inner_folds=4))
    assert valid.rows.tolist() == split.train.tolist()
    expected, members = np.zeros((len(data.y), 3)), []
    for fold, fit in zip(folds, done.fits, strict=True):
        preparation = fit_preparation(data.X.iloc[fold.fit], MODEL.card.reads)
        tree = DecisionTreeClassifier(**MODEL.default, random_state=fit.seed)
        rows = preparation.transform(data.X.iloc[fold.fit])
        tree.fit(rows, data.y[fold.fit])
        leaves = {leaf: data.y[fold.fit][tree.apply(rows) == leaf] for leaf in tree.apply(rows)}
        shares = {leaf: (np.bincount(y, minlength=3) + 1) / (len(y) + 3) for leaf, y in leaves.items()}
        of_valid, of_test = (preparation.transform(data.X.iloc[part]) for part in (fold.valid, split.test))
        expected[fold.valid] = [shares[leaf] for leaf in tree.apply(of_valid)]
        members.append([shares[leaf] for leaf in tree.apply(of_test)])
        certain = np.maximum(expected[fold.valid], 1e-7)  # what is stored is clipped so
        certain /= certain.sum(axis=1, keepdims=True)
        assert fit.valid_error == pytest.approx(log_loss(data.y[fold.valid], certain), abs=1e-6)
    np.testing.assert_allclose(valid.values, expected[split.train], atol=1e-6)
    np.testing.assert_allclose(test.values, np.mean(members, axis=0), atol=1e-6)
    stored = valid.values.astype(np.float64)
    stored /= stored.sum(axis=1, keepdims=True)  # single precision
    assert done.trial.valid_error == pytest.approx(log_loss(data.y[split.train], stored), rel=1e-5)
    assert [fit.inner_fold for fit in done.fits] == [0, 1, 2, 3]
    assert len({fit.seed for fit in done.fits}) == len({fit.valid_rows_hash for fit in done.fits}) == 4
    assert (done.trial.valid_rule, done.trial.n_inner_folds, done.trial.n_fits) == ("cv", 4, 4)


STEPPER = """
if valid is None:
    self.shift = context.n_steps / 1000
    return Training(context.n_steps, context.n_steps, context.n_steps, "done")
n = 10 + len(train.y) % 7
for step in range(1, n + 1):
    context.report(step, 1 / step)
return Training(n + 5, n, 1000, "patience")
"""


def test_refit_takes_the_median_of_the_members_steps_scaled_by_rows(tmp_path, write_plugin, run):
    plugin = write_plugin("stepper", fit="from tabbench.model import Training\n" + STEPPER)
    run(f"models=[{plugin}]", "tasks=[bundled/diabetes]", "protocol.n_trials=1", "protocol.refit=true", *CV)
    (done,) = all_trials(tmp_path / "store")
    *members, refit = done.fits
    split = make_split(catalog.load_task("bundled/diabetes"), 0, 0)
    best = np.median([10 + fit.n_train % 7 for fit in members])
    expected = round(best * len(split.train) / np.mean([fit.n_train for fit in members]))
    assert (refit.inner_fold, refit.n_steps, refit.n_valid, refit.n_stop) == (-1, expected, 0, 0)
    assert refit.n_train == len(split.train)
    assert refit.valid_error is None
    assert set(done.predictions[1].values) == {np.float32(expected / 1000)}
    assert set(done.predictions[0].values) == {0.0}
    assert (done.trial.n_fits, done.trial.has_refit) == (5, True)
    assert done.trial.test_error == pytest.approx(refit.test_error)


MEMBERS_THAT_END = """
from tabbench.model import Training
if valid is None:
    n_steps = context.n_steps or 100
    return Training(n_steps, n_steps, n_steps, "done")
ends = {ends}
n_steps, stopped_by = ends[type(self).n_fitted]
type(self).n_fitted += 1
return Training(n_steps, n_steps, 100, stopped_by)
"""


@pytest.mark.parametrize(
    ("ends", "n_steps"),
    [
        ([(100, "cap")] * 4, 100),
        ([(100, "cap")] * 3 + [(60, "deadline")], 100),
        ([(60, "deadline")] * 4, 80),  # 4/3 of the rows
        ([(100, "done")] * 3 + [(60, "deadline")], 100),  # the configuration's own
        ([(60, "done")] + [(50, "patience")] * 3, 100),
        ([(50, "done")] * 4, 100),
    ],
)
def test_refit_never_trains_beyond_the_cap_nor_beyond_a_configuration_that_ends_by_itself(
    ends, n_steps, tmp_path, write_plugin, run
):
    plugin = write_plugin("forest", fit=MEMBERS_THAT_END.format(ends=ends), more="n_fitted = 0")
    run(f"models=[{plugin}]", "protocol.n_trials=1", "protocol.refit=true", *CV)
    (done,) = all_trials(tmp_path / "store")
    assert done.fits[-1].n_steps == n_steps


def test_member_that_fails_makes_its_trial_fail_and_says_which(tmp_path, write_plugin, run):
    plugin = write_plugin("moody", fit="if context.seed % 3 == 0:\n    raise ValueError('not on this fold')")
    run(f"models=[{plugin}]", "protocol.n_trials=6", *CV)
    trials = all_trials(tmp_path / "store")
    bad = [done for done in trials if done.trial.status == "error"]
    assert bad
    for done in bad:
        *before, last = done.fits
        assert done.trial.reason == f"inner fold {last.inner_fold}: ValueError: not on this fold"
        assert {fit.status for fit in before} <= {"ok"}
        assert last.seed % 3 == 0
        assert done.trial.valid_error is None
        assert not done.predictions
    assert all(fit.seed % 3 for done in trials if done.trial.status == "ok" for fit in done.fits)


def test_prepare_hook_runs_once_a_fold(tmp_path, write_plugin, run):
    log = tmp_path / "prepared"
    hook = f"""
    @staticmethod
    def prepare(train, valid, context):
        with open({str(log)!r}, "a") as f:
            f.write(f"{{len(train.y)}}\\n")
        return len(train.y)
    """
    fit = "assert context.prepared == len(train.y)"
    run(f"models=[{write_plugin('preparer', fit=fit, more=hook)}]", "protocol.n_trials=3", "protocol.refit=true", *CV)
    trials = all_trials(tmp_path / "store")
    assert [done.trial.status for done in trials] == ["ok"] * 3
    assert log.read_text().split() == [str(fit.n_train) for fit in trials[0].fits]


def test_valid_labels_reach_neither_preparation_nor_another_fold(tmp_path, write_plugin, run):
    """A plugin that remembers what it was given tells what it could have seen."""
    fit = """
    import numpy as np
    assert len(train.X) == len(train.y) and len(valid.X) == len(valid.y)
    rows = {tuple(r) for r in train.X.to_numpy().tolist()}
    shared = sum(tuple(r) in rows for r in valid.X.to_numpy().tolist())
    self.shift = shared / 1000
    """
    run(f"models=[{write_plugin('spy', fit=fit)}]", "tasks=[bundled/diabetes]", "protocol.n_trials=1", *CV)
    (done,) = all_trials(tmp_path / "store")
    assert set(done.predictions[0].values) == {0.0}


@pytest.mark.slow
def test_trial_seconds_hold_for_all_folds_together(tmp_path, write_plugin, run):
    plugin = write_plugin("slow", fit="import time; time.sleep(.5)")
    run(f"models=[{plugin}]", "protocol.n_trials=1", "protocol.trial_seconds=1.2", *CV)
    (done,) = all_trials(tmp_path / "store")
    assert done.trial.status == "timeout"
    assert "still fitting after 1.2 s" in done.trial.reason
    assert done.trial.total_seconds < 2.5
    assert len(done.fits) >= 2


@pytest.mark.parametrize(
    ("setting", "error", "message"),
    [
        ("protocol.valid=cross", UnknownNameError, "next_fold"),
        ("protocol.n_inner_folds=1", SettingsError, "between 2 and 100"),
        ("protocol.stop_on=train", UnknownNameError, "inner"),
    ],
)
def test_bad_settings_are_told(setting, error, message, run):
    with pytest.raises(error, match=message):
        run("models=[constant]", setting)


def test_a_fit_whose_stop_rows_hold_one_class_stops_on_log_loss(tmp_path, run):
    rng = np.random.default_rng(0)
    x = rng.normal(size=120)
    rare = x + 0.1 * rng.normal(size=120) > np.sort(x)[-6]
    lines = [f"{a},{b},{'yes' if y else 'no'}" for a, b, y in zip(x, rng.normal(size=120), rare, strict=True)]
    (tmp_path / "rare.csv").write_text("\n".join(["a,b,y", *lines]))
    run(
        f"tasks=['file:{tmp_path / 'rare.csv'}::y']",
        "models=[hist_gradient_boosting]",
        "protocol.metric=roc_auc",
        "protocol.n_trials=1",
        "protocol.valid=cv",
        "protocol.n_inner_folds=8",
    )
    (done,) = all_trials(tmp_path / "store")
    assert (done.trial.stop_metric, done.trial.choice_metric) == ("log_loss+roc_auc", "roc_auc")
    of_one_class = [fit for fit in done.fits if fit.valid_error is None]
    assert len(of_one_class) >= 2
    for fit in of_one_class:
        assert len(set(fit.curve_error)) > 1
        assert fit.best_step == np.argmin(fit.curve_error) + 1
