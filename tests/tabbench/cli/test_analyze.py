"""`tabbench analyze` prints what its analyses find, from a store or any table, and refuses what it cannot read."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from synthetic_store import make_store

from tabbench.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

TASKS = tuple(f"bundled/t{i:02}" for i in range(10))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Ten tasks on which trees are better than ridge by a tenth, and ridge than the constant."""
    return str(make_store(tmp_path_factory.mktemp("store"), tasks=TASKS, n_folds=2, n_trials=3).root)


@pytest.fixture
def long_table(tmp_path: Path) -> Path:
    """Twelve tasks of two folds: network a is worse than tree b."""
    rng = np.random.default_rng(0)
    rows = [
        (f"d{task:02}", fold, model, family, error + abs(rng.normal(scale=0.05)), error + rng.uniform(0, 0.1))
        for task in range(12) for fold in range(2)
        for model, family, error in (("a", "network", 0.4), ("a2", "network", 0.5), ("b", "boosted_trees", 0.2))
    ]  # fmt: skip
    names = ["dataset", "fold", "method", "kind", "metric_error", "metric_error_val"]
    pd.DataFrame(rows, columns=names).to_csv(tmp_path / "results.csv", index=False)
    return tmp_path / "results.csv"


def from_file(path: Path, *more: str) -> list[str]:
    named = ["--task-column", "dataset", "--split-column", "fold", "--model-column", "method"]
    return ["analyze", "gap", "--from", str(path), *named, "--error-column", "metric_error", *more]


def test_the_gap_of_a_store_is_printed_and_told_in_words(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "--store", store, "--first", "ridge", "--second", "trees"]) == 0
    out, err = capsys.readouterr()
    assert "tuned: ridge against trees, over tasks" in out
    assert "over 10 tasks the error of trees is" in err
    assert "(95 %: " in err
    assert max(map(len, out.splitlines())) <= 100


def test_data_hold_every_task_and_nothing_else(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["analyze", "gap", "--store", store, "--first", "ridge", "--second", "trees"]
    assert main([*asked, "--csv"]) == 0
    frame = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert set(frame["task"]) == set(TASKS)
    assert (frame["gap"] > 0).mean() > 0.7
    assert main([*asked, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(frame)


def test_tables_and_figures_are_written(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["analyze", "--store", store, "--first", "ridge", "--second", "trees", "-o", str(tmp_path / "out")]
    assert main(asked) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"gap_by_task.csv", "gap_summary.csv"}
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert main(asked) == 0
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    capsys.readouterr()


def test_any_long_table_has_a_gap(long_table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--family-column", "kind", "--valid-column", "metric_error_val", "--csv"]
    assert main(from_file(long_table, *more)) == 0
    out, err = capsys.readouterr()
    assert (pd.read_csv(io.StringIO(out))["gap"] > 0).all()
    assert "the error of boosted_trees is" in err
    assert main(from_file(long_table, "--first", "a,a2", "--second", "b")) == 0
    assert "never its own test" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["gaps"], "Did you mean gap"),
        (["--second", "tree"], "Did you mean trees"),
        (["--second", "ridge,trees"], "ridge is in both"),
        (["--valid-column", "x"], "for a table that --from names"),
        (["--metric", "logloss"], "Did you mean log_loss"),
        (["--seed", "-1"], "from 0 to 2"),
    ],
)
def test_a_wrong_word_ends_with_2(
    store: str, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", "--store", store, "--first", "ridge", "--second", "trees", *more]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert out == ""


def test_a_column_that_is_not_there_and_a_folder_that_cannot_be_written_are_told(
    long_table: Path, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(from_file(long_table, "--valid-column", "metric_error_vall")) == 2
    assert "Did you mean metric_error_val" in capsys.readouterr().err
    assert main(["analyze", "--store", store, "--first", "ridge", "--second", "trees", "-o", str(long_table)]) == 2
    assert "cannot be written" in capsys.readouterr().err
