"""`tabbench data add|check|show` and `tabbench run` on a table of one's own."""

import json
import subprocess

import numpy as np
import pandas as pd
import pytest
import yaml
from stored_rows import TABBENCH, all_trials

from tabbench.cli.main import main


@pytest.fixture
def table(tmp_path, monkeypatch):
    """`my data.csv` in the working directory, with a column that is its row number."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x 🦊": rng.normal(size=60), "row": np.arange(60), "y": rng.choice(["ja", "nein"], 60)})
    frame.to_csv("my data.csv", index=False)
    return frame


def test_show_opens_a_file(table, capsys):
    assert main(["data", "show", "file:my data.csv::y"]) == 0
    assert "x 🦊" in (printed := capsys.readouterr().out)
    assert "nein" in printed


@pytest.mark.parametrize(
    ("name", "meant"), [("my data.csv", "file:my data.csv::TARGET"), ("my data.csv::y", "file:my data.csv::y")]
)
def test_a_file_named_without_its_source_gets_its_task_name(table, capsys, name, meant):
    for asked in (["data", "check", name], ["data", "show", name], ["run", f"tasks=['{name}']", "models=[constant]"]):
        assert main(asked) == 2
        assert f"Unknown task {name!r}. Did you mean {meant}?" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["none.csv", ".", "x" * 300])
def test_a_name_that_is_no_file_is_not_said_to_be_one(table, capsys, name):
    assert main(["data", "check", name]) == 2
    assert "Did you mean file:" not in capsys.readouterr().err


def test_add_writes_a_card_once(table, tmp_path, capsys):
    asked = ["data", "add", "my data.csv", "--target", "y", "--ignore", "row", "--licence", "CC0-1.0"]
    assert main(asked) == 0
    assert "binary, 60 rows, 1 feature, kfold splits" in capsys.readouterr().out
    text = (tmp_path / "my data.card.yaml").read_text(encoding="utf-8")
    card = yaml.safe_load(text)
    assert (card["n_rows"], card["licence"], card["classes"]) == (60, "CC0-1.0", ["ja", "nein"])
    assert [column["role"] for column in card["columns"]] == ["feature", "ignored", "target"]
    assert main(asked) == 2
    assert "There is a card my data.card.yaml already" in capsys.readouterr().err
    assert (tmp_path / "my data.card.yaml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["my data.csv", "--target", "z"], "Unknown column 'z'"),
        (["my data.csv", "--target", "y", "--time", "rwo"], "Did you mean row?"),
        (["my data.csv", "--target", "y", "--time", "row", "--group", "row"], "named for two roles"),
        (["my data.csv", "--target", "y", "--ignore", "y"], "is the target and cannot be ignored"),
        (["my data.csv", "--target", "row", "--type", "binary"], "holds two values, 'row' holds 60"),
        (["my data.csv", "--target", "y", "--type", "regression"], "cannot be read as numeric"),
        (["my data.csv", "--target", "y", "--split", "temporal"], "need one column with the role time"),
        (["my data.csv", "--target", "row", "--time", "y"], "the time 'y' is categorical"),
        (["none.csv", "--target", "y"], "There is no file none.csv"),
        ([".", "--target", "y"], "names no file"),
        (["my data.csv", "--target", "y", "--ignore", "row", "--ignore", "x 🦊"], "no column is a feature"),
    ],
)
def test_a_card_that_would_be_wrong_is_not_written(table, tmp_path, capsys, asked, words):
    assert main(["data", "add", *asked]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.glob("*.yaml"))


def test_a_group_that_a_split_by_time_parts_is_told(table, capsys, tmp_path):
    table.assign(home=np.arange(60) % 3).to_csv("my data.csv", index=False)
    asked = ["data", "add", "my data.csv", "--target", "y", "--time", "row", "--group", "home"]
    assert main(asked) == 0
    assert "fault: 45 test rows belong to a group that is in train as well" in capsys.readouterr().out
    (tmp_path / "my data.card.yaml").unlink()
    table.assign(home=np.arange(60) // 15).to_csv("my data.csv", index=False)
    assert main(asked) == 0
    assert "fault" not in capsys.readouterr().out


def test_check_prints_findings_and_strict_refuses_faults(table, capsys):
    assert main(["data", "check", "file:my data.csv::y"]) == 0
    assert "fault id_column: 'row'" in capsys.readouterr().out
    assert main(["data", "check", "file:my data.csv::y", "--strict", "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert [finding["columns"] for finding in printed["file:my data.csv::y"]] == [["row"]]
    main(["data", "add", "my data.csv", "--target", "y", "--ignore", "row"])
    assert main(["data", "check", "file:my data.csv", "--strict"]) == 0


@pytest.mark.slow
def test_a_run_on_a_file_with_a_blank_in_its_name_stores_its_trials(table, tmp_path):
    asked = ["tasks=[file:my data.csv::y]", "models=[constant]", "protocol.n_trials=1", "store=store"]
    subprocess.run([*TABBENCH, "run", *asked], cwd=tmp_path, check=True, timeout=120)
    trials = all_trials(tmp_path / "store")
    assert {(done.trial.task, done.trial.status) for done in trials} == {("file:my data.csv::y", "ok")}
    assert len(trials) == 3


@pytest.mark.parametrize("name", ["a,b.csv", "a[1].csv", "a(b) c's.csv"])
def test_odd_paths_are_quoted_inside_the_brackets(table, name, tmp_path, capsys):
    (tmp_path / "my data.csv").rename(tmp_path / name)
    assert main(["run", f'tasks=["file:{name}::y"]', "models=[constant]", "dry_run=true"]) == 0
    assert "3 jobs" in capsys.readouterr().out
