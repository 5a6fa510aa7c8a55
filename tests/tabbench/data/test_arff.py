"""ARFF as people write it, against what Weka's format says and against the same tables in Parquet."""

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabbench.data.catalog import load_task
from tabbench.data.files import read_file
from tabbench.errors import TabbenchError

SHARED = Path(os.environ.get("TABBENCH_SHARED", Path(__file__).parents[4] / "shared" / "data"))
HEAD = "@relation t\n@attribute a numeric\n@attribute b {x,y}\n@data\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "t.arff"
    file.write_text(text, encoding="utf-8")
    return file


def test_types_levels_dates_and_text_are_read(tmp_path: Path):
    frame = read_file(
        written(
            tmp_path,
            "% a comment, 100% of it\n@RELATION 'two words'\n\n"
            "@attribute 'größe in %' REAL [0,1]\n@ATTRIBUTE\tcount\tInteger\n"
            "@attribute level {'<=5', \"it's\", ?, plain, 日本} % trailing remark\n"
            "@attribute when date 'yyyy-MM-dd HH:mm'\n@attribute day DATE\n@attribute 'no \\'te' string\n"
            "@DATA\n% rows\n"
            "0.5,7,'<=5','2020-01-31 23:59',2020-01-31T23:59:58,'50% off, \"now\"'\r\n"
            "\n"
            '?,1e3,"it\'s",?,?,?\n'
            "  -1.25 , , 日本 ,'2020-02-29 00:00', 2020-02-29T00:00:00 , ünï\n",
        )
    )
    assert list(frame) == ["größe in %", "count", "level", "when", "day", "no 'te"]
    assert frame["größe in %"].tolist()[::2] == [0.5, -1.25]
    assert frame["count"].fillna(0).tolist() == [7, 1000, 0]
    assert frame["level"].tolist() == ["<=5", "it's", "日本"]
    assert list(frame["level"].cat.categories) == ["<=5", "it's", "plain", "日本"]
    assert frame["when"].dropna().tolist() == [pd.Timestamp("2020-01-31 23:59"), pd.Timestamp("2020-02-29")]
    assert frame["day"][0] == pd.Timestamp("2020-01-31 23:59:58")
    assert frame["no 'te"].tolist() == ['50% off, "now"', None, "ünï"]
    assert frame.isna().sum().tolist() == [1, 1, 0, 1, 1, 1]


def test_a_bare_question_mark_is_missing_and_a_quoted_one_is_a_level(tmp_path: Path):
    frame = read_file(written(tmp_path, "@relation t\n@attribute a {'?',x}\n@data\n'?'\n?\nx\n"))
    assert frame["a"].tolist()[::2] == ["?", "x"]
    assert frame["a"].isna().tolist() == [False, True, False]


def test_numbers_declared_as_levels_stay_categories(tmp_path: Path):
    file = written(tmp_path, HEAD.replace("{x,y}", "{10, 9}") + "1,9\n2,10\n3,9\n")
    data = load_task(f"file:{file}::b")
    assert data.task.classes == ("9", "10")


def test_sparse_rows_mean_zero_and_the_first_level(tmp_path: Path):
    head = "@relation t\n@attribute a numeric\n@attribute b {no,yes}\n@attribute c real\n@data\n"
    frame = read_file(written(tmp_path, head + "{0 1.5, 2 ?}\n{}\n{1 yes}\n"))
    assert frame["a"].tolist() == [1.5, 0, 0]
    assert frame["b"].tolist() == ["no", "no", "yes"]
    assert frame["c"].isna().tolist() == [True, False, False]


def test_a_comma_behind_the_last_value_is_dropped_only_if_a_value_is_too_many(tmp_path: Path):
    assert read_file(written(tmp_path, HEAD + "1,x,\n2,y,\n"))["b"].tolist() == ["x", "y"]
    assert read_file(written(tmp_path, HEAD + "1,x\n2,\n"))["b"].isna().tolist() == [False, True]


def test_every_number_is_the_nearest_double(tmp_path: Path):
    numbers = np.random.default_rng(0).normal(size=500) * 10.0 ** np.random.default_rng(1).integers(-200, 200, 500)
    text = "@relation t\n@attribute a real\n@data\n" + "".join(f"{number!r}\n" for number in numbers.tolist())
    assert np.array_equal(read_file(written(tmp_path, text))["a"].to_numpy(), numbers)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "1,x\n2\n", r"line 6: not one value for each of the 2 declared columns.*The line: 2"),
        (HEAD + "1,x\n50%,y\n", r"line 6: column 'a' holds '50%', which is no number"),
        (HEAD + "% remark\n\n1,x\n2,z\n", r"line 8: 'z' is not among the levels"),
        (HEAD + "1,100%\n", r"line 5: '100%' is not among the levels"),
        (HEAD + "1,'x\n", r"line 5: cannot be parted into values; is a quote not closed"),
        (HEAD + "1,'\\q'\n", r"line 5: cannot be parted into values"),
        (HEAD + "{0 1, 7 x}\n", r"line 5: not one value for each"),
        (HEAD + "{0 1, b x}\n", r"line 5: cannot be parted"),
        (HEAD, "holds a header but no rows .columns: a, b"),
        ("@relation t\n@attribute a nume", r"Unknown type of a column 'nume'.*line 2.*NUMERIC"),
        ("@relation t\n@attribute a numeric\n", "has no line @data among 3: it is cut short"),
        ("@relation t\n@attribute a {x,y\n", "line 2: the levels of 'a' have no closing brace"),
        ("@relation t\n@attribute a {x y,'z}\n@data\nz\n", r"line 2: the levels cannot be read; quote those"),
        ("@relation t\n@attribute a\n@data\n1\n", "line 2: '@attribute a' declares no column"),
        ("@relation t\n@data\n1\n", "line 2: @data comes before any @attribute"),
        ("@relation t\n@attribute a real\n@attribute a real\n@data\n1,1\n", "line 3: column 'a' stands on line 2"),
        ("@relation t\n@attribute a date 'yyyy-MM-dd z'\n@data\n1\n", "line 2: the date format .* holds 'z'"),
        (
            "@relation t\n@attribute a date yyyy-MM-dd\n@data\n2020-13-01\n",
            "line 4: column 'a' holds '2020-13-01', whi",
        ),
        ("@relation t\n@attribute a relational\n@data\n1\n", "Unknown type of a column 'relational'.*line 2"),
        ("a,b\n1,2\n", "line 1: 'a,b' is no header of ARFF"),
        ("<!DOCTYPE html>\n<html></html>\n", "line 1: '<!DOCTYPE html>' is no header of ARFF"),
        (HEAD + "1,x\0\n", "line 5: "),
        (HEAD + "1," + "x" * 200_000 + "\n", "line 5: "),
    ],
)
def test_a_faulty_file_is_refused_with_the_line(tmp_path: Path, text: str, words: str):
    with pytest.raises(TabbenchError, match=words):
        read_file(written(tmp_path, text))


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path):
    (tmp_path / "t.arff").write_bytes((HEAD + "1,é\n").encode("latin-1"))
    with pytest.raises(TabbenchError, match="not UTF-8"):
        read_file(tmp_path / "t.arff")


def test_a_long_list_of_quoted_levels_is_read_in_time(tmp_path: Path):
    levels = [f"level {number}, of many" for number in range(3000)]
    head = "@relation t\n@attribute a { " + " , ".join(f"'{level}'" for level in levels) + " }\n@data\n"
    start = time.perf_counter()
    frame = read_file(written(tmp_path, head + "".join(f"'{level}'\n" for level in levels)))
    assert frame["a"].tolist() == levels
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("name", "table"),
    [("breast.w", "breast-w"), ("credit.g", "credit-g"), ("anneal", "anneal"), ("sick", "sick"), ("bank32nh", None)],
)
def test_files_with_quirks_equal_the_same_tables_in_parquet(name: str, table: str | None):
    file = SHARED / "raw" / "arff" / f"{name}.arff"
    if not file.is_file():
        pytest.skip(f"no shared data at {SHARED}")
    frame = read_file(file)
    if table is None:
        assert frame.shape == (8192, 33)  # every line ends in a comma
        assert not frame.isna().any(axis=None)
        return
    same = pd.read_parquet(SHARED / "tables" / f"{table}.parquet")
    assert frame.shape == same.shape
    assert frame.isna().sum().tolist() == same.isna().sum().tolist()
    assert [frame[c].nunique() for c in frame] == [same[c].nunique() for c in same]
    assert [frame[c].dtype.name == "category" for c in frame] == [same[c].dtype.name == "category" for c in same]
