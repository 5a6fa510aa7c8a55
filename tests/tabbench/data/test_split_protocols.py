"""Splits of published studies by name."""

from dataclasses import replace

import numpy as np
import pytest

from tabbench.data.catalog import describe_task, load_task
from tabbench.data.split_protocols import splits_of
from tabbench.data.splits import make_split
from tabbench.errors import UnknownNameError
from tabbench.task import Column, ColumnKind, Role, SplitKind, SplitRule

HOLDOUT, TEMPORAL, GROUPED, KFOLD, FIXED = (SplitKind(k) for k in ("holdout", "temporal", "grouped", "kfold", "fixed"))


def sized(n_rows, rule=None):
    task = describe_task("bundled/credit")
    task = replace(task, dataset=replace(task.dataset, n_rows=n_rows))
    return task if rule is None else task.with_splits(rule)


def counts(rule):
    return rule.kind, rule.n_repeats, rule.n_folds


@pytest.mark.parametrize(("n_rows", "n_repeats"), [(748, 10), (2499, 10), (2500, 3), (150_000, 3)])
def test_tabarena_repeats_more_on_small_tables(n_rows, n_repeats):
    assert counts(splits_of("tabarena", sized(n_rows))) == (KFOLD, n_repeats, 3)


def test_tabzilla_has_ten_folds():
    data = load_task("bundled/credit")
    data = replace(data, task=data.task.with_splits(splits_of("tabzilla", data.task)))
    assert counts(data.task.split_rule) == (KFOLD, 1, 10)
    positives = [data.y[make_split(data, 0, fold).test].sum() for fold in range(10)]
    assert np.ptp(positives) <= 1


# n_rows: fitted on, valid, test, times drawn; by hand from the paper's rule
GRINSZTAJN = [
    (1_000, 700, 90, 210, 5),
    (4_762, 3333, 428, 1001, 3),
    (13_000, 9_100, 1_170, 2_730, 3),
    (15_000, 10_000, 1_500, 3_500, 2),
    (20_000, 10_000, 3_000, 7_000, 1),
    (500_000, 10_000, 50_000, 50_000, 1),
]


@pytest.mark.parametrize(("n_rows", "n_fit", "n_valid", "n_test", "n_draws"), GRINSZTAJN)
def test_grinsztajn_fits_on_ten_thousand_rows_at_most(n_rows, n_fit, n_valid, n_test, n_draws):
    task = sized(n_rows)
    rule = splits_of("grinsztajn", task)
    assert counts(rule) == (HOLDOUT, n_draws, 1)
    plain = load_task("bundled/credit")
    rows = np.arange(n_rows) % len(plain.y)
    data = replace(plain, task=task.with_splits(rule), X=plain.X.iloc[rows].reset_index(drop=True), y=plain.y[rows])
    split = make_split(data, n_draws - 1, 0)
    sizes = len(split.train) - len(split.valid), len(split.valid), len(split.test)
    assert np.abs(np.array(sizes) - (n_fit, n_valid, n_test)).max() <= 1


@pytest.mark.parametrize("name", ["tabzilla", "tabarena", "grinsztajn"])
def test_dated_and_grouped_tables_are_never_dealt_at_random(name):
    dated = splits_of(name, sized(1000, SplitRule(TEMPORAL, 1, 3, gap=5.0)))
    assert (dated.kind, dated.n_repeats, dated.gap) == (TEMPORAL, 1, 5.0)
    assert splits_of(name, sized(1000, SplitRule(GROUPED))).kind is GROUPED
    task = sized(1000, SplitRule(FIXED, rows_hash="x"))
    day = Column("day", ColumnKind.NUMERIC, Role.TIME)
    task = replace(task, dataset=replace(task.dataset, columns=(*task.dataset.columns, day)))
    assert splits_of(name, task) == task.split_rule


def test_rows_that_came_with_a_task_are_kept_where_they_are_the_studys():
    ten = SplitRule(FIXED, 1, 10, rows_hash="x")
    assert splits_of("tabzilla", sized(1000, ten)) == ten
    assert counts(splits_of("tabarena", sized(1000, ten))) == (KFOLD, 10, 3)


def test_own_is_the_tasks():
    for name in ("bundled/flights", "bundled/credit", "bundled/fuel_economy"):
        task = describe_task(name)
        assert splits_of("own", task) is task.split_rule


def test_equal_rows_stay_together():
    task = sized(1000, SplitRule(keeps_equal_rows=True, seed=4))
    for name in ("tabzilla", "tabarena", "grinsztajn"):
        rule = splits_of(name, task)
        assert rule.keeps_equal_rows
        assert rule.seed == 4


def test_an_unknown_name_is_refused():
    with pytest.raises(UnknownNameError, match="Did you mean tabzilla"):
        splits_of("tabzila", sized(1000))
