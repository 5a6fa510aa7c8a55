"""Which rows metafeatures are computed on."""

from __future__ import annotations

import numpy as np
import pytest

from tabbench.data.catalog import load_task
from tabbench.metafeatures.sample import (
    Sample,
    UndefinedError,
    chosen_rows,
    equal_bins,
    make_sample,
    number_matrix,
)
from tabbench.task import BINARY


@pytest.fixture(scope="module")
def data():
    return load_task("bundled/penguins")


def test_all_rows_are_kept_under_the_cap(data):
    rows = np.arange(5, 105)
    assert chosen_rows(data, rows, 100, 0) is rows
    assert chosen_rows(data, rows, None, 0) is rows


def test_a_subsample_keeps_the_shares_of_the_classes_and_two_rows_of_the_rarest(data):
    rows = np.arange(len(data.y))
    shares = np.bincount(data.y) / len(rows)
    kept = chosen_rows(data, rows, 100, 0)
    assert len(kept) == 100
    assert (np.diff(kept) > 0).all()
    assert np.abs(np.bincount(data.y[kept]) / 100 - shares).max() < 0.03
    assert (np.bincount(data.y[chosen_rows(data, rows, 20, 0)]) >= 2).all()


def test_a_subsample_depends_on_the_seed_alone(data):
    rows = np.arange(len(data.y))
    assert (chosen_rows(data, rows, 50, 3) == chosen_rows(data, rows, 50, 3)).all()
    assert (chosen_rows(data, rows, 50, 3) != chosen_rows(data, rows, 50, 4)).any()


def test_the_sample_knows_nothing_of_test_unless_it_is_given(data):
    sample = make_sample(data, np.arange(50), None, None, 0)
    assert sample.test is None
    assert (sample.n_rows, sample.n_train, len(sample.X)) == (50, 50, 50)


def test_what_is_lacking_is_told(data):
    sample = make_sample(data, np.arange(50), None, None, 0)
    with pytest.raises(UndefinedError, match="the table has no time column"):
        sample.need(sample.time is not None, "no time column")


@pytest.mark.parametrize("seed", range(20))
def test_bins_keep_the_order_and_equal_numbers_together(seed):
    rng = np.random.default_rng(seed)
    x = np.round(rng.standard_cauchy(int(rng.integers(1, 60))), int(rng.integers(0, 4)))
    bins = equal_bins(x)
    order = np.argsort(x, kind="stable")
    assert (np.diff(bins[order]) >= 0).all()
    assert set(bins.tolist()) == set(range(bins.max() + 1))
    assert bins.max() < 10
    for number in np.unique(x):
        assert len(set(bins[x == number].tolist())) == 1


def test_bins_of_different_numbers_are_equally_full():
    assert np.bincount(equal_bins(np.random.default_rng(0).normal(size=1000))).tolist() == [100] * 10


@pytest.mark.parametrize("n_rows", [0, 1, 4_096, 10_000])
def test_numbers_are_laid_side_by_side_whatever_the_rows(n_rows):
    import pandas as pd

    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n_rows, 3)), columns=list("abc"))
    X.loc[X["a"] > 1, "b"] = np.nan
    np.testing.assert_array_equal(number_matrix(X), X.to_numpy())
    assert number_matrix(X.astype("category")).shape == (n_rows, 0)


def test_columns_that_do_not_vary_are_left_out_of_what_is_scaled():
    import pandas as pd

    X = pd.DataFrame({"a": [1.0, 1.0, 1.0], "b": [1.0, 2.0, 3.0], "c": [np.nan] * 3})
    sample = Sample(X, np.array([0, 1, 0]), np.arange(3), BINARY, 3)
    assert sample.scaled.shape == (3, 1)
    assert sample.numbers[:, 2].tolist() == [0, 0, 0]
