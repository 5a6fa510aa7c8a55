"""Splits: who is trained on, who is tested, and that they are the same everywhere."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from tabbench.data.catalog import describe_task, known_tasks, load_task
from tabbench.data.splits import cut_valid, make_split, rows_hash, shuffled
from tabbench.data.splits.grouped import groups_of
from tabbench.errors import DataError
from tabbench.task import DatasetCard, Origin, SplitKind, SplitRule, Task, TaskData, TaskType

GROUPED, TEMPORAL, KFOLD = SplitKind.GROUPED, SplitKind.TEMPORAL, SplitKind.KFOLD


def some_data(y, kind=KFOLD, *, time=None, group=None, n_folds=3, n_repeats=1):
    y = np.asarray(y)
    task_type = TaskType.REGRESSION if y.dtype.kind == "f" else TaskType.MULTICLASS
    card = DatasetCard("t", 1, "", (), len(y), "", "", "", Origin.SIMULATED, "t")
    task = Task("bundled/t", card, "y", task_type, "", SplitRule(kind, n_repeats, n_folds))
    time = None if time is None else np.asarray(time, dtype=np.float64)
    group = None if group is None else np.asarray(group, dtype=np.int64)
    return TaskData(task, pd.DataFrame(index=range(len(y))), y, time, group)


labels = st.lists(st.integers(0, 3), min_size=6, max_size=60)
numbers = st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=60)
times = st.lists(st.integers(0, 30), min_size=20, max_size=60)
fractions = st.floats(0.05, 0.6)


def assert_parts(rows, *parts):
    assert np.array_equal(np.sort(np.concatenate(parts)), rows)
    for part in parts:
        assert len(part)
        assert np.array_equal(part, np.sort(part))


@given(st.one_of(labels, numbers), st.integers(2, 5), st.integers(1, 3))
def test_kfold_tests_every_row_once_a_repeat(y, n_folds, n_repeats):
    data = some_data(y, n_folds=n_folds, n_repeats=n_repeats)
    for repeat in range(n_repeats):
        tests = []
        for fold in range(n_folds):
            split = make_split(data, repeat, fold)
            assert_parts(np.arange(len(y)), split.train, split.test)
            tests.append(split.test)
        assert_parts(np.arange(len(y)), *tests)
        assert max(map(len, tests)) - min(map(len, tests)) <= 1


@given(st.lists(st.integers(5, 15), min_size=1, max_size=4), st.integers(2, 5), st.integers(0, 9))
def test_kfold_spreads_classes_as_evenly_as_sklearn(counts, n_folds, seed):
    y = np.repeat(np.arange(len(counts)), counts)[shuffled(sum(counts), seed)]
    data = some_data(y, n_folds=n_folds)
    ours = [np.bincount(data.y[make_split(data, 0, f).test], minlength=4) for f in range(n_folds)]
    theirs = [np.bincount(data.y[test], minlength=4) for _, test in StratifiedKFold(n_folds).split(y, y)]
    assert np.ptp(ours, axis=0).max() <= max(np.ptp(theirs, axis=0).max(), 1)


def test_regression_folds_hold_every_tenth_of_the_target():
    data = some_data(np.arange(300.0))
    for fold in range(3):
        tenths = make_split(data, 0, fold).test // 30
        assert np.array_equal(np.bincount(tenths), np.full(10, 10))


def test_repeats_differ():
    data = some_data(np.arange(30.0), n_repeats=2)
    assert not np.array_equal(make_split(data, 0, 0).test, make_split(data, 1, 0).test)


@given(times, st.integers(1, 4))
def test_temporal_test_rows_come_after_all_train_rows(time, n_folds):
    assume(len(set(time)) > 2 * n_folds)
    data = some_data(np.zeros(len(time), dtype=int), TEMPORAL, time=time, n_folds=n_folds)
    try:
        splits = [make_split(data, 0, fold) for fold in range(n_folds)]
    except DataError:  # so uneven that two blocks would begin at the same time
        assume(condition=False)
    for split in splits:
        assert len(split.train)
        assert len(split.test)
        assert data.time[split.train].max() < data.time[split.test].min()
    for earlier, later in itertools.pairwise(splits):
        assert np.array_equal(np.sort(np.r_[earlier.train, earlier.test]), later.train)
    last = splits[-1]
    assert_parts(np.arange(len(time)), last.train, last.test)


@given(st.lists(st.integers(0, 12), min_size=8, max_size=80), st.integers(2, 4), st.integers(0, 2))
def test_grouped_folds_keep_groups_whole_and_sizes_near(group, n_folds, repeat):
    assume(len(set(group)) >= n_folds)
    data = some_data(np.zeros(len(group), dtype=int), GROUPED, group=group, n_folds=n_folds, n_repeats=3)
    splits = [make_split(data, repeat, fold) for fold in range(n_folds)]
    for split in splits:
        assert_parts(np.arange(len(group)), split.train, split.test)
        assert not set(data.group[split.train]) & set(data.group[split.test])
    sizes = [len(split.test) for split in splits]
    assert max(sizes) - min(sizes) <= np.bincount(group).max()


@given(labels, fractions, st.integers(0, 5))
def test_valid_takes_its_share_of_every_class(y, fraction, seed):
    assume(np.bincount(y).max() >= 2)
    data = some_data(y)
    rows = np.arange(len(y))[::2] if np.bincount(y[::2]).max() >= 2 else np.arange(len(y))
    fit, valid = cut_valid(data, rows, fraction, seed)
    assert_parts(rows, fit, valid)
    n_all, n_valid = np.bincount(data.y[rows], minlength=4), np.bincount(data.y[valid], minlength=4)
    assert np.all(np.abs(n_valid - fraction * n_all) < 1 + 1e-9)
    assert np.all(n_valid[n_all == 1] == 0)
    assert np.all((n_all - n_valid)[n_all > 0] >= 1)


@given(numbers, fractions)
def test_regression_valid_has_the_wanted_size(y, fraction):
    data = some_data(y)
    fit, valid = cut_valid(data, np.arange(len(y)), fraction, 0)
    assert_parts(np.arange(len(y)), fit, valid)
    if len(y) >= 40:
        assert abs(len(valid) - fraction * len(y)) <= 10


@given(times, fractions)
def test_temporal_valid_is_the_latest_part(time, fraction):
    assume(len(set(time)) >= 2)
    data = some_data(np.zeros(len(time), dtype=int), TEMPORAL, time=time)
    fit, valid = cut_valid(data, np.arange(len(time)), fraction, 0)
    assert_parts(np.arange(len(time)), fit, valid)
    assert data.time[fit].max() < data.time[valid].min()


@given(st.lists(st.integers(0, 12), min_size=6, max_size=60), fractions, st.integers(0, 3))
def test_grouped_valid_is_made_of_whole_groups(group, fraction, seed):
    assume(len(set(group)) >= 2)
    data = some_data(np.zeros(len(group), dtype=int), GROUPED, group=group)
    fit, valid = cut_valid(data, np.arange(len(group)), fraction, seed)
    assert_parts(np.arange(len(group)), fit, valid)
    assert not set(data.group[fit]) & set(data.group[valid])


def test_seeds_give_other_valid_rows_but_not_in_time():
    data = some_data(np.arange(100.0), time=np.arange(100))
    rows = np.arange(100)
    assert not np.array_equal(cut_valid(data, rows, 0.2, 0)[1], cut_valid(data, rows, 0.2, 1)[1])
    dated = some_data(np.arange(100.0), TEMPORAL, time=np.arange(100))
    assert cut_valid(dated, rows, 0.2, 0)[1].tolist() == cut_valid(dated, rows, 0.2, 1)[1].tolist() == [*range(80, 100)]


def test_the_order_of_rows_given_does_not_matter():
    data = load_task("bundled/wine")
    rows = make_split(data, 0, 0).train
    assert np.array_equal(cut_valid(data, rows[::-1], 0.2, 3)[1], cut_valid(data, rows, 0.2, 3)[1])


def test_shuffling_is_the_same_for_ever():
    assert shuffled(10, 0).tolist() == [3, 2, 1, 8, 6, 0, 7, 4, 5, 9]
    assert sorted(shuffled(1000, 7)) == [*range(1000)]


GOLDEN = {
    "bundled/ames": "be06d7148f91ab7e",
    "bundled/breast_cancer": "23eca88bae63cbf3",
    "bundled/concrete": "a565c8dd4e415709",
    "bundled/credit": "1de39b48a60b46df",
    "bundled/diabetes": "50d8aa5daf99b60e",
    "bundled/diamonds": "31b95677bf4dd949",
    "bundled/digits": "ec59f257e733f007",
    "bundled/flights": "c12cf1571cf7db52",
    "bundled/fuel_economy": "df473077eeab8600",
    "bundled/hotel_rates": "1196467d06c625fb",
    "bundled/hpc_jobs": "4a3ef74597244561",
    "bundled/iris": "3c53eaaf6f3a7285",
    "bundled/penguins": "d101235657bd5f46",
    "bundled/remote_work": "009f2d58e35b1a6c",
    "bundled/rodents": "5b497956c76b7441",
    "bundled/wine": "d4bffce80c961c54",
}


@pytest.mark.parametrize("name", known_tasks())
def test_rows_are_the_same_on_every_machine(name):
    data = load_task(name)
    rows = []
    for repeat, fold in data.task.splits:
        split = make_split(data, repeat, fold)
        rows += [*split.test, *cut_valid(data, split.train, 0.2, 0)[1]]
    assert rows_hash(np.array(rows)) == GOLDEN[name]


def test_dated_tables_are_split_by_time():
    for name in known_tasks():
        task = describe_task(name)
        if any(column.kind == "date" or column.role == "time" for column in task.dataset.columns):
            assert task.split_rule.kind is TEMPORAL, name


@pytest.mark.parametrize(("repeat", "fold"), [(1, 0), (0, 3), (-1, 0)])
def test_a_split_that_is_not_there_is_refused(repeat, fold):
    with pytest.raises(DataError, match=r"no split .* folds are 0\.\.2"):
        make_split(some_data(np.arange(9.0)), repeat, fold)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (some_data([0, 1]), "2 rows, too few for 3 folds"),
        (some_data([0] * 9, TEMPORAL), "need a time for every row"),
        (some_data([0] * 9, TEMPORAL, time=[1, 2] * 4 + [1]), "2 distinct times, too few"),
        (some_data([0] * 9, TEMPORAL, time=range(9), n_repeats=2), "n_repeats must be 1"),
        (some_data([0] * 9, GROUPED), "need a group for every row"),
        (some_data([0] * 9, GROUPED, group=[1, 2] * 4 + [1]), "2 groups, too few"),
        (some_data([0] * 9, SplitKind.FIXED), "no rows came with it"),
    ],
)
def test_rows_that_cannot_be_split_are_refused(data, words):
    with pytest.raises(DataError, match=words):
        make_split(data, 0, 0)


@pytest.mark.parametrize(
    "data",
    [
        some_data([0, 1, 2]),
        some_data([0] * 9, TEMPORAL, time=[5] * 9),
        some_data([0] * 9, GROUPED, group=[5] * 9),
    ],
)
def test_rows_without_a_possible_valid_part_are_refused(data):
    with pytest.raises(DataError, match="cannot be cut in two parts"):
        cut_valid(data, np.arange(len(data.y)), 0.2, 0)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, float("nan")])
def test_a_valid_fraction_out_of_range_is_refused(fraction):
    with pytest.raises(DataError, match="between 0 and 1"):
        cut_valid(some_data(np.arange(9.0)), np.arange(9), fraction, 0)


@given(st.data())
def test_grouped_splits_part_neither_groups_nor_equal_rows(data):
    n = data.draw(st.integers(12, 60))
    values = st.lists(st.integers(0, 40), min_size=n, max_size=n)
    x, group = np.array(data.draw(values)), np.array(data.draw(values))
    task = describe_task("bundled/concrete")
    rule = SplitRule(SplitKind.GROUPED, n_folds=2, keeps_equal_rows=True)
    table = TaskData(
        task.with_splits(rule), pd.DataFrame({"x": x * 1.0}), x * 0.5, group=np.unique(group, return_inverse=True)[1]
    )
    assume(len(np.unique(groups_of(table))) > 1)
    splits = [make_split(table, 0, fold) for fold in (0, 1)]
    for split in splits:
        assert not {*x[split.train]} & {*x[split.test]}
        assert not {*group[split.train]} & {*group[split.test]}
