import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler

from tabbench.errors import DataError
from tabbench.model import Categorical, Missing, Numeric, PreparedColumn, Reads
from tabbench.preparation import fit_preparation

EVERY_READS = [Reads(c, m, n) for c in Categorical for m in Missing for n in Numeric]


def raw_table(n_rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    skewed = rng.exponential(size=n_rows) * 1e4
    skewed[rng.random(n_rows) < 0.1] = np.nan
    city = pd.Categorical(rng.choice(["Bern", "Oslo", "Rome", None], n_rows, p=[0.5, 0.3, 0.1, 0.1]))
    code = pd.Categorical(rng.integers(0, 60, n_rows).astype(str))
    day = pd.to_datetime("2020-02-29") + pd.to_timedelta(rng.integers(0, 10**8, n_rows), unit="s")
    return pd.DataFrame(
        {
            "a b": rng.normal(size=n_rows),
            "skewed": skewed,
            "constant": np.full(n_rows, 0.1),
            "nothing": np.full(n_rows, np.nan),
            "city": city,
            "code": code,
            "no level": pd.Categorical([None] * n_rows, categories=["x"]),
            7: rng.integers(0, 5, n_rows),
            "day 🗓": pd.Series(day).where(rng.random(n_rows) > 0.1),
        }
    )


def prepared(train: pd.DataFrame, reads: Reads, rows: pd.DataFrame | None = None) -> pd.DataFrame:
    return fit_preparation(train, reads).transform(train if rows is None else rows)


def as_bytes(X: pd.DataFrame) -> bytes:
    return pickle.dumps([(name, str(X[name].dtype), np.asarray(X[name]).tobytes()) for name in X])


@pytest.mark.parametrize("reads", EVERY_READS, ids=lambda r: f"{r.categorical}-{r.missing}-{r.numeric}")
def test_every_form_agrees_with_its_columns_and_names_them_in_order(reads: Reads) -> None:
    preparation = fit_preparation(raw_table(200), reads)
    X = preparation.transform(raw_table(50, seed=1))
    assert [c.name for c in preparation.columns] == list(X.columns) == [f"x{i}" for i in range(X.shape[1])]
    assert X.index.equals(pd.RangeIndex(50))
    for column in preparation.columns:
        values = X[column.name]
        if not column.is_categorical:
            assert column.n_levels == 0
            assert values.dtype == np.float64
        elif reads.categorical is Categorical.NATIVE:
            assert list(values.cat.categories) == list(range(column.n_levels))
        else:
            assert values.dtype == np.int64
            assert values.between(0, column.n_levels - 1).all()


@pytest.mark.parametrize("reads", [r for r in EVERY_READS if r.missing is Missing.IMPUTE], ids=str)
def test_imputed_numbers_are_finite_whatever_the_column(reads: Reads) -> None:
    other = raw_table(50, seed=1).assign(constant=np.inf, nothing=3.0)
    for rows in (raw_table(200), other):
        assert np.isfinite(prepared(raw_table(200), reads, rows).select_dtypes("number").to_numpy()).all()


@pytest.mark.parametrize("reads", EVERY_READS, ids=lambda r: f"{r.categorical}-{r.missing}-{r.numeric}")
def test_the_same_table_gives_the_same_bytes_and_stays_as_it_was(reads: Reads) -> None:
    X = raw_table(200)
    first = as_bytes(prepared(X, reads))
    assert first == as_bytes(prepared(raw_table(200), reads))
    pd.testing.assert_frame_equal(X, raw_table(200))


@pytest.mark.parametrize("reads", EVERY_READS, ids=lambda r: f"{r.categorical}-{r.missing}-{r.numeric}")
def test_rows_are_prepared_one_by_one(reads: Reads) -> None:
    preparation = fit_preparation(raw_table(200), reads)
    rows = raw_table(60, seed=1)
    order = np.random.default_rng(0).permutation(60)
    shuffled = preparation.transform(rows.iloc[order])
    assert as_bytes(shuffled) == as_bytes(preparation.transform(rows).iloc[order])
    alone = preparation.transform(rows.iloc[[17]])
    pd.testing.assert_frame_equal(alone, preparation.transform(rows).iloc[[17]].reset_index(drop=True))


def test_a_preparation_goes_through_pickle() -> None:
    preparation = fit_preparation(raw_table(100), Reads(Categorical.ONE_HOT, Missing.IMPUTE, Numeric.QUANTILE))
    again = pickle.loads(pickle.dumps(preparation))
    assert as_bytes(again.transform(raw_table(30))) == as_bytes(preparation.transform(raw_table(30)))


# --- fitted on train alone


def planted(train: pd.DataFrame) -> pd.DataFrame:
    """Test rows whose every statistic is far from the train rows'."""
    rows = train.iloc[:100].copy()
    rows["a b"], rows["skewed"], rows[7] = 1e9, np.nan, -(10**6)
    rows["city"] = pd.Categorical(["Atlantis"] * 100)
    rows["code"] = pd.Categorical([f"new {i // 20}" for i in range(100)])
    rows["day 🗓"] = pd.Timestamp("2099-12-31 23:00")
    return rows


@pytest.mark.parametrize("reads", EVERY_READS, ids=lambda r: f"{r.categorical}-{r.missing}-{r.numeric}")
def test_what_stands_in_test_rows_changes_nothing_for_train_rows(reads: Reads) -> None:
    train = raw_table(200)
    everything = pd.concat([train, planted(train)], ignore_index=True)
    for name in ("city", "code", "no level"):  # a whole table's dtype knows the levels of its test rows
        everything[name] = everything[name].astype("category")
    cut = everything.iloc[:200]
    assert "Atlantis" in cut["city"].cat.categories
    assert as_bytes(prepared(cut, reads)) == as_bytes(prepared(train, reads))
    # The planted rows are loud enough that fitting on them would show.
    assert as_bytes(prepared(everything, reads).iloc[:200]) != as_bytes(prepared(train, reads))


def test_a_level_seen_only_in_test_rows_is_missing() -> None:
    train = pd.DataFrame({"city": pd.Categorical(["Bern", "Oslo"] * 10, categories=["Aarau", "Bern", "Oslo"])})
    rows = pd.DataFrame({"city": pd.Categorical(["Aarau", "Oslo", None])})
    assert prepared(train, Reads(), rows)["x0"].isna().tolist() == [True, False, True]
    assert prepared(train, Reads(Categorical.CODES), rows)["x0"].tolist() == [0, 2, 0]
    assert prepared(train, Reads(Categorical.ONE_HOT), rows).to_numpy().tolist() == [[0, 0], [0, 1], [0, 0]]
    assert prepared(train, Reads(Categorical.ORDINAL, Missing.IMPUTE), rows)["x0"].tolist() == [0.5, 1.0, 0.5]


# --- categoricals


def test_levels_are_numbered_in_the_order_of_their_names_not_of_their_dtype() -> None:
    column = pd.Categorical(["b", "10", "9"], categories=["b", "9", "10"])
    assert prepared(pd.DataFrame({"c": column}), Reads())["x0"].tolist() == [2, 0, 1]


def test_codes_and_one_hot_pool_rare_levels_and_others_keep_them() -> None:
    train = pd.DataFrame({"c": pd.Categorical(["often"] * 10 + ["rare"] * 9)})
    assert fit_preparation(train, Reads(Categorical.CODES)).columns == (PreparedColumn("x0", True, 2),)
    assert fit_preparation(train, Reads(Categorical.ONE_HOT)).columns == (PreparedColumn("x0", False),)
    assert fit_preparation(train, Reads(Categorical.NATIVE)).columns == (PreparedColumn("x0", True, 2),)
    assert prepared(train, Reads(Categorical.ORDINAL))["x0"].tolist() == [0.0] * 10 + [1.0] * 9


def test_of_many_levels_the_hundred_most_frequent_are_kept() -> None:
    levels = [f"{i:03d}" for i in range(120) for _ in range(10 + i)]
    train = pd.DataFrame({"c": pd.Categorical(levels)})
    codes = prepared(train, Reads(Categorical.CODES))["x0"]
    assert codes.max() == 100
    assert (codes == 0).sum() == sum(10 + i for i in range(20))


def test_one_hot_is_that_of_scikit_learn() -> None:
    train, rows = raw_table(300)[["city", "code"]], raw_table(80, seed=2)[["city", "code"]]
    frequent = [sorted(c.value_counts()[lambda n: n >= 10].index) for _, c in train.items()]
    oracle = OneHotEncoder(categories=frequent, handle_unknown="ignore", sparse_output=False)
    oracle.fit(train.astype(object))
    np.testing.assert_array_equal(prepared(train, Reads(Categorical.ONE_HOT), rows), oracle.transform(rows))


def test_a_table_without_any_column_left_gets_one_of_zeros() -> None:
    train = pd.DataFrame({"c": pd.Categorical(list("abc"))})
    assert prepared(train, Reads(Categorical.ONE_HOT)).to_numpy().tolist() == [[0.0]] * 3


# --- numbers


def numbers(n_rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ties = rng.integers(0, 4, n_rows).astype(float)
    X = pd.DataFrame({"normal": 1e6 + rng.normal(size=n_rows), "skewed": rng.lognormal(size=n_rows), "ties": ties})
    X.loc[rng.random(n_rows) < 0.2, "skewed"] = np.nan
    return X


@pytest.mark.parametrize(
    ("form", "oracle"),
    [
        (Numeric.STANDARD, StandardScaler()),
        (Numeric.QUANTILE, QuantileTransformer(n_quantiles=500, output_distribution="normal", subsample=None)),
    ],
)
def test_scaling_is_that_of_scikit_learn(form: Numeric, oracle: StandardScaler) -> None:
    train, rows = numbers(500), numbers(200, seed=1)
    imputer = SimpleImputer(strategy="median").fit(train)
    oracle.fit(imputer.transform(train))
    ours = prepared(train, Reads(missing=Missing.IMPUTE, numeric=form), rows)
    np.testing.assert_allclose(ours[["x0", "x1", "x3"]], oracle.transform(imputer.transform(rows)), atol=1e-6)
    assert ours["x2"].tolist() == rows["skewed"].isna().astype(float).tolist()


def test_native_missing_numbers_stay_missing_and_take_no_part_in_scaling() -> None:
    train = numbers(500)
    ours = prepared(train, Reads(numeric=Numeric.STANDARD))
    np.testing.assert_allclose(ours, StandardScaler().fit_transform(train), atol=1e-6)
    assert ours["x1"].isna().equals(train["skewed"].isna())


def test_an_indicator_stands_only_where_train_rows_have_gaps() -> None:
    train = pd.DataFrame({"whole": [1.0, 2.0, 9.0], "gaps": [np.nan, 4.0, 6.0]})
    rows = pd.DataFrame({"whole": [np.nan], "gaps": [1.0]})
    assert prepared(train, Reads(missing=Missing.IMPUTE)).to_numpy().tolist() == [[1, 5, 1], [2, 4, 0], [9, 6, 0]]
    assert prepared(train, Reads(missing=Missing.IMPUTE), rows).to_numpy().tolist() == [[2, 1, 0]]


def test_raw_numbers_are_handed_through_unchanged() -> None:
    X = raw_table(100)[["a b", 7]]
    np.testing.assert_array_equal(prepared(X, Reads()).to_numpy(), X.to_numpy(dtype=float))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=30), st.sampled_from(Numeric))
def test_any_numbers_come_out_finite_and_in_order(values: list[float], form: Numeric) -> None:
    train = pd.DataFrame({"x": values}, dtype=float)
    out = prepared(train, Reads(missing=Missing.IMPUTE, numeric=form))["x0"].to_numpy()
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= np.finfo(np.float32).max
    order = np.argsort(prepared(train, Reads(missing=Missing.IMPUTE))["x0"].to_numpy(), kind="stable")
    assert (np.diff(out[order]) >= 0).all()


def test_numbers_beyond_float32_are_cut_and_stay_apart_from_missing_ones() -> None:
    train = pd.DataFrame({"x": [1e39, -1e300, np.inf, 0.0]})
    largest = float(np.finfo(np.float32).max)
    np.testing.assert_array_equal(prepared(train, Reads())["x0"], [largest, -largest, np.nan, 0.0])


def test_a_standardised_number_far_from_train_is_cut_at_a_million_deviations() -> None:
    train, rows = pd.DataFrame({"x": [0.0, 2.0]}), pd.DataFrame({"x": [1e300, -1e7, 3.0]})
    assert prepared(train, Reads(numeric=Numeric.STANDARD), rows)["x0"].tolist() == [1e6, -1e6, 2.0]


# --- dates


def test_a_date_becomes_its_parts_and_one_indicator() -> None:
    train = pd.DataFrame({"day": pd.to_datetime(["1970-01-01 05:30", "2024-02-29 23:00", None])})
    out = prepared(train, Reads(missing=Missing.IMPUTE)).to_numpy()
    assert out[0].tolist() == [19800.0, 1970, 1, 1, 3, 5, 0]
    assert out[1].tolist() == [1709247600.0, 2024, 2, 29, 3, 23, 0]
    assert out[2, -1] == 1


def test_dates_with_a_time_zone_are_read_in_utc() -> None:
    local = pd.to_datetime(["2024-01-01 01:00"]).tz_localize("Europe/Berlin")
    out = prepared(pd.DataFrame({"day": local}), Reads())
    assert out.to_numpy().tolist() == [[1704067200.0, 2024, 1, 1, 0, 0]]


# --- borders


def test_other_columns_than_fitted_are_refused() -> None:
    preparation = fit_preparation(pd.DataFrame({"a": [1.0], "b": [2.0]}), Reads())
    with pytest.raises(DataError, match=r"fitted on the columns \['a', 'b'\] and was given \['b', 'a'\]"):
        preparation.transform(pd.DataFrame({"b": [2.0], "a": [1.0]}))


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(DataError, match="needs train rows"):
        fit_preparation(pd.DataFrame({"a": []}), Reads())
