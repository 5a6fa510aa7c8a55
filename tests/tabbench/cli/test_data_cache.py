"""`tabbench data fetch|pack|unpack|list`, and runs that read nothing but the cache."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from stored_rows import TABBENCH, all_trials

from tabbench.cli.main import main

TABLES = Path(os.environ.get("TABBENCH_SHARED", Path(__file__).parents[4] / "shared" / "data")) / "tables"
N_TABLES = 50


@pytest.fixture(autouse=True)
def _machine(tmp_path, monkeypatch):
    """A machine with a folder and an empty cache."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def go_elsewhere(tmp_path, monkeypatch):
    """Go to a machine that has neither the files nor the cache of this one."""

    def go():
        shutil.rmtree("../cache")
        (tmp_path / "there").mkdir()
        monkeypatch.chdir(tmp_path / "there")
        shutil.move(tmp_path / "here", tmp_path / "gone")
        monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache there"))

    return go


def write_suite(names):
    card = {"name": "mine", "version": 1, "title": "Mine", "tasks": names}
    Path("my_suite.yaml").write_text(yaml.safe_dump(card, allow_unicode=True))


def made_up(number):
    rng = np.random.default_rng(number)
    x = rng.normal(size=40 + number)
    y = x > 0 if number % 2 else x.round(2)
    pd.DataFrame({"x": x, "c": rng.choice(["ä", "b"], len(x)), "y": y}).to_csv(f"t{number}.csv", index=False)
    return f"file:t{number}.csv::y"


def real_tables():
    """Names of the shared tables as tasks; the one without all targets is left out."""
    if not (TABLES / "CARDS.csv").exists():
        return []
    cards = pd.read_csv(TABLES / "CARDS.csv").sort_values("n_rows")
    whole = cards[cards["file"] != "beijing_pm2.5.parquet"]
    return [f"file:{TABLES}/{file}::{target}" for file, target in zip(whole["file"], whole["target"], strict=True)]


@pytest.mark.slow
def test_tasks_are_fetched_packed_and_run_elsewhere(go_elsewhere, capsys):
    names = [made_up(number) for number in range(3)]
    write_suite([*names, "bundled/iris"])
    assert main(["data", "fetch", "suite=./my_suite.yaml"]) == 0
    assert "4 of 4 tasks can be run without a network" in capsys.readouterr().out
    assert main(["data", "pack", "./my_suite.yaml", "-o", "../p.zip"]) == 0
    assert "Packed 3 tasks, without 1 bundled ones" in capsys.readouterr().out
    go_elsewhere()
    assert main(["data", "show", names[0]]) == 2
    assert "There is no file t0.csv" in capsys.readouterr().err
    assert main(["data", "unpack", "../p.zip"]) == 0
    assert "Unpacked 3 of 3" in capsys.readouterr().out
    assert main(["run", "suite=mine", "models=[constant]", "folds=[0]", "executor.n_workers=1"]) == 0
    assert {row.trial.task: row.trial.status for row in all_trials(Path("results"))} == dict.fromkeys(
        [*names, "bundled/iris"], "ok"
    )
    capsys.readouterr()
    assert main(["data", "list"]) == 0
    listed = capsys.readouterr().out
    assert names[1] in listed
    assert "mine" in listed


@pytest.mark.slow
def test_a_suite_of_fifty_local_tables_goes_to_a_machine_without_a_network(go_elsewhere, tmp_path):
    names = real_tables()[:N_TABLES]
    names += [made_up(number) for number in range(N_TABLES - len(names))]
    write_suite(names)
    # No proxy answers there: whoever asks the network fails at once.
    env = {
        **os.environ,
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY"), "http://127.0.0.1:9"),
    }

    def tabbench(*arguments, code=0):
        done = subprocess.run([*TABBENCH, *arguments], env={**env, "TABBENCH_CACHE": os.environ["TABBENCH_CACHE"]},
                              capture_output=True, text=True, timeout=500, check=False)  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    assert f"{N_TABLES} of {N_TABLES} tasks" in tabbench("data", "fetch", "suite=./my_suite.yaml")
    tabbench("data", "pack", "suite=./my_suite.yaml", "-o", "../p.zip")
    go_elsewhere()
    assert f"Unpacked {N_TABLES} of {N_TABLES}" in tabbench("data", "unpack", "../p.zip")
    tabbench("run", "suite=mine", "models=[constant]", "folds=[0]")
    assert {row.trial.task for row in all_trials(Path("results")) if row.trial.status == "ok"} == set(names)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["fetch", "suite=qickstart"], "Did you mean quickstart"),
        (["fetch", "suite=./none.yaml"], "There is no suite card none.yaml"),
        (["fetch", "suite=quickstart", "suite=bundled"], "one suite at a time"),
        (["fetch", "tasks=openml/31"], "tasks are lists"),
        (["pack", "suite=quickstart", "-o", "p.zip"], "nothing to pack"),
        (["pack", "openml/31", "-o", "p.zip"], "openml/31 is not in the cache"),
        (["unpack", "none.zip"], "There is no file none.zip (looked in "),
        (["unpack", "."], ". is a folder. Name the file that `tabbench data pack` wrote."),
        (["show", "openml/31"], "tabbench data fetch 'tasks=[openml/31]'"),
        (["show", "frame/none"], "add_frame"),
        (["fetch", "suite=bundled", "where=n_rows<500"], "Fetch and pack the suite whole"),
    ],
)
def test_what_cannot_be_done_is_refused(capsys, asked, words):
    assert main(["data", *asked]) == 2
    assert words in capsys.readouterr().err


def test_what_is_missing_offline_is_listed(capsys):
    assert main(["data", "fetch", "openml/31", "bundled/iris", "tasks=[openml/d/40]", "--offline"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("openml/31 is not in the cache.\nopenml/d/40 is not in the cache.\n")
    assert "1 of 3 tasks can be run without a network" in told
    assert "2 missing" in told


def test_a_suite_must_not_take_the_name_of_a_shipped_one(capsys):
    Path("q.yaml").write_text("name: quickstart\nversion: 1\ntitle: Q\ntasks: [bundled/iris]\n")
    assert main(["data", "fetch", "suite=q.yaml"]) == 2
    assert "comes with tabbench" in capsys.readouterr().err


def test_a_run_asks_for_what_has_to_be_fetched(capsys):
    assert main(["run", "tasks=[openml/31]", "models=[constant]"]) == 2
    assert re.search(r"tabbench data fetch .*'tasks=\[openml/31\]'", capsys.readouterr().err)


def test_a_check_finds_the_same_rows_in_the_cache(capsys):
    name = made_up(1)
    main(["data", "fetch", name])
    shutil.copy("t1.csv", "copy.csv")
    assert main(["data", "check", "file:copy.csv::y"]) == 0
    assert f"same_content: The same rows are at hand as {name}" in capsys.readouterr().out
