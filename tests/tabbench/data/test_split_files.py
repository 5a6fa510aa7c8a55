"""Splits from a file beside the table: read, described, and every fault named."""

import numpy as np
import pandas as pd
import pytest

from tabbench.cli.main import main
from tabbench.data.catalog import describe_task, load_task
from tabbench.data.split_files import read_splits
from tabbench.data.splits import make_split
from tabbench.errors import TabbenchError

N_ROWS = 12


def good():
    rows = [
        (
            repeat,
            fold,
            "test" if row % 3 == fold else "valid" if row % 3 == (fold + 1) % 3 and row < 3 else "train",
            row,
        )
        for repeat in range(2)
        for fold in range(3)
        for row in range(N_ROWS)
    ]
    return pd.DataFrame(rows, columns=["repeat", "fold", "part", "row"])


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "my.csv"
    pd.DataFrame({"x": np.arange(N_ROWS) * 1.5, "y": [0.5, 1.25, 7.0] * 4}).to_csv(file, index=False)
    return file


def test_a_file_in_any_order_and_format_gives_the_same_splits(tmp_path):
    shuffled = good().sample(frac=1.0, random_state=0)
    shuffled.to_csv(tmp_path / "s.csv", index=False)
    shuffled.iloc[::-1].to_parquet(tmp_path / "s.parquet")
    for file in ("s.csv", "s.parquet"):
        splits = read_splits(tmp_path / file, N_ROWS)
        assert [(s.repeat, s.fold) for s in splits] == [(r, f) for r in range(2) for f in range(3)]
        assert splits[1].test.tolist() == [1, 4, 7, 10]
        assert splits[1].valid.tolist() == [2]
        assert splits[1].train.tolist() == [0, 2, 3, 5, 6, 8, 9, 11]


def test_a_card_written_with_splits_runs_on_them(table, tmp_path, capsys):
    good().to_parquet(tmp_path / "my.splits.parquet")
    assert main(["data", "add", str(table), "--target", "y", "--splits", str(tmp_path / "my.splits.parquet")]) == 0
    assert "fixed splits" in capsys.readouterr().out
    name = f"file:{table}::y"
    data = load_task(name)
    assert describe_task(name).splits_hash == data.task.splits_hash
    assert len(data.task.splits) == 6
    assert make_split(data, 1, 2).test.tolist() == [2, 5, 8, 11]
    assert main(["data", "show", name]) == 0
    assert "2 x 3 splits that came with the task" in capsys.readouterr().out


def test_splits_changed_after_the_card_are_refused(table, tmp_path):
    file = tmp_path / "my.splits.csv"
    good().to_csv(file, index=False)
    main(["data", "add", str(table), "--target", "y", "--splits", str(file)])
    good().query("row > 0").to_csv(file, index=False)
    with pytest.raises(TabbenchError, match="changed since"):
        load_task(f"file:{table}::y")


def test_splits_elsewhere_than_the_table_are_refused(table, tmp_path, capsys):
    (tmp_path / "far").mkdir()
    good().to_csv(tmp_path / "far" / "s.csv", index=False)
    assert main(["data", "add", str(table), "--target", "y", "--splits", str(tmp_path / "far" / "s.csv")]) == 2
    assert "must lie in the folder of the table" in capsys.readouterr().err


def set_row(frame, value, at=0):
    frame.loc[at, "row"] = value
    return frame


FAULTS = [
    (lambda f: set_row(f, 12), "row 12 is not in the table, which has rows 0 to 11"),
    (lambda f: set_row(f, -1), "row -1 is not in the table"),
    (lambda f: set_row(f, 3), "repeat 0, fold 0: row 3 stands twice in test"),
    (lambda f: set_row(f, 4), "row 4 stands in (train and in test|test and in train)"),
    (lambda f: f.assign(row=f["row"] + 0.5), "row must hold whole numbers from 0, line 0 does not"),
    (lambda f: f.assign(row="a"), "column row must hold whole numbers"),
    (lambda f: f.assign(row=np.nan), "column row must hold whole numbers"),
    (lambda f: f.assign(fold=-1), "fold must hold whole numbers from 0"),
    (lambda f: f.drop(columns="fold"), "Unknown column 'fold'.*has the columns repeat, fold, part"),
    (lambda f: f.replace("valid", "valdi"), "Unknown part 'valdi'.*Did you mean valid"),
    (lambda f: f[(f.part != "test") | (f.fold != 2)], "fold 2: there are no test rows"),
    (lambda f: f[(f.part == "test") | (f.fold != 2)], "fold 2: there are no train rows"),
    (lambda f: f[(f.repeat != 1) | (f.fold != 1)], r"\(1, 1\) is absent"),
    (lambda f: f[f.repeat == 1], r"\(0, 0\) is absent"),
    (lambda f: f.assign(fold=f.fold * 10**9), "is absent"),
    (lambda f: f.assign(repeat=7, fold=9).drop_duplicates("row"), r"\(0, 0\) is absent"),
]


@pytest.mark.parametrize(("spoil", "words"), FAULTS)
def test_faults_are_named(tmp_path, spoil, words):
    spoil(good()).to_csv(tmp_path / "s.csv", index=False)
    with pytest.raises(TabbenchError, match=words):
        read_splits(tmp_path / "s.csv", N_ROWS)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TabbenchError, match="There is no file"):
        read_splits(tmp_path / "s.csv", N_ROWS)
