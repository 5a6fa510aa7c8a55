"""`tabbench sql` as a person and a program meet it."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from synthetic_store import make_store

from tabbench.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("sql") / "results", n_folds=1, n_trials=2).root


def run(root: Path, *arguments: str) -> int:
    return main(["sql", "--store", str(root), *arguments])


QUERY = "SELECT model, count(*) AS n, NULL AS nothing, [1, 2] AS l FROM trials GROUP BY model ORDER BY model"


def test_csv_is_what_a_csv_reader_reads(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, QUERY, "--csv") == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[:2] == [["model", "n", "nothing", "l"], ["constant", "3", "", "[1, 2]"]]


def test_json_is_a_list_of_objects(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, QUERY, "--json") == 0
    assert json.loads(capsys.readouterr().out)[2] == {"model": "trees", "n": 6, "nothing": None, "l": [1, 2]}


def test_table_is_the_default(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, QUERY) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0].split() == ["model", "n", "nothing", "l"]
    assert captured.err == ""


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE all_trials",
        "INSERT INTO tasks SELECT * FROM tasks",
        "DELETE FROM all_trials",
        "COPY tasks TO 'stolen.csv'",
        "ATTACH 'other.duckdb'",
        "EXPLAIN ANALYZE COPY tasks TO 'stolen.csv'",
        "/* x */ EXPLAIN ANALYZE COPY tasks TO 'stolen.csv'",
        "SELECT 1; CREATE TABLE mine AS SELECT 1",
        "SET threads = 1",
        "INSTALL httpfs",
        "EXPORT DATABASE 'stolen'",
        "PRAGMA database_list",
        "CALL pragma_version()",
    ],
)
def test_statement_that_writes_is_refused(
    root: Path, statement: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(root, statement) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "is refused" in captured.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "table", ["read_csv('/etc/hosts')", "'/etc/hosts'", "read_text('/etc/hosts')", "glob('/etc/*')"]
)
def test_files_outside_the_store_cannot_be_read(root: Path, table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, f"SELECT * FROM {table}") == 2
    assert capsys.readouterr().out == ""


def test_wrong_query_says_what_duckdb_says(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, "SELECT modle FROM trials") == 2
    assert '"model"' in capsys.readouterr().err


def test_missing_store_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none", "SELECT 1") == 2
    assert "There is no store at" in capsys.readouterr().err


def test_prompt_works_from_a_pipe(root: Path) -> None:
    typed = ".tables\n.schema suites\nSELECT 40\n + 2 AS answer;\n.schema suite\n.quit\nSELECT 'unseen';\n"
    command = [sys.executable, "-m", "tabbench.cli.main", "sql", "--store", str(root), "--csv"]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, check=False)
    assert re.search(r"^best_trials,\d+$", done.stdout, re.MULTILINE)
    assert "is_ranked,BOOLEAN" in done.stdout
    assert "answer\n42\n" in done.stdout
    assert "Did you mean suites?" in done.stderr
    assert "unseen" not in done.stdout
    assert done.returncode == 2


def test_commands_of_the_prompt_may_end_as_queries_do(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(".tables;\n.schema suites ;\n.quit;\nSELECT 'unseen';\n"))
    assert run(root, "--csv") == 0
    out, err = capsys.readouterr()
    assert re.search(r"^best_trials,\d+$", out, re.MULTILINE)
    assert "is_ranked,BOOLEAN" in out
    assert "unseen" not in out
    assert err == ""


def test_last_statement_of_a_pipe_needs_no_semicolon(root: Path) -> None:
    command = [sys.executable, "-m", "tabbench.cli.main", "sql", "--store", str(root), "--json"]
    done = subprocess.run(command, input="SELECT 1 AS one", capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [{"one": 1}]
