"""`tabbench compare` says in words which of two models is better, and refuses what makes no sense."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from synthetic_store import make_store

from tabbench.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Twelve tasks on which trees are better than ridge by about a tenth."""
    return str(make_store(tmp_path_factory.mktemp("store"), tasks=[f"bundled/t{i:02}" for i in range(12)]).root)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One task with two splits, and models without an error in common."""
    return str(make_store(tmp_path_factory.mktemp("small"), tasks=["bundled/t00"], n_folds=2).root)


@pytest.mark.slow
def test_a_person_reads_who_is_better_and_how_sure_it_is(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "ridge", "trees", "--store", store, "--regime", "tuned", "--tasks"]) == 0
    out = capsys.readouterr().out
    assert "tuned: ridge against trees over 12 tasks, 36 splits" in out
    assert "ridge wins on 0, loses on 12, ties on 0." in out
    assert "other tasks like these    between" in out
    assert "Wilcoxon signed-rank    0.000488" in out
    assert out.count("bundled/t") == 12
    assert max(len(line) for line in out.splitlines()) <= 120


@pytest.mark.slow
def test_json_holds_all_that_is_printed(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "ridge", "trees", "--store", store, "--json"]) == 0
    default, tuned = json.loads(capsys.readouterr().out)
    assert (default["regime"], tuned["regime"]) == ("default", "tuned")
    assert [task["task"] for task in tuned["tasks"]] == [f"bundled/t{i:02}" for i in range(12)]
    assert tuned["new_tasks"]["low"] < tuned["difference"] < tuned["new_tasks"]["high"]
    assert sum(tuned["signed_rank"].values()) == pytest.approx(1)
    assert tuned["hierarchy"]["second"] > 0.9


@pytest.mark.slow
def test_models_change_places(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for names in (["ridge", "trees"], ["trees", "ridge"]):
        main(["compare", *names, "--store", store, "--regime", "default", "--json"])
        found += json.loads(capsys.readouterr().out)
    assert (found[0]["won"], found[0]["lost"]) == (found[1]["lost"], found[1]["won"])
    assert found[0]["difference"] == pytest.approx(-found[1]["difference"])
    assert found[0]["wilcoxon"] == found[1]["wilcoxon"]


def test_one_task_gets_the_tests_for_one_task(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "ridge", "trees", "--store", store, "--regime", "tuned", "--task", "bundled/t03"]) == 0
    out = capsys.readouterr().out
    assert "corrected resampled t-test: p = " in out
    assert "correlated t, this task" in out
    assert "McNemar's test: not made, the true labels cannot be read" in out  # an invented task
    assert "One task: read the corrected resampled t-test." in out
    assert "Wilcoxon" not in out


def test_no_share_of_the_larger_error_is_over_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.csv").write_text("task,fold,model,error\nt,0,a,0.1\nt,0,b,1\nt,1,a,0.4\nt,1,b,1\n")
    columns = ["--task-column", "task", "--split-column", "fold", "--model-column", "model", "--error-column", "error"]
    assert main(["compare", "a", "b", "--from", str(tmp_path / "rows.csv"), *columns]) == 0
    assert "other splits of the same  between 100.00% lower and 100.00% higher" in capsys.readouterr().out


def test_splits_that_one_model_lacks_are_left_out_and_counted(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "ridge", "trees", "--store", store, "--regime", "default"]) == 0
    assert "5 splits left out: one of the two has no error there." in capsys.readouterr().out


def test_under_ten_tasks_no_interval_for_new_tasks_is_drawn(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "ridge", "trees", "--store", small, "--regime", "tuned"]) == 0
    assert "not drawn under 10 families of tasks" in capsys.readouterr().out


def test_any_long_table_can_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"t{t},{f},{m},{1 + 0.01 * t + 0.1 * f * (m == 'b')}" for t in range(11) for f in range(3) for m in "ab"]
    file = tmp_path / "table.csv"
    file.write_text("\n".join(["dataset,fold,method,loss", *lines]))
    columns = [
        "--task-column",
        "dataset",
        "--split-column",
        "fold",
        "--model-column",
        "method",
        "--error-column",
        "loss",
    ]
    assert main(["compare", "a", "b", "--from", str(file), *columns]) == 0
    assert "given: a against b over 11 tasks, 33 splits\n\na wins on 11" in capsys.readouterr().out
    assert main(["compare", "a", "b", "--from", str(file), *columns, "--task", "t3"]) == 0
    assert "a table of errors holds no predictions" in capsys.readouterr().out
    assert main(["compare", "a", "b", "--from", str(file)]) == 2
    assert "also needs --task-column" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ridge", "tres"], "Did you mean trees"),
        (["ridge", "ridge"], "compared with itself"),
        (["ridge", "trees", "--regime", "tunned"], "Did you mean tuned"),
        (["ridge", "trees", "--task", "bundled/t0"], "Did you mean bundled/t"),
        (["ridge", "trees", "--metric", "log_los"], "Did you mean log_loss"),
        (["ridge", "trees", "--rope", "1.5"], "--rope 1.5"),
        (["ridge", "trees", "--rope", "nan"], "--rope nan"),
        (["ridge", "trees", "--seed", "-1"], "--seed -1"),
        (["ridge", "trees", "--protocol", "synth"], "Did you mean synthetic"),
        (["ridge", "trees", "--regime", "tuned_ensembled"], "no split on which both"),
    ],
)
def test_wrong_input_is_told(
    arguments: list[str], message: str, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *arguments, "--store", store]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert not out


def test_a_store_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "a", "b", "--store", str(tmp_path / "none")]) == 2
    assert "There is no store" in capsys.readouterr().err
