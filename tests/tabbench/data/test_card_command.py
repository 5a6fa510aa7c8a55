"""The command that a refusal of an edited file gives makes the card anew as it was asked for."""

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabbench.cli.main import main
from tabbench.data.catalog import describe_task
from tabbench.errors import DataError


@pytest.mark.parametrize(
    "options",
    [
        ["--target", "y", "--time", "the day", "--ignore", "home"],
        ["--target", "y", "--group", "home", "--ignore", "the day", "--ignore", "x"],
        ["--target", "y", "--time", "the day", "--group", "home", "--split", "grouped"],
        ["--target", "few", "--type", "multiclass", "--split", "holdout", "--licence", "CC BY 4.0"],
        ["--target", "gappy", "--drop-rows-without-target", "--time", "the day", "--split", "kfold"],
        ["--target", "y", "--splits", "folder/splits.csv"],
    ],
)
def test_the_card_written_again_says_the_same(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = _table()
    Path("folder").mkdir()
    parts = ["test" if row % 2 else "train" for row in range(60)]
    pd.DataFrame({"repeat": 0, "fold": 0, "part": parts, "row": range(60)}).to_csv("folder/splits.csv", index=False)
    frame.to_csv("folder/my t.csv", index=False)
    assert main(["data", "add", "folder/my t.csv", *options]) == 0
    name = f"file:folder/my t.csv::{options[1]}"
    before = describe_task(name)
    frame.assign(x=frame["x"] + 1).to_csv("folder/my t.csv", index=False)
    with pytest.raises(DataError) as refusal:
        describe_task(name)
    command = shlex.split(str(refusal.value).rpartition("too): ")[2])
    Path("folder/my t.card.yaml").unlink()
    assert command[0] == "tabbench"
    assert main(command[1:]) == 0
    after = describe_task(name)
    assert (after.type, after.split_rule, after.target) == (before.type, before.split_rule, before.target)
    assert [(c.name, c.role) for c in after.dataset.columns] == [(c.name, c.role) for c in before.dataset.columns]
    assert (after.dataset.licence, after.dataset.n_rows) == (before.dataset.licence, before.dataset.n_rows)
    assert after.dataset.content_hash != before.dataset.content_hash


def _table():
    rows = np.arange(60)
    return pd.DataFrame({
        "x": rows * 0.5,
        "the day": pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d"),
        "home": rows // 4,
        "y": np.sin(rows),
        "few": rows % 5,
        "gappy": np.where(rows % 7 == 0, np.nan, np.cos(rows)),
    })  # fmt: skip
