import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic_store import make_store

from tabbench.cli.main import main


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two models and the constant, whose order is known: trees before ridge before constant."""
    return str(make_store(tmp_path_factory.mktemp("store")).root)


def test_a_person_sees_each_regime_best_first(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--store", store]) == 0
    out, err = capsys.readouterr()
    assert out.index("default: best first") < out.index("tuned: best first")
    lines = [line.split() for line in out.split("default: best first")[1].split("tuned")[0].splitlines()]
    assert [line[1] for line in lines if line and line[0].isdigit()][-1] == "constant"
    assert "●" in out
    assert "a demonstration, not evidence" in err
    assert "Missing errors: constant." in err


def test_csv_and_json_hold_every_digit_and_nothing_else(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--store", store, "--csv"]) == 0
    frame = pd.read_csv(io.StringIO(capsys.readouterr().out), float_precision="round_trip")
    assert list(frame)[:4] == ["model", "regime", "mean_rank", "elo"]
    assert len(frame) == 6
    assert main(["rank", "--store", store, "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert [r["model"] for r in records] == frame["model"].tolist()
    for record, (_, row) in zip(records, frame.iterrows(), strict=True):
        assert record["fit_seconds"] == row["fit_seconds"]
        assert (record["mean_rank"] is None) == pd.isna(row["mean_rank"])


def test_one_regime_is_printed_on_demand(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--store", store, "--regime", "tuned", "--csv"]) == 0
    assert set(pd.read_csv(io.StringIO(capsys.readouterr().out))["regime"]) == {"tuned"}


def test_markdown_and_latex_are_whole_tables(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--store", store, "--markdown"]) == 0
    table = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {16}
    assert main(["rank", "--store", store, "--latex"]) == 0
    latex = capsys.readouterr().out
    assert latex.count("\\begin{tabular}") == latex.count("\\end{tabular}") == 2
    assert {line.count("&") for line in latex.splitlines() if line.endswith("\\\\")} == {14}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--regime", "tunned"], "Did you mean tuned"),
        (["--metric", "logloss"], "Did you mean log_loss"),
        (["--impute", "worse"], "Did you mean worst"),
        (["--ties", "mean"], "Known: average, dense, min"),
        (["--unit", "fold"], "Known: split, task"),
        (["--pool", "al"], "Did you mean all"),
        (["--anchor", "tree"], "Did you mean trees"),
        (["--reference", "tree"], "Did you mean trees"),
        (["--tie-tolerance", "x"], "is no tolerance"),
        (["--tie-tolerance", "1sd"], "add --unit task"),
        (["--impute", "reference"], "--reference MODEL"),
        (["--seed", "-1"], "from 0 to 2"),
        (["--where", "n_row < 3"], "no condition on the columns of `tasks`"),
        (["--task-column", "x"], "for a table that --from names"),
        (["--from", "x.csv", "--regime", "tuned"], "--regime tuned: for a store"),
        (["--from", "x.csv"], "also needs --task-column, --model-column, --error-column"),
        (["--suite", "nothing-like-it"], "Unknown suite"),
        (["--protocol", "syntetic"], "Did you mean synthetic"),
    ],
)
def test_a_wrong_word_ends_with_2_and_the_right_one(
    store: str, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rank", "--store", store, *arguments]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert out == ""


def test_a_folder_without_a_store_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--store", str(tmp_path / "nothing")]) == 2
    assert "no store" in capsys.readouterr().err


@pytest.fixture
def long_table(tmp_path: Path) -> Path:
    """Twelve tasks of two folds; a is better than b and b than c but for noise, and c has no row on one fold."""
    rng = np.random.default_rng(0)
    rows = [
        (f"d{task:02}", fold, model, error + task / 50 + abs(rng.normal(scale=0.2)), 1.5)
        for task in range(12) for fold in range(2) for model, error in (("a", 0.1), ("b", 0.2), ("c", 0.3))
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["dataset", "fold", "method", "metric_error", "seconds"])
    frame.drop(index=frame.index[-1]).to_csv(tmp_path / "results.csv", index=False)
    frame.drop(index=frame.index[-1]).to_parquet(tmp_path / "results.parquet")
    return tmp_path / "results.csv"


def from_file(path: Path, *more: str) -> list[str]:
    named = ["--task-column", "dataset", "--split-column", "fold", "--model-column", "method"]
    return ["rank", "--from", str(path), *named, "--error-column", "metric_error", *more]


@pytest.mark.parametrize("verb", [["rank"], ["compare", "a", "b"]])
def test_a_table_and_a_store_are_not_ranked_together(
    verb: list[str], long_table: Path, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*verb, *from_file(long_table, "--store", store)[1:]]) == 2
    out, err = capsys.readouterr()
    assert f"--store {store}: the rows are those that --from names" in err
    assert out == ""


def test_any_long_table_is_ranked(long_table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(from_file(long_table, "--time-column", "seconds", "--csv")) == 0
    out, err = capsys.readouterr()
    frame = pd.read_csv(io.StringIO(out)).set_index("model")
    assert frame.index[0] == "a"
    assert frame.loc["a", "fit_seconds"] == 1.5
    assert (frame["elo_low"] <= frame["elo"]).all()
    assert (frame["elo"] <= frame["elo_high"]).all()
    assert "Gaps, of 24 splits: c 1." in err
    assert "no rows of the model 'constant'" in err
    assert main(from_file(long_table.with_suffix(".parquet"), "--time-column", "seconds", "--csv")) == 0
    assert capsys.readouterr().out == out


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_other_intervals(
    long_table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = []
    for more in ([], ["--seed", "0"], ["--seed", "1"], ["--target", "this_suite"]):
        assert main(from_file(long_table, *more, "--json")) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert len(set(printed)) == 3


def test_intervals_are_drawn_and_what_moves_is_said(long_table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(from_file(long_table, "--anchor", "b", "--impute", "worst")) == 0
    out, err = capsys.readouterr()
    assert "├" in out
    assert max(map(len, out.splitlines())) <= 100
    assert "b = 1000" in err
    assert "Missing errors: worst" in err
    assert "most sensitive to" in err or "no choice moves a place" in err
    assert "drawing other tasks" in err


@pytest.mark.slow
def test_sensitivity_and_diagnostics_are_tables_of_their_own(
    store: str, long_table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rank", "--store", store, "--sensitivity", "--json"]) == 0
    options = {record["option"] for record in json.loads(capsys.readouterr().out)}
    assert {"metric", "regime", "imputation", "unit", "ties", "one task left out"} <= options
    assert main(["rank", "--store", store, "--sensitivity"]) == 0
    assert "how the order moves with each choice" in capsys.readouterr().out
    assert main(from_file(long_table, "--diagnostics", "--csv")) == 0
    tasks = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert len(tasks) == 12
    assert main(from_file(long_table, "--diagnostics")) == 0
    out, err = capsys.readouterr()
    assert "what each task tells" in out
    assert "Kendall's W" in err


def test_one_task_is_not_said_to_agree(long_table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.read_csv(long_table)
    frame[frame["dataset"] == "d00"].to_csv(long_table, index=False)
    assert main(from_file(long_table, "--diagnostics")) == 0
    err = capsys.readouterr().err
    assert "agreement needs two tasks. A stable order on this one needs " in err
    assert "Kendall's W" not in err
    assert "nan" not in err


def test_pairs_are_a_diagram_a_win_matrix_and_a_table(long_table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(from_file(long_table, "--pairs")) == 0
    out = capsys.readouterr().out
    assert "F(2, 22) = " in out
    assert "the best is among: a" in out
    assert re.search(r"a +1 +\d+ +\d+", out)  # a beats b, and c
    assert main(from_file(long_table, "--pairs", "--csv")) == 0
    pairs = pd.read_csv(io.StringIO(capsys.readouterr().out)).set_index(["model", "other"])
    assert len(pairs) == 6
    assert pairs.loc[("a", "b"), "wins"] + pairs.loc[("b", "a"), "wins"] == pytest.approx(1)
    assert main(from_file(long_table, "--pairs", "--diagnostics")) == 2
    assert "one at a time" in capsys.readouterr().err


def test_all_regimes_are_one_pool_on_demand(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--store", store, "--pool", "all", "--csv"]) == 0
    frame = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert frame["model"].tolist().count("constant") == 1  # it has no space
    assert frame[frame["model"] == "trees"]["regime"].tolist() == ["tuned", "default"]
    assert frame["mean_rank"].dropna().is_monotonic_increasing


def test_tasks_are_chosen_by_a_condition(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--store", store, "--where", "task_type = 'regression'", "--csv"]) == 0
    out, err = capsys.readouterr()
    assert set(pd.read_csv(io.StringIO(out))["n_tasks"]) == {1}
    assert "Tasks where task_type = 'regression': 1." in err


@pytest.mark.slow
def test_a_store_without_such_tasks_has_nothing_to_rank(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    for more in ([], ["--csv"], ["--pool", "all"], ["--sensitivity"]):
        assert main(["rank", "--store", store, "--where", "n_rows < 0", *more]) == 0
    assert "nothing to" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"x", "must end in .csv or .parquet"),
        ("a.csv", b"", "cannot be read"),
        ("a.csv", b"\xff\xfe\x00", "cannot be read|no such column|Unknown column"),
        ("a.parquet", b"no parquet", "cannot be read"),
        ("a.csv", b"dataset,fold,method,metric_error\n", "holds no rows"),
        ("a.csv", b"dataset,fold,method,metric_eror\nx,0,a,1\n", "Did you mean metric_eror"),
        ("a.csv", b"dataset,fold,method,metric_error\nx,0,a,1\nx,0,a,2\n", "rows 1, 2 are all task 'x'"),
        ("a.csv", b"dataset,fold,method,metric_error\nx,0,a,inf\n", "infinite in row 1"),
    ],
)
def test_a_bad_file_ends_with_2_and_says_where(
    name: str, content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    assert main(from_file(tmp_path / name)) == 2
    out, err = capsys.readouterr()
    assert re.search(message, err)
    assert out == ""
    assert main(from_file(tmp_path / "absent.csv")) == 2
