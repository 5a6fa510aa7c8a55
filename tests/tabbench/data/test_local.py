"""A file is a task, with a card beside it or without."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabbench.data.card_writing import add_card
from tabbench.data.catalog import describe_task, load_task
from tabbench.data.splits import make_split
from tabbench.errors import DataError, UnknownNameError
from tabbench.task import BINARY, MULTICLASS, REGRESSION, Role, SplitKind


@pytest.fixture
def table(tmp_path, monkeypatch):
    """`my.csv` in the working directory: 60 rows with a number, a category, a day, a household and four targets."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({
        "größe 🦊": rng.normal(size=60),
        "colour": rng.choice(["red", "blue"], 60),
        "day": pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d"),
        "home": np.arange(60) // 4,
        "two": np.arange(60) % 2,
        "words": np.tile(["a", "b", "c"], 20),
        "price": rng.normal(size=60),
        "few": np.arange(60) % 5,
    })  # fmt: skip
    frame.to_csv("my.csv", index=False)
    return frame


@pytest.mark.parametrize(
    ("target", "task_type", "classes"),
    [("two", BINARY, ("0", "1")), ("words", MULTICLASS, ("a", "b", "c")), ("price", REGRESSION, ()),
     ("colour", BINARY, ("blue", "red")), ("few", REGRESSION, ())],
)  # fmt: skip
def test_the_target_tells_the_type(table, target, task_type, classes):
    task = describe_task(f"file:my.csv::{target}")
    assert (task.type, task.classes, task.target) == (task_type, classes, target)
    data = load_task(task.name)
    assert data.task == task
    assert [*data.X] == [name for name in table if name != target]
    labels = np.array(classes)[data.y] if classes else data.y
    assert list(labels) == list(table[target].astype(str) if classes else table[target])


def test_few_whole_numbers_are_told(table):
    remark = describe_task("file:my.csv::few").dataset.traps[0]
    assert "5 whole numbers and was taken as regression" in remark
    assert "--type multiclass" in remark
    assert describe_task("file:my.csv::price").dataset.traps == ()


def test_columns_are_counted(table):
    kinds = {column.name: (column.kind, column.n_levels) for column in describe_task("file:my.csv::two").features}
    assert kinds["größe 🦊"] == ("numeric", 0)
    assert kinds["colour"] == ("categorical", 2)
    assert kinds["day"] == ("date", 0)


def test_the_name_stands_as_given_and_the_content_is_the_same(table, tmp_path):
    near, far = describe_task("file:my.csv::two"), describe_task(f"file:{tmp_path}/my.csv::two")
    assert near.name == "file:my.csv::two"
    assert far.name == f"file:{tmp_path}/my.csv::two"
    assert near.task_hash == far.task_hash


def test_an_absent_target_gets_the_nearest(table):
    with pytest.raises(UnknownNameError, match=r"Unknown column 'prise'.*Did you mean price"):
        describe_task("file:my.csv::prise")


def test_a_table_of_one_column_hints_at_the_delimiter(tmp_path):
    (tmp_path / "t.csv").write_text("a;b\n1;2\n3;4\n")
    with pytest.raises(UnknownNameError, match="parted by commas"):
        describe_task(f"file:{tmp_path}/t.csv::b")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x,y\n1,a\n2,a\n", "holds 1 distinct value;"),
        ("x,y\n1,\n2,\n", "holds 0 distinct values"),
        ("x,y\n1,2024-01-01\n2,2024-01-02\n", "holds dates"),
        ("x,y\n1,a\n2,\n3,b\n4,\n", r"gaps in 2 of 4 rows \(1, 3; the first row is 0\)"),
        ("x,y\ninf,1.5\n2,2.5\n3,3.5\n", "'x' holds an infinite number"),
    ],
)
def test_a_table_that_is_no_task_says_why(text, words, tmp_path):
    (tmp_path / "t.csv").write_text(text)
    for find in (describe_task, load_task):
        with pytest.raises(DataError, match=words):
            find(f"file:{tmp_path}/t.csv::y")


def test_a_name_without_file_or_target_is_refused(table):
    with pytest.raises(DataError, match="names no file"):
        describe_task("file:")
    for name in ("file:.::price", "file:/::price"):
        with pytest.raises(DataError, match="names no file"):
            describe_task(name)
    with pytest.raises(DataError, match=r"names no target, and there is no card my\.card\.yaml"):
        describe_task("file:my.csv")


def test_a_column_without_any_value_is_kept(tmp_path):
    (tmp_path / "t.csv").write_text("x,empty,y\n1,,a\n2,,b\n3,,a\n")
    data = load_task(f"file:{tmp_path}/t.csv::y")
    assert data.X["empty"].isna().all()
    assert data.task.features[1].n_missing == 3


def test_a_card_changes_the_task(table):
    plain = describe_task("file:my.csv::few")
    add_card("my.csv", "few", {"day": Role.TIME, "home": Role.IGNORED}, MULTICLASS, licence="CC0-1.0")
    task = describe_task("file:my.csv::few")
    assert (task.type, task.classes, task.split_rule.kind) == (MULTICLASS, tuple("01234"), SplitKind.TEMPORAL)
    assert {"day", "home"}.isdisjoint(column.name for column in task.features)
    assert task.dataset.content_hash == plain.dataset.content_hash
    assert task.task_hash != plain.task_hash
    data = load_task("file:my.csv::few")
    assert data.task == task
    split = make_split(data, 0, 0)
    assert data.time[split.train].max() < data.time[split.test].min()
    assert load_task("file:my.csv").task == task


def test_groups_stay_whole(table):
    add_card("my.csv", "words", {"home": Role.GROUP})
    data = load_task("file:my.csv")
    split = make_split(data, 0, 0)
    assert set(data.group[split.train]).isdisjoint(data.group[split.test])


def test_kinds_and_roles_may_be_changed_by_hand(table, tmp_path):
    _, card = add_card("my.csv", "price", {})
    before = describe_task("file:my.csv")
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace("name: home, kind: numeric", "name: home, kind: categorical"), encoding="utf-8")
    data = load_task("file:my.csv")
    assert data.X["home"].dtype == "category"
    assert [column.n_levels for column in data.task.features if column.name == "home"] == [15]
    assert data.task.task_hash == describe_task("file:my.csv").task_hash != before.task_hash


def test_an_edited_file_is_refused_with_both_hashes(table):
    task, _ = add_card("my.csv", "price", {})
    edited = table.assign(home=table["home"] + 1)
    edited.to_csv("my.csv", index=False)
    with pytest.raises(DataError, match=f"content hash [0-9a-f]{{16}}, .*says {task.dataset.content_hash}.*data add"):
        load_task("file:my.csv::price")


def test_a_card_is_held_to_its_file_and_target(table, tmp_path):
    add_card("my.csv", "price", {})
    table.to_parquet("my.parquet")
    with pytest.raises(DataError, match=r"card of my\.csv, not of my\.parquet"):
        describe_task("file:my.parquet::price")
    with pytest.raises(DataError, match="target is 'price', not 'two'"):
        describe_task("file:my.csv::two")
    (tmp_path / "my.csv").unlink()
    with pytest.raises(DataError, match=r"card my\.card\.yaml, but no file my\.csv"):
        describe_task("file:my.csv::price")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "is not YAML"),
        ("- 1\n- 2\n", "must be a mapping"),
        ("name: my\n", "must be given"),
        ("nmae: my\n", "Did you mean name"),
        ("", "must be a mapping"),
    ],
)
def test_a_broken_card_says_where(table, tmp_path, text, words):
    (tmp_path / "my.card.yaml").write_text(text)
    with pytest.raises((DataError, UnknownNameError), match=words) as refusal:
        describe_task("file:my.csv::price")
    assert "my.card.yaml" in str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("target: price", "target: 5", "target must be a str, got 5. Quote it: target: '5'"),
        ("n_rows: 60", "n_rows: many", "n_rows must be a int, got 'many'"),
        ("name: home,", "name: 5,", "a column: name must be a str, got 5"),
        ("kind: numeric, role: feature", "kind: number, role: feature", "Did you mean numeric"),
        ("role: feature", "role: featrue", "Did you mean feature"),
        ("type: regression", "type: multiclass", "classes are .*does not fit a multiclass task"),
        ("name: home", "name: hmoe", r"columns \['hmoe'\] are not in my\.csv"),
        ("split: {kind: kfold", "split: {kind: kflod", "Did you mean kfold"),
    ],
)
def test_a_misspelt_card_says_what_was_meant(table, old, new, words):
    _, card = add_card("my.csv", "price", {})
    text = card.read_text(encoding="utf-8")
    assert old in text
    card.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises((DataError, UnknownNameError), match=words):
        load_task("file:my.csv")


def test_describing_a_file_again_opens_no_table(table):
    os.utime("my.csv", (0, 0))  # else it is so new that it may be edited again under the same time
    describe_task("file:my.csv::price")
    code = "import sys; from tabbench.data.catalog import describe_task; describe_task('file:my.csv::price')\n"
    code += "print([name for name in ('pandas', 'pyarrow', 'sklearn', 'scipy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_rows_without_a_target_are_left_out_where_the_card_says_so(table):
    gappy = table.assign(price=table["price"].mask(np.arange(60) % 10 == 3))
    gappy.to_csv("my.csv", index=False)
    with pytest.raises(DataError, match="add FILE --target price --drop-rows-without-target"):
        load_task("file:my.csv::price")
    with pytest.raises(DataError, match="gaps in 6 of 60 rows"):
        add_card("my.csv", "price", {})
    task, _ = add_card("my.csv", "price", {"day": Role.TIME}, drops_gaps=True)
    data = load_task("file:my.csv")
    kept = gappy[gappy["price"].notna()]
    assert data.y.tolist() == kept["price"].tolist()
    assert data.X["home"].tolist() == kept["home"].tolist()
    assert data.task == describe_task(task.name)
    assert data.task.dataset.n_rows == 54
    assert "6 of 60 rows have no target and are left out." in data.task.dataset.traps
    for _, fold in data.task.splits:
        split = make_split(data, 0, fold)
        assert data.time[split.train].max() < data.time[split.test].min()


def test_rows_are_not_left_out_under_splits_that_count_them(table):
    Path("s.csv").write_text("repeat,fold,part,row\n0,0,train,0\n0,0,test,1\n")
    with pytest.raises(DataError, match="count rows that would be left out"):
        add_card("my.csv", "price", {}, split=Path("s.csv"), drops_gaps=True)
    _, card = add_card("my.csv", "price", {}, split=Path("s.csv"))
    card.write_text(card.read_text().replace("target: price\n", "target: price\n  drop_rows_without_target: true\n"))
    with pytest.raises(DataError, match="changes the row numbers"):
        load_task("file:my.csv")
