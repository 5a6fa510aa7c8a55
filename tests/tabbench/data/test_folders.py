"""Folders of arrays become tasks with exactly the rows and splits of their files."""

import gzip
import io
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabbench.data.folders import open_folder_task
from tabbench.data.npy_files import read_npy
from tabbench.data.roles import cut_roles
from tabbench.data.splits import fixed_rule
from tabbench.data.tables import typed_frame
from tabbench.errors import DataError
from tabbench.task import BINARY, MULTICLASS, REGRESSION, ColumnKind, SplitKind

TABZILLA = (
    Path(os.environ.get("TABBENCH_SHARED", Path(__file__).parents[4] / "shared" / "data")) / "raw" / "tabzilla_unittest"
)
REAL = sorted(TABZILLA.glob("openml__*"))
N = {"train": 40, "val": 10, "test": 20}


class Runs:
    """A pickle that runs a command when it is read."""

    def __reduce__(self):
        return os.mkdir, ("hacked",)


@pytest.fixture
def parts(tmp_path):
    """A folder of the N_/C_/y_ layout, and the arrays in it."""
    rng = np.random.default_rng(0)
    arrays = {}
    for part, n in N.items():
        arrays[f"N_{part}"] = rng.normal(size=(n, 2)).astype(np.float32)
        arrays[f"C_{part}"] = rng.choice(["a", "b", "10"], size=(n, 1))
        arrays[f"y_{part}"] = rng.integers(0, 2, n)
    arrays["N_test"][3, 1] = np.nan
    for name, values in arrays.items():
        np.save(tmp_path / f"{name}.npy", values)
    (tmp_path / "info.json").write_text(json.dumps({"name": "Tällt", "task_type": "binclass", "id": "t--default"}))
    return tmp_path, arrays


def rows_of(opened, part):
    split = opened.splits[0]
    return {"train": np.setdiff1d(split.train, split.valid), "val": split.valid, "test": split.test}[part]


def test_rows_of_each_part_are_those_of_the_files(parts):
    folder, arrays = parts
    opened = open_folder_task(f"folder:{folder}")
    task = opened.task
    assert (task.name, task.type, task.dataset.name, task.classes) == (f"folder:{folder}", BINARY, "Tällt", ("0", "1"))
    assert [c.kind for c in task.features] == [ColumnKind.NUMERIC, ColumnKind.NUMERIC, ColumnKind.CATEGORICAL]
    assert [c.n_missing for c in task.features] == [0, 1, 0]
    for part in N:
        frame = opened.frame.iloc[rows_of(opened, part)]
        assert np.array_equal(frame[["N0", "N1"]].to_numpy(), arrays[f"N_{part}"].astype(float), equal_nan=True)
        assert frame["C0"].tolist() == arrays[f"C_{part}"][:, 0].tolist()
        assert frame["y"].astype(int).tolist() == arrays[f"y_{part}"].tolist()
    assert task.split_rule == fixed_rule(opened.splits)
    assert task.splits == ((0, 0),)


def test_a_regression_without_val_or_categories(parts):
    folder, _ = parts
    for file in {*folder.glob("C_*"), *folder.glob("*_val.npy")}:
        file.unlink()
    for part in ("train", "test"):
        np.save(folder / f"y_{part}.npy", np.arange(N[part], dtype=np.float32)[:, None])
    (folder / "info.json").write_text('{"task_type": "regression"}')
    opened = open_folder_task(f"folder:{folder}")
    assert (opened.task.type, opened.task.dataset.name) == (REGRESSION, folder.name)
    assert opened.splits[0].valid is None
    assert opened.frame["y"].tolist() == [*range(40), *range(20)]


@pytest.mark.parametrize("folder", REAL or [None], ids=lambda folder: folder and folder.name)
def test_tabzilla_gives_its_table_and_ten_folds_to_the_row(folder):
    if folder is None:
        pytest.skip(f"no folders at {TABZILLA}")
    opened = open_folder_task(f"folder:{folder}")
    metadata = json.loads((folder / "metadata.json").read_text())
    task = opened.task
    assert task.type is (BINARY if metadata["target_type"] == "binary" else MULTICLASS)
    assert (task.dataset.n_rows, len(task.features)) == (metadata["num_instances"], metadata["num_features"])
    n_levels = [c.n_levels for c in task.features if c.kind is ColumnKind.CATEGORICAL]
    assert all(ours <= theirs for ours, theirs in zip(n_levels, metadata["cat_dims"], strict=True))
    with gzip.open(folder / "X.npy.gz") as file:
        X = np.load(file, allow_pickle=True)  # a file of ours
    theirs = pd.DataFrame(X).astype(float)
    ours = opened.frame.drop(columns="y").astype(float).set_axis(theirs.columns, axis=1)
    pd.testing.assert_frame_equal(ours, theirs)
    with gzip.open(folder / "split_indeces.npy.gz") as file:
        folds = np.load(file, allow_pickle=True)
    assert (task.split_rule.kind, len(opened.splits)) == (SplitKind.FIXED, len(folds))
    for split, fold in zip(opened.splits, folds, strict=True):
        assert np.array_equal(split.test, np.sort(fold["test"]))
        assert np.array_equal(split.valid, np.sort(fold["val"]))
        assert np.array_equal(np.setdiff1d(split.train, split.valid), np.sort(fold["train"]))
    assert len(cut_roles(task, typed_frame(opened.frame, task.dataset.columns)).y) == task.dataset.n_rows


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("info.json", "{", "cannot be read as JSON"),
        ("info.json", "[]", "must hold a mapping"),
        ("info.json", '{"task_type": "ranking"}', "task_type is 'ranking'; known are regression"),
        ("y_train.npy", None, "There is no file .*y_train.npy"),
        ("y_train.npy", b"", "y_train.npy cannot be read as an array"),
        ("y_train.npy", np.zeros((40, 2)), "one target is wanted"),
        ("N_train.npy", b"<html>", "cannot be read as an array"),
        ("N_train.npy", np.zeros(40), r"has the shape \(40,\)"),
        ("N_train.npy", np.zeros((39, 2)), r"has the shape \(39, 2\), y_train.npy has 40 rows"),
        ("N_train.npy", np.zeros((40, 3)), r"different columns \(train 4, val 3, test 3\)"),
        ("N_train.npy", np.full((40, 2), "x"), "cannot be read as numbers"),
    ],
)
def test_files_that_do_not_fit_are_refused(parts, file, content, words):
    path = parts[0] / file
    if content is None:
        path.unlink()
    elif isinstance(content, np.ndarray):
        np.save(path, content)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=words):
        open_folder_task(f"folder:{parts[0]}")


@pytest.mark.parametrize("name", ["folder:", "folder:nowhere", f"folder:{Path(__file__).parent}"])
def test_what_is_no_such_folder_is_refused(name):
    with pytest.raises(DataError, match=r"There is no folder|holds neither"):
        open_folder_task(name)


def test_a_torn_array_is_refused_at_every_length(tmp_path):
    np.save(tmp_path / "whole.npy", np.arange(50).reshape(5, 10))
    np.save(tmp_path / "objects.npy", np.array([["a", 1.5], [None, 2]], dtype=object), allow_pickle=True)
    for name in ("whole.npy", "objects.npy"):
        content = (tmp_path / name).read_bytes()
        packed = gzip.compress(content)
        for part, ending in [(content[:i], "") for i in range(0, len(content) - 1, 7)] + [(packed[:-9], ".gz")]:
            (tmp_path / f"torn.npy{ending}").write_bytes(part)
            with pytest.raises(DataError, match="cannot be read"):
                read_npy(tmp_path / f"torn.npy{ending}")


def test_objects_of_plain_values_are_read_and_programs_are_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plain = np.array([{"train": np.arange(3)}, "text", 1, None, [1.5]], dtype=object)
    np.save("plain.npy", plain, allow_pickle=True)
    assert str(read_npy(Path("plain.npy")).tolist()) == str(plain.tolist())
    np.save("hostile.npy", np.array([Runs()], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match=r"asks for (posix|nt)\.mkdir"):
        read_npy(Path("hostile.npy"))
    hostile = io.BytesIO()
    np.lib.format.write_array_header_1_0(hostile, {"descr": "|O", "fortran_order": False, "shape": (1,)})
    Path("other.npy").write_bytes(hostile.getvalue() + pickle.dumps(["no array"]))
    with pytest.raises(DataError, match="does not hold the array of objects"):
        read_npy(Path("other.npy"))
    assert not Path("hacked").exists()
