"""Tasks and suites by name."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn import datasets

from tabbench.data.bundled import read_table
from tabbench.data.catalog import describe_task, known_suites, known_tasks, load_suite, load_task, task_data
from tabbench.errors import DataError, UnknownNameError
from tabbench.task import REGRESSION


@pytest.mark.parametrize("name", known_tasks())
def test_a_task_has_the_form_that_the_contract_promises(name):
    data = load_task(name)
    task = data.task
    assert task == describe_task(name)
    assert [*data.X.columns] == [column.name for column in task.features]
    assert np.array_equal(data.X.index, np.arange(task.dataset.n_rows))
    assert {dtype.kind if dtype.kind != "O" else "category" for dtype in data.X.dtypes} <= {"f", "M", "category"}
    for column in data.X.select_dtypes("category"):
        assert all(isinstance(level, str) for level in data.X[column].cat.categories)
    assert len(data.y) == len(data.X)
    if task.type is REGRESSION:
        assert data.y.dtype == np.float64
        assert np.isfinite(data.y).all()
    else:
        assert data.y.dtype == np.int64
        assert np.array_equal(np.unique(data.y), np.arange(len(task.classes)))
    assert (data.time is None) == (task.split_rule.kind != "temporal")
    assert (data.group is None) == (task.split_rule.kind != "grouped")


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "digits", "iris"])
def test_smoke_tables_are_those_of_sklearn(name):
    data, theirs = load_task(f"bundled/{name}"), getattr(datasets, f"load_{name}")()
    assert np.array_equal(data.X.to_numpy(), theirs.data)
    assert [data.task.classes[label] for label in data.y] == [
        str(theirs.target_names[label]) for label in theirs.target
    ]


def test_time_is_in_seconds():
    data = load_task("bundled/flights")
    year = 365 * 24 * 3600
    assert 43 * year < data.time.min() < data.time.max() < 44.1 * year  # 2013, counted from 1970


def test_other_rows_are_refused():
    task = describe_task("bundled/iris")
    table = read_table("sklearn/iris")
    table.loc[7, "petal width (cm)"] += 0.1
    with pytest.raises(DataError, match=f"content hash .* its card says {task.dataset.content_hash}"):
        task_data(task, table)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bundled/pengiuns", "Did you mean bundled/penguins"),
        ("penguins", "Did you mean bundled/penguins.*Tasks are named by source"),
        ("opnml/31", "Unknown task 'opnml/31'"),
    ],
)
def test_an_unknown_task_gets_the_nearest(name, words):
    with pytest.raises(UnknownNameError, match=words):
        describe_task(name)
    with pytest.raises(UnknownNameError, match=words):
        load_task(name)


def test_an_unknown_suite_gets_the_nearest():
    assert {"bundled", "quickstart", "cc18"} <= set(known_suites())
    with pytest.raises(UnknownNameError, match="Did you mean quickstart"):
        load_suite("quikstart")


def test_a_table_that_cannot_be_read_says_so():
    with pytest.raises(DataError, match=r"none\.parquet cannot be read"):
        read_table("none.parquet")


def test_describing_a_task_opens_no_table():
    heavy = ("pandas", "pyarrow", "sklearn", "scipy")
    code = (
        "import sys; from tabbench.data.catalog import describe_task, load_suite\n"
        "for name in load_suite('bundled').tasks: describe_task(name)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
