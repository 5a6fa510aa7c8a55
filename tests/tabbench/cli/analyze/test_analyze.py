"""`tabbench analyze` prints what its analyses find, from a store or any table, and refuses what it cannot read."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from published_results import path_of
from synthetic_store import make_store

from tabbench.cli.analyze.portfolio import hydra_files
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


@pytest.mark.slow
def test_the_gap_of_a_store_is_printed_and_told_in_words(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "--store", store, "--first", "ridge", "--second", "trees"]) == 0
    out, err = capsys.readouterr()
    assert "tuned: ridge against trees, over tasks" in out
    assert "over 10 tasks the error of trees is" in err
    assert "(95 %: " in err
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.slow
def test_data_hold_every_task_and_nothing_else(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["analyze", "gap", "--store", store, "--first", "ridge", "--second", "trees"]
    assert main([*asked, "--csv"]) == 0
    frame = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert set(frame["task"]) == set(TASKS)
    assert (frame["gap"] > 0).mean() > 0.7
    assert main([*asked, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(frame)


def test_default_configurations_can_be_looked_at_alone(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["analyze", "--store", store, "--first", "ridge", "--second", "trees", "--regime", "default", "--csv"])
        == 0
    )
    assert set(pd.read_csv(io.StringIO(capsys.readouterr().out))["regime"]) == {"default"}


def test_the_gap_is_told_by_every_metric(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    sides = ["--store", store, "--first", "ridge", "--second", "trees", "--by-metric"]
    assert main(["analyze", "gap", *sides]) == 0
    out = capsys.readouterr().out.split("by metric;")[1]
    assert {"log_loss", "rmse"} <= set(out.split())
    assert main(["analyze", "features", *sides]) == 2
    assert "for the gap of a store" in capsys.readouterr().err


@pytest.mark.slow
def test_a_published_table_is_analysed_by_the_same_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """AMLB 2019, four hours: forests lose to systems on most tasks; metafeatures are joined by name."""
    table = path_of("amlb_2019/tables/4h/all_results.csv")
    known = path_of("autogluon_v1/metadata/task_metadata_244.csv")
    columns = [
        "--task-column",
        "task",
        "--split-column",
        "fold",
        "--model-column",
        "framework",
        "--error-column",
        "score",
    ]
    sides = [
        "--higher-is-better",
        "--first",
        "randomforest,tunedrandomforest",
        "--second",
        "autosklearn,h2oautoml,tpot",
    ]
    features = ["--metafeatures", str(known), "--metafeatures-key", "name", "--csv"]
    found = {}
    for what in ("gap", "features", "recommenders"):
        assert main(["analyze", what, "--from", str(table), *columns, *sides, *features]) == 0
        found[what] = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert len(found["gap"]) == 39
    assert found["gap"]["gap"].mean() == pytest.approx(0.131, abs=0.002)
    assert "NumberOfInstances" in set(found["features"]["feature"])
    ways = found["recommenders"].set_index("way")["regret"]
    assert ways["virtual best"] < ways["single best"] < ways["random model"]


def test_tables_and_figures_are_written(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["analyze", "--store", store, "--first", "ridge", "--second", "trees", "-o", str(tmp_path / "out")]
    assert main(asked) == 0
    names = {"gap_by_task.csv", "gap_summary.csv", "gap_default.svg", "gap_tuned.svg"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
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
        (["--regime", "defalt"], "Did you mean default"),
    ],
)
def test_a_wrong_word_ends_with_2(
    store: str, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", "--store", store, "--first", "ridge", "--second", "trees", *more]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert out == ""


def test_features_of_a_table_go_with_the_gap(
    long_table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = [f"openml/d/{i}" for i in range(12)]
    results = pd.read_csv(long_table)
    results["dataset"] = results["dataset"].map(dict(zip(sorted(set(results["dataset"])), keys, strict=True)))
    results.to_csv(long_table, index=False)
    ours = results[results["method"] != "a2"].pivot_table(index="dataset", columns="method", values="metric_error")
    gap = (ours["a"] - ours["b"]).reindex(keys).to_numpy()
    table = pd.DataFrame({"did": range(12), "n_rows": 100.0, "planted": gap, "noise": np.arange(12) % 5, "name": "x"})
    table.to_csv(tmp_path / "known.csv", index=False)
    asked = ["--first", "a", "--second", "b", "--metafeatures", str(tmp_path / "known.csv")]
    more = [*asked, "--metafeatures-key", "did"]
    command = [word if word != "gap" else "features" for word in from_file(long_table, *more)]
    assert main([*command, "--csv"]) == 0
    found = pd.read_csv(io.StringIO(capsys.readouterr().out)).set_index(["outcome", "feature"])
    assert found.loc[("gap", "planted"), "rho"] > 0.8
    assert set(found.index.get_level_values("feature")) == {"planted", "noise"}
    assert main(command) == 0
    assert "1 of 2 metafeatures go with it" in capsys.readouterr().out
    assert main([word for word in command if word not in ("--metafeatures-key", "did")]) == 2
    assert "Unknown column 'task'" in capsys.readouterr().err


def test_what_cards_say_stands_in_for_metafeatures(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "features", "--store", store, "--first", "ridge", "--second", "trees"]) == 0
    err = capsys.readouterr().err
    assert "No metafeatures in this store" in err
    assert "nothing can be said" not in err or "No metafeature is known and varies" in err


@pytest.mark.slow
def test_recommenders_stand_beside_their_baselines(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "recommenders", "--store", store, "--csv"]) == 0
    out, err = capsys.readouterr()
    found = pd.read_csv(io.StringIO(out)).set_index("way")
    assert {"single best", "virtual best", "random model", "forest", "tree of depth 2"} <= set(found.index)
    one_model = found[found["n_fits"] == 1]  # choosing anew on each split may do better
    assert (one_model["regret"] >= found.loc["virtual best", "regret"] - 1e-12).all()
    assert "No recommender is told better than always taking the single best model." in err


@pytest.mark.slow
def test_a_portfolio_is_exported_for_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(tmp_path / "store", models=("constant", "decision_tree"), n_folds=1)
    asked = ["analyze", "portfolio", "--store", str(store.root), "--size", "2", "-o", str(tmp_path / "out")]
    assert main(asked) == 0
    assert "The 2 configurations" in capsys.readouterr().out
    exported = {path.name for path in (tmp_path / "out").rglob("*.*")}
    assert exported == {
        "configs.yaml",
        "portfolio.yaml",
        "portfolio.csv",
        "portfolio_losses.csv",
        "portfolio_losses.svg",
    }
    texts = hydra_files({"decision_tree": ['{"max_depth": 3}', '{"max_depth": 9}'], "knn": []}, str(tmp_path / "out"))
    for name, text in texts.items():
        (tmp_path / "out" / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    run = ["run", "--config-dir", str(tmp_path / "out"), "experiment=portfolio", "tasks=[bundled/wine]", "folds=[0]"]
    assert main([*run, "dry_run=true"]) == 0
    assert "2 jobs with 4 trials to do" in capsys.readouterr().out
    assert main(["analyze", "portfolio", "--store", str(store.root), "--size", "0"]) == 2


def test_doses_and_rows_say_what_to_run_where_there_are_none(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("doses", "rows"):
        assert main(["analyze", what, "--store", store, "--first", "ridge", "--second", "trees"]) == 0
        assert "Run some" in capsys.readouterr().err


@pytest.mark.slow
def test_doses_and_rows_of_modified_tasks_are_paired(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = [f"bundled/{name}{change}" for name in ("a", "b") for change in ("", "~rotate", "~rows=100", "~rows=200")]
    store = str(make_store(tmp_path / "store", models=("ridge", "trees"), tasks=tasks, n_folds=1, n_trials=2).root)
    sides = ["--store", store, "--first", "ridge", "--second", "trees", "--csv"]
    assert main(["analyze", "doses", *sides]) == 0
    found = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert found.set_index("dose")["n_tasks"].to_dict() == {"rotate": 2, "rows=100": 2, "rows=200": 2}
    assert main(["analyze", "gap", *sides]) == 0
    assert set(pd.read_csv(io.StringIO(capsys.readouterr().out))["task"]) == {"bundled/a", "bundled/b"}
    assert main(["analyze", "rows", *sides]) == 0
    capsys.readouterr()


def test_a_column_that_is_not_there_and_a_folder_that_cannot_be_written_are_told(
    long_table: Path, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(from_file(long_table, "--valid-column", "metric_error_vall")) == 2
    assert "Did you mean metric_error_val" in capsys.readouterr().err
    assert main(["analyze", "--store", store, "--first", "ridge", "--second", "trees", "-o", str(long_table)]) == 2
    assert "cannot be written" in capsys.readouterr().err
