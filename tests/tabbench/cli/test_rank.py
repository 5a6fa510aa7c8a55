import io
import json
from pathlib import Path

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
    assert {line.count("|") for line in table} == {15}
    assert main(["rank", "--store", store, "--latex"]) == 0
    latex = capsys.readouterr().out
    assert latex.count("\\begin{tabular}") == latex.count("\\end{tabular}") == 2
    assert {line.count("&") for line in latex.splitlines() if line.endswith("\\\\")} == {13}


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
        (["--where", "n_row < 3"], "no condition on the columns of `tasks`"),
        (["--task-column", "x"], "for a table that --from names"),
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
