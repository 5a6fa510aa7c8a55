"""Tables are read from files as they stand there, or refused with the reason."""

import io
import zipfile
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from tabbench.data.files import read_file
from tabbench.data.tables import content_hash, kind_of
from tabbench.errors import DataError, UnknownNameError


def text_table(tmp_path, text, name="t.csv"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read_file(file)


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    return pd.DataFrame({
        "größe 🦊": rng.normal(size=50).round(6),
        "count": np.arange(50) % 7,
        "colour": pd.Categorical(rng.choice(["red", "blue", "a,b"], 50)),
        "day": pd.date_range("2024-02-27", periods=50),
        "y": rng.choice(["no", "yes"], 50),
    })  # fmt: skip


def test_every_format_holds_the_same_table(frame, tmp_path):
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "t.parquet")
    feather.write_feather(pa.Table.from_pandas(frame), tmp_path / "t.feather")
    hashes = {content_hash(read_file(tmp_path / f"t.{ending}")) for ending in ("csv", "tsv", "parquet", "feather")}
    assert hashes == {content_hash(frame)}


def test_numbers_of_a_csv_are_those_of_python(tmp_path):
    numbers = np.random.default_rng(1).normal(size=2000) * 10.0 ** np.arange(-10, 10).repeat(100)
    read = text_table(tmp_path, "x\n" + "\n".join(repr(float(number)) for number in numbers))
    assert np.array_equal(read["x"], numbers)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "-3e4"], "numeric"),
        (["1", "NA", "?"], "numeric"),
        (["1", "two", "3"], "categorical"),
        (["true", "false", ""], "categorical"),
        (["2024-05-17", "2024-05-18", "NA"], "date"),
        (["2024-05-17 12:30:00", "", "2024-05-18 00:00:00"], "date"),
        (["17.05.2024", "18.05.2024", "19.05.2024"], "categorical"),
        (["2024-05-17", "2024-13-01", "2024-05-18"], "categorical"),
        (["05/06/2024", "06/05/2024", "NA"], "categorical"),
        (["12:30:00", "13:30:00", "14:30:00"], "categorical"),
        (["1_000", "2", "3"], "categorical"),
    ],
)
def test_a_column_of_text_is_what_all_its_values_are(values, kind, tmp_path):
    read = text_table(tmp_path, "a,b\n" + "\n".join(f"{value},1" for value in values))
    assert kind_of(read["a"]) == kind


def test_words_for_missing_are_levels_in_text_and_empty_fields_are_missing(tmp_path):
    read = text_table(tmp_path, "country,n\nNA,1\n,NA\nDE,\n")
    assert read["country"].isna().tolist() == [False, True, False]
    assert read["n"].isna().tolist() == [False, True, True]


def test_a_column_may_have_any_name(tmp_path):
    assert text_table(tmp_path, "self,frame\nx,1\n,2\n")["self"].isna().tolist() == [False, True]


def test_a_line_break_inside_quotes_is_no_new_row(tmp_path):
    assert text_table(tmp_path, 'a,b\n"x\ny",1\nz,2\n')["a"].tolist() == ["x\ny", "z"]


def test_a_mark_at_the_start_of_the_file_is_no_part_of_a_name(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfa,b\n1,2\n")
    assert list(read_file(tmp_path / "t.csv")) == ["a", "b"]


def test_times_with_a_zone_become_utc(tmp_path):
    stamps = pd.date_range("2024-01-01", periods=3, tz="America/New_York")
    pd.DataFrame({"t": stamps}).to_parquet(tmp_path / "t.parquet")
    assert read_file(tmp_path / "t.parquet")["t"].tolist() == stamps.tz_convert(None).tolist()


def test_decimals_are_numbers_and_truth_values_with_gaps_are_categories(tmp_path):
    table = pa.table({
        "price": pa.array([Decimal("1.50"), Decimal("2"), None]),
        "is_new": pa.array([True, None, False]),
        "nothing": pa.nulls(3),
        "day": pa.array([1, 2, None], pa.date32()),
    })  # fmt: skip
    parquet.write_table(table, tmp_path / "t.parquet")
    read = read_file(tmp_path / "t.parquet")
    assert [kind_of(read[name]) for name in read] == ["numeric", "categorical", "numeric", "date"]
    assert read.isna().sum().tolist() == [1, 1, 3, 1]


def spreadsheet():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a", "b")
    return content.getvalue()


def parquet_bytes():
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table({"a": [1]}), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", b"", "is empty"),
        ("t.parquet", b"", "is empty"),
        ("t.csv", b"a,b\n", "header but no rows.*a, b"),
        ("t.csv", b"a,b,a\n1,2,3\n", r"\['a'\] stand twice"),
        ("t.csv", b"a,,c\n1,2,3\n", "column 2 has no name"),
        ("t.csv", b"a,b\n1,2,3\n", "cannot be read as csv.*Expected 2 columns, got 3"),
        ("t.csv", "a,b\nä,1\n".encode("latin-1"), "'a' is not text in UTF-8"),
        ("t.csv", "ä,b\n1,1\n".encode("latin-1"), "UTF-8"),
        ("t.csv", parquet_bytes(), "is Parquet, not text"),
        ("t.csv", spreadsheet(), "zip archive or a spreadsheet"),
        ("t.parquet", b"a,b\n1,2\n", "cannot be read as parquet"),
        ("t.parquet", parquet_bytes()[:-40], "cannot be read as parquet"),
        ("t.feather", b"a,b\n1,2\n", "cannot be read as feather"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(name, content, words, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=words):
        read_file(tmp_path / name)


def test_lists_in_cells_are_refused(tmp_path):
    parquet.write_table(pa.table({"a": [[1, 2], [3]]}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match="'a' holds list"):
        read_file(tmp_path / "t.parquet")


def test_an_absent_file_gets_the_nearest(tmp_path):
    (tmp_path / "prices.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match=r"no file .*price\.csv .*Did you mean prices\.csv"):
        read_file(tmp_path / "price.csv")
    with pytest.raises(DataError, match="Nor is there such a folder"):
        read_file(tmp_path / "none" / "price.csv")


@pytest.mark.parametrize("name", ["d.csv", "my data"])
def test_a_folder_is_called_one(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(DataError, match=rf"{name} is a folder\. .*folder:"):
        read_file(tmp_path / name)


def test_an_unknown_ending_gets_the_nearest(tmp_path):
    with pytest.raises(UnknownNameError, match=r"Did you mean \.parquet"):
        read_file(tmp_path / "t.parq")
