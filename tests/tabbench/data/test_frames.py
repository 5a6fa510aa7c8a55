"""A frame from Python as a task."""

import numpy as np
import pandas as pd
import pytest

from tabbench.data.catalog import describe_task, load_task
from tabbench.data.frames import add_frame
from tabbench.errors import DataError, NotCachedError, UnknownNameError
from tabbench.task import REGRESSION, ColumnKind, Role, Split, SplitKind


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def frame():
    columns = {
        "x": pd.array([1, None, *range(18)], dtype="Int64"),
        "is_new": [True, False] * 10,
        "text": pd.array(["a", None] * 10, dtype="string"),
        "level": pd.Categorical([3, 1] * 10, ordered=True),
        "when": pd.date_range("2024-01-01", periods=20, tz="Europe/Vienna"),
        5: np.arange(20, dtype="float32") / 4,
    }
    return pd.DataFrame(columns, index=range(100, 120))


def test_a_frame_is_a_task(frame):
    task = add_frame(frame, "5", "mine", roles={"when": Role.TIME})
    assert describe_task("frame/mine") == task
    data = load_task("frame/mine")
    assert (task.name, task.type, task.split_rule.kind) == ("frame/mine", REGRESSION, SplitKind.TEMPORAL)
    assert task.dataset.name == "mine"
    kinds = {c.name: (c.kind, c.n_missing, c.n_levels) for c in task.features}
    assert kinds == {
        "x": (ColumnKind.NUMERIC, 1, 0),
        "is_new": (ColumnKind.CATEGORICAL, 0, 2),
        "text": (ColumnKind.CATEGORICAL, 10, 1),
        "level": (ColumnKind.CATEGORICAL, 0, 2),
    }
    assert data.y.tolist() == [i / 4 for i in range(20)]
    assert data.X["level"].cat.categories.tolist() == ["1", "3"]
    assert np.diff(data.time).tolist() == [24 * 3600] * 19


def test_the_same_name_means_the_last_frame(frame):
    first = add_frame(frame, "5", "mine")
    second = add_frame(frame.assign(x=1.0), "5", "mine")
    assert first.task_hash != second.task_hash == load_task("frame/mine").task.task_hash


def test_splits_may_be_given(frame):
    rows = np.arange(20)
    splits = [Split(0, f, rows[rows % 2 != f], rows[rows % 2 == f], rows[rows % 2 != f][:3]) for f in range(2)]
    task = add_frame(frame, "5", "mine", splits=splits)
    assert (task.split_rule.kind, task.splits) == (SplitKind.FIXED, ((0, 0), (0, 1)))
    stored = load_task("frame/mine").splits
    for got, given in zip(stored, splits, strict=True):
        assert (got.train == given.train).all()
        assert (got.test == given.test).all()
        assert (got.valid == given.valid).all()
    swapped = add_frame(frame, "5", "mine", splits=[Split(0, f, s.test, s.train) for f, s in enumerate(splits)])
    assert swapped.splits_hash != task.splits_hash
    assert swapped.task_hash == task.task_hash


R = np.arange(20)


@pytest.mark.parametrize(
    ("splits", "words"),
    [
        ([], "holds none"),
        ([Split(0, 1, R[:10], R[10:])], "came with the splits"),
        ([Split(0, 0, R[:10], R[9:])], "row 9 is in train and in test"),
        ([Split(0, 0, R[:10], R[10:] + 5)], "from 0 to 19"),
        ([Split(0, 0, R[:10][::-1], R[10:])], "ascending"),
        ([Split(0, 0, R[:0], R[10:])], "at least one"),
        ([Split(0, 0, R < 10, R[10:])], "whole numbers"),
        ([Split(0, 0, R[:10], R[10:], R[9:11])], "part of train"),
    ],
)
def test_splits_that_do_not_fit_are_refused(frame, splits, words):
    with pytest.raises(DataError, match=words):
        add_frame(frame, "5", "mine", splits=splits)
    with pytest.raises(NotCachedError):
        load_task("frame/mine")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": [[1]] * 20}, "holds list"),
        ({"x": [1, "a"] * 10}, "mixes types"),
        ({"x": pd.to_timedelta(range(20))}, "holds duration"),
        ({"x": [b"\xff"] * 20}, "not text in UTF-8"),
        ({"x": [np.inf] * 20}, "infinite"),
        ({5: [np.nan, *range(19)]}, "gaps in 1 of 20 rows"),
        ({"5": range(20)}, "stand twice"),
        ({5: 1.0}, "nothing to predict"),
    ],
)
def test_a_frame_that_cannot_be_used_is_refused(frame, change, words):
    made = pd.DataFrame(change, index=frame.index)
    with pytest.raises(DataError, match=words):
        add_frame(pd.concat([frame.drop(columns=list(change), errors="ignore"), made], axis=1), "5", "mine")


def test_names_that_would_not_do_are_refused(frame):
    for name in ("", "a/b", "../x", "a b", "a~rows=3", "-x", "a::b"):
        with pytest.raises(DataError, match="made of letters"):
            add_frame(frame, "5", name)
    with pytest.raises(UnknownNameError, match="Did you mean text"):
        add_frame(frame, "txt", "mine")
    with pytest.raises(DataError, match="no rows"):
        add_frame(frame[:0], "5", "mine")


def test_a_frame_that_nobody_put_there_is_explained():
    with pytest.raises(NotCachedError, match=r"add_frame\(frame, target=…, name='mine'\)"):
        describe_task("frame/mine")
