"""The one form of a table and the hash of what it holds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabbench.data.tables import content_hash, kind_of, level_numbers, sorted_levels, typed_frame
from tabbench.errors import DataError
from tabbench.task import Column, ColumnKind


def mixed() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "size": [1.5, np.nan, 3.0],
            "count": [3, 1, 2],
            "colour": ["red", None, "blue"],
            "day": pd.to_datetime(["2020-01-02", None, "2021-03-04 05:06:07"], format="ISO8601"),
        }
    )


def test_a_known_table_has_a_known_hash():
    assert content_hash(mixed()) == "4661465c5784cab1"


def test_columns_become_float_category_and_date():
    typed = typed_frame(mixed())
    assert [str(t) for t in typed.dtypes] == ["float64", "float64", "category", "datetime64[us]"]
    assert [kind_of(typed[name]) for name in typed] == ["numeric", "numeric", "categorical", "date"]


@pytest.mark.parametrize("suffix", ["parquet", "feather", "csv", "pickle"])
def test_hash_does_not_depend_on_the_file_format(tmp_path, suffix):
    file = tmp_path / f"table.{suffix}"
    getattr(mixed(), f"to_{suffix}")(file, **({"index": False} if suffix == "csv" else {}))
    read = getattr(pd, f"read_{suffix}")(file)
    assert content_hash(read.assign(day=pd.to_datetime(read["day"], format="ISO8601"))) == content_hash(mixed())


@pytest.mark.parametrize(
    "same",
    [
        lambda f: f.assign(count=f["count"].astype("int8")),
        lambda f: f.assign(count=f["count"].astype("float64")),
        lambda f: f.assign(count=f["count"].astype("Int64")),
        lambda f: f.assign(size=f["size"].astype("float32")),
        lambda f: f.assign(colour=f["colour"].astype("category")),
        lambda f: f.assign(colour=pd.Categorical(f["colour"], categories=["unused", "red", "blue"])),
        lambda f: f.assign(colour=f["colour"].astype("string")),
        lambda f: f.assign(day=f["day"].astype("datetime64[s]")),
        lambda f: f.set_index(pd.Index([7, 8, 9])),
        typed_frame,
    ],
)
def test_storage_does_not_change_the_hash(same):
    assert content_hash(same(mixed())) == content_hash(mixed())


@pytest.mark.parametrize(
    "other",
    [
        lambda f: f.rename(columns={"size": "Size"}),
        lambda f: f[["count", "size", "colour", "day"]],
        lambda f: f.iloc[::-1],
        lambda f: f.fillna({"size": 0.0}),
        lambda f: f.assign(colour=["red", "None", "blue"]),
        lambda f: f.assign(count=f["count"].astype(str)),
        lambda f: f.assign(day=f["day"] + pd.Timedelta("1us")),
        lambda f: f.iloc[:2],
    ],
)
def test_another_content_changes_the_hash(other):
    assert content_hash(other(mixed())) != content_hash(mixed())


def test_minus_zero_and_other_nans_are_one_value():
    odd_nan = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    assert content_hash(pd.DataFrame({"a": [-0.0, odd_nan]})) == content_hash(pd.DataFrame({"a": [0.0, np.nan]}))


# A text ends at NUL for pandas, which takes "" and "\0" for one level.
LEVELS = st.text(st.characters(exclude_characters="\0"), max_size=4)


@given(st.lists(st.one_of(st.none(), LEVELS), min_size=1, max_size=20))
def test_levels_come_back_as_they_were(values):
    typed = typed_frame(pd.DataFrame({"a": pd.Series(values, dtype=object)}))
    codes, levels = level_numbers(typed["a"])
    assert [levels[code] if code >= 0 else None for code in codes] == values
    assert list(levels) == sorted(levels, key=levels.index)
    assert content_hash(typed) == content_hash(pd.DataFrame({"a": pd.Series(values, dtype=object)}))


@pytest.mark.parametrize(
    ("levels", "order"),
    [
        (["10", "9", "-1"], ("-1", "9", "10")),
        (["b", "10", "a"], ("10", "a", "b")),
        (["nan", "2"], ("2", "nan")),
        (["1.5", "1e0"], ("1e0", "1.5")),
    ],
)
def test_levels_are_sorted_as_numbers_only_if_all_are(levels, order):
    assert sorted_levels(levels) == order


def test_whole_floats_and_truth_values_make_plain_levels():
    frame = pd.DataFrame({"a": pd.Categorical([1.0, 2.0]), "b": [True, False]})
    typed = typed_frame(frame)
    assert level_numbers(typed["a"])[1] == ("1", "2")
    assert level_numbers(typed["b"])[1] == ("False", "True")


def test_an_infinite_number_is_refused():
    with pytest.raises(DataError, match="'a' holds an infinite number"):
        typed_frame(pd.DataFrame({"a": [1.0, np.inf]}))


def test_text_in_a_number_is_refused():
    with pytest.raises(DataError, match="'a' cannot be read as numeric"):
        typed_frame(pd.DataFrame({"a": ["1", "x"]}), [Column("a", ColumnKind.NUMERIC)])


def test_an_absent_column_is_named():
    with pytest.raises(DataError, match=r"\['b'\] are not in the table. It has: a"):
        typed_frame(pd.DataFrame({"a": [1]}), [Column("b", ColumnKind.NUMERIC)])


def test_a_name_that_stands_twice_is_refused():
    with pytest.raises(DataError, match=r"\['1'\] stand twice"):
        typed_frame(pd.DataFrame([[1, 2]], columns=[1, "1"]))
