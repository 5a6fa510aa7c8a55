"""`~time=COLUMN` and `~group=COLUMN`: tasks split by a column that their source knows as a feature, or not at all."""

import numpy as np
import pandas as pd
import pytest

from tabbench.data.catalog import describe_task, load_task
from tabbench.data.frames import add_frame
from tabbench.data.splits import make_split
from tabbench.errors import DataError, UnknownNameError
from tabbench.task import Role, SplitKind


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A task of 40 rows: days in no order, houses of four rows each, a column of a name that needs quoting."""
    rows = np.arange(40)
    columns = {"day": (rows * 7) % 40 + 0.5, "house": rows // 4, "street": [f"s{i % 5}" for i in rows]}
    frame = pd.DataFrame(columns | {"id": [f"r{i}" for i in rows], "gaps": [None, *rows[1:]], "y": rows % 3 * 1.5})
    frame["sold on = ~a@b"] = pd.date_range("2020-01-01", periods=40)[::-1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TABBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        splits = [make_split(load_task("bundled/iris"), 0, 0)]
        splits = [type(splits[0])(0, 0, rows[:20], rows[20:])]
        add_frame(frame, "y", "houses", {"id": Role.IGNORED}, splits=splits)
        yield "frame/houses"


def test_no_train_row_is_later_than_a_test_row(plain):
    data = load_task(f"{plain}~time=day")
    assert data.task.split_rule.kind is SplitKind.TEMPORAL
    assert data.splits is None  # what came with the task was dealt without regard to time
    for repeat, fold in data.task.splits:
        split = make_split(data, repeat, fold)
        assert data.time[split.train].max() < data.time[split.test].min()


@pytest.mark.parametrize(("column", "n_groups"), [("house", 10), ("street", 5), ("sold%20on%20%3D%20%7Ea%40b", 40)])
def test_no_group_is_in_two_parts(plain, column, n_groups):
    data = load_task(f"{plain}~group={column}")
    assert data.task.split_rule.kind is SplitKind.GROUPED
    assert len(np.unique(data.group)) == n_groups
    tested = []
    for repeat, fold in data.task.splits:
        split = make_split(data, repeat, fold)
        assert not set(data.group[split.train]) & set(data.group[split.test])
        tested += [*split.test]
    assert sorted(tested) == [*range(40)]


def test_the_column_is_no_feature_any_more_and_the_rest_is_as_it_was(plain):
    before, after = load_task(plain), load_task(f"{plain}~time=day")
    assert [*after.X.columns] == [name for name in before.X.columns if name != "day"]
    assert after.time.tolist() == before.X["day"].tolist()
    assert after.y.tolist() == before.y.tolist()
    assert after.task == describe_task(f"{plain}~time=day")
    assert after.task.dataset.content_hash == before.task.dataset.content_hash


def test_tasks_split_by_other_columns_are_other_tasks(plain):
    names = [plain, f"{plain}~time=day", f"{plain}~group=house", f"{plain}~group=day"]
    tasks = [describe_task(name) for name in names]
    assert len({task.task_hash for task in tasks}) == len({task.splits_hash for task in tasks}) == 4


def test_a_column_of_any_name_can_be_written(plain):
    data = load_task(f"{plain}~time=sold%20on%20%3d%20%7Ea%40b")
    assert data.task.name == f"{plain}~time=sold%20on%20%3D%20%7Ea%40b"
    assert (np.diff(data.time) < 0).all()


def test_a_bundled_task_can_be_grouped():
    data = load_task("bundled/penguins~group=island")
    assert len(np.unique(data.group)) == 3
    assert "island" not in data.X


def test_roles_come_before_all_other_changes(plain):
    data = load_task(f"{plain}~group=house~rows=20~noise_columns=1")
    assert [*np.bincount(data.group)] == [4] * 5
    assert data.task.modifiers == ("group=house", "rows=20", "noise_columns=1")
    with pytest.raises(DataError, match="on each split: frame/houses~group=house~rows=20"):
        load_task(f"{plain}~rows=20~group=house")


@pytest.mark.parametrize(
    ("modifier", "words"),
    [
        ("time=dya", "Unknown column 'dya' .*Did you mean day"),
        ("time=y", "Unknown column 'y'"),
        ("time=street", "holds categories, which have no order"),
        ("time=gaps", "missing in 1 rows"),
        ("group=id", "every row has a value of its own"),
        ("time=day~group=house", "is split by its time 'day'"),
        ("time=day~time=house", "stands 2 times"),
        ("time", "takes the name of a column"),
        ("time=", "takes the name of a column"),
        ("time=sold on = ", r"~time=sold%20on%20%3D%20$"),
        ("time=day@3", r"If the column is 'day@3': ~time=day%403"),
        ("tiem=day", "Did you mean time"),
    ],
)
def test_what_cannot_be_is_refused(plain, modifier, words):
    for ask in (describe_task, load_task):
        with pytest.raises((DataError, UnknownNameError), match=words):
            ask(f"{plain}~{modifier}")


def test_a_dated_task_keeps_its_own_time():
    with pytest.raises(DataError, match="is split by its time"):
        describe_task("bundled/flights~group=carrier")


def test_a_file_takes_them_behind_its_target(tmp_path, monkeypatch):
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    pd.DataFrame({"a day": range(30), "x": range(30), "y": [i % 2 for i in range(30)]}).to_csv(
        tmp_path / "t.csv", index=False
    )
    name = f"file:{tmp_path}/t.csv::y"
    assert load_task(f"{name}~time=a%20day~rows=20").task.split_rule.kind is SplitKind.TEMPORAL
    with pytest.raises(DataError, match=r"~time=a%20day$"):
        load_task(f"{name}~time=a day")
