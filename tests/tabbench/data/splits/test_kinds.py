"""Holdout, windows and gaps in time, equal rows kept together, and rows that came with a task."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabbench.data.splits import cut_valid, fixed_rule, make_split
from tabbench.errors import DataError
from tabbench.task import DatasetCard, Origin, Split, SplitKind, SplitRule, Task, TaskData, TaskType, Window

HOLDOUT, TEMPORAL, KFOLD = SplitKind.HOLDOUT, SplitKind.TEMPORAL, SplitKind.KFOLD


def some_data(y, rule, *, X=None, time=None, group=None, splits=None):
    y = np.asarray(y)
    task_type = TaskType.REGRESSION if y.dtype.kind == "f" else TaskType.MULTICLASS
    card = DatasetCard("t", 1, "", (), len(y), "", "", "", Origin.SIMULATED, "t")
    X = pd.DataFrame(index=range(len(y))) if X is None else X
    time = None if time is None else np.asarray(time, dtype=np.float64)
    group = None if group is None else np.asarray(group, dtype=np.int64)
    return TaskData(Task("bundled/t", card, "y", task_type, "", rule), X, y, time, group, splits)


@given(st.integers(40, 400), st.floats(0.1, 0.6), st.integers(0, 3), st.integers(2, 4))
def test_holdout_tests_its_share_of_every_class(n_rows, fraction, repeat, n_classes):
    y = np.arange(n_rows) % n_classes
    data = some_data(y, SplitRule(HOLDOUT, 4, 1, test_fraction=fraction))
    split = make_split(data, repeat, 0)
    assert np.array_equal(np.sort(np.r_[split.train, split.test]), np.arange(n_rows))
    share = np.bincount(y[split.test], minlength=n_classes) / np.bincount(y)
    assert np.all(np.abs(share - fraction) <= 1.5 / np.bincount(y).min())
    assert split.valid is None


def test_holdout_repeats_differ_and_can_leave_rows_out():
    rule = SplitRule(HOLDOUT, 2, 1, test_fraction=0.2, train_fraction=0.5, valid_fraction=0.1)
    data = some_data(np.arange(1000.0), rule)
    first, second = (make_split(data, repeat, 0) for repeat in (0, 1))
    assert (len(first.test), len(first.train), len(first.valid)) == (200, 500, 100)
    assert not set(first.test) & set(first.train)
    assert set(first.valid) < set(first.train)
    assert not np.array_equal(first.test, second.test)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (SplitRule(HOLDOUT, 1, 3), "one fold, not 3"),
        (SplitRule(HOLDOUT, 1, 1, test_fraction=0.999), "10 test rows cannot be drawn from 10"),
        (SplitRule(HOLDOUT, 1, 1, valid_fraction=0.8), "8 valid rows cannot be drawn from 7"),
        (SplitRule(TEMPORAL, 1, 3, keeps_equal_rows=True), "cannot keep equal rows together"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(rule, words):
    with pytest.raises(DataError, match=words):
        make_split(some_data(np.arange(10.0), rule), 0, 0)


@pytest.mark.slow
@given(
    st.lists(st.integers(0, 300), min_size=60, max_size=200, unique=True),
    st.sampled_from(Window),
    st.floats(0, 20),
    st.integers(2, 4),
)
def test_no_train_or_valid_row_lies_in_the_future_or_in_the_gap(time, window, gap, n_folds):
    data = some_data(np.zeros(len(time)), SplitRule(TEMPORAL, 1, n_folds, window=window, gap=gap), time=time)
    for fold in range(n_folds):
        try:
            split = make_split(data, 0, fold)
            fit, valid = cut_valid(data, split.train, 0.25, 0)
        except DataError:  # so dense that the gap takes all
            assert gap > 0
            continue
        assert np.all(data.time[split.test].min() - data.time[split.train] > gap)
        assert np.all(data.time[valid].min() - data.time[fit] > gap)
        assert set(fit) | set(valid) <= set(split.train)


def test_a_gap_of_seven_days_leaves_seven_days_out():
    data = some_data(np.zeros(100), SplitRule(TEMPORAL, 1, 1, gap=7.0), time=np.arange(100))
    split = make_split(data, 0, 0)
    assert (split.train.max(), split.test.min()) == (42, 50)


def test_a_sliding_window_trains_on_the_block_before():
    expanding, sliding = (
        some_data(np.zeros(100), SplitRule(TEMPORAL, 1, 4, window=window), time=np.arange(100)) for window in Window
    )
    for fold in range(4):
        assert np.array_equal(make_split(expanding, 0, fold).test, make_split(sliding, 0, fold).test)
        assert make_split(expanding, 0, fold).train.tolist() == [*range(20 * (fold + 1))]
        assert make_split(sliding, 0, fold).train.tolist() == [*range(20 * fold, 20 * (fold + 1))]


def test_a_gap_that_leaves_no_train_row_is_refused():
    data = some_data(np.zeros(100), SplitRule(TEMPORAL, 1, 4, gap=50.0), time=np.arange(100))
    with pytest.raises(DataError, match="gap of 50 leaves no train rows before fold 0"):
        make_split(data, 0, 0)


values = st.lists(st.tuples(st.sampled_from([0.0, -0.0, 1.0, np.nan]), st.sampled_from("ab")), min_size=40, max_size=90)


@pytest.mark.slow
@given(values, st.sampled_from([KFOLD, HOLDOUT]), st.booleans())
def test_equal_rows_are_never_in_two_parts(rows, kind, is_regression):
    wide = pd.DataFrame(rows, columns=["x", "c"]).astype({"c": "category"}).assign(i=np.arange(len(rows)) % 9 * 1.0)
    y = np.arange(len(rows)) * 1.0 if is_regression else np.arange(len(rows)) % 3
    rule = SplitRule(kind, 2, 3 if kind is KFOLD else 1, keeps_equal_rows=True)
    data = some_data(y, rule, X=wide)
    same = wide.assign(x=wide.x + 0.0).fillna({"x": 7.0}).groupby(["x", "c", "i"], observed=True).ngroup().to_numpy()
    for fold in range(rule.n_folds):
        split = make_split(data, 1, fold)
        assert not set(same[split.train]) & set(same[split.test])
        fit, valid = cut_valid(data, split.train, 0.3, 0)
        assert not set(same[fit]) & set(same[valid])
        assert np.array_equal(np.sort(np.r_[fit, valid]), split.train)


def test_equal_rows_of_all_sizes_are_spread_evenly():
    copies = np.repeat(np.arange(600), np.r_[np.full(300, 1), np.full(200, 3), np.full(100, 9)])
    y = copies % 2
    data = some_data(y, SplitRule(KFOLD, 1, 5, keeps_equal_rows=True), X=pd.DataFrame({"x": copies * 1.0}))
    sizes = [np.bincount(y[make_split(data, 0, fold).test]) for fold in range(5)]
    assert np.ptp(sizes, axis=0).max() <= 10


def test_equal_rows_cost_seconds_on_a_large_table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.integers(0, 40, (200_000, 8)).astype(float)).rename(columns=str)
    data = some_data(rng.normal(size=len(X)), SplitRule(KFOLD, 1, 3, keeps_equal_rows=True), X=X)
    split = make_split(data, 0, 0)
    assert abs(len(split.test) - len(X) / 3) < 100


def test_too_few_distinct_rows_are_refused():
    data = some_data(
        np.arange(9.0), SplitRule(KFOLD, 1, 3, keeps_equal_rows=True), X=pd.DataFrame({"x": [1.0, 2.0] * 4 + [1.0]})
    )
    with pytest.raises(DataError, match="2 distinct rows, too few for 3 folds"):
        make_split(data, 0, 0)


def given_splits():
    return tuple(
        Split(0, fold, np.arange(0, 20)[np.arange(20) % 2 != fold], np.arange(fold, 20, 2), np.array([1 - fold]))
        for fold in (0, 1)
    )


def test_fixed_rows_are_handed_back_as_they_came():
    splits = given_splits()
    data = some_data(np.zeros(20, dtype=int), fixed_rule(splits), splits=splits)
    assert data.task.splits == ((0, 0), (0, 1))
    assert make_split(data, 0, 1) is splits[1]
    fit, valid = cut_valid(data, splits[1].train, 0.2, 0)
    assert np.array_equal(np.sort(np.r_[fit, valid]), splits[1].train)


def test_fixed_rows_other_than_those_of_the_rule_are_refused():
    splits = given_splits()
    moved = (replace(splits[0], test=splits[0].test[1:]), splits[1])
    data = some_data(np.zeros(20, dtype=int), fixed_rule(splits), splits=moved)
    with pytest.raises(DataError, match="not those that its split rule has the hash of"):
        make_split(data, 0, 1)


def test_every_part_counts_in_the_hash_of_fixed_rows():
    one = given_splits()[:1]
    hashes = {
        fixed_rule((replace(one[0], **change),)).rows_hash
        for change in (
            {},
            {"valid": None},
            {"valid": one[0].valid[:0]},
            {"test": one[0].test[1:]},
            {"train": one[0].test},
        )
    }
    assert len(hashes) == 5


@pytest.mark.parametrize("part", ["time", "group"])
def test_valid_of_fixed_splits_respects_time_and_groups(part):
    splits = given_splits()
    marks = np.arange(20) // 4
    data = some_data(np.zeros(20, dtype=int), fixed_rule(splits), splits=splits, **{part: marks})
    fit, valid = cut_valid(data, splits[0].train, 0.3, 0)
    assert not set(marks[fit]) & set(marks[valid])
    assert part == "group" or marks[fit].max() < marks[valid].min()
