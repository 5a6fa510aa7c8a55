"""The check of the zoo counts what it says it counts, and runs on real tables."""

from itertools import product

import pytest
from stored_rows import all_trials
from synthetic_store import make_store
from zoo_check import Errors, main, misses_by_default, read_errors, report, tasks_asked, wins_when_tuned

ERRORS = Errors(
    default={
        "constant": {"easy": 1.0, "hard": 1.0, "other": 1.0},
        "linear": {"easy": 0.5, "hard": 0.96, "other": 0.95},
        "good": {"easy": 0.6, "hard": 1.2, "other": 0.9},
        "bad": {"easy": 1.0, "hard": 0.2},
    },
    tuned={
        "linear": {"easy": 0.5, "hard": 0.9},
        "good": {"easy": 0.4, "hard": 0.95},
        "bad": {"easy": 0.6, "hard": 0.9},
    },
    valid={
        "linear": {"easy": 0.5, "hard": 0.9},
        "good": {"easy": 0.3, "hard": 0.8},
        "bad": {"easy": 0.4, "hard": 0.9},
    },
)


def test_only_tasks_where_linear_is_better_by_the_margin_are_asked():
    assert tasks_asked(ERRORS) == ["easy", "other"]
    assert misses_by_default(ERRORS, "good") == ([], [])
    assert misses_by_default(ERRORS, "bad") == (["easy"], ["other"])


def test_wins_are_counted_over_the_tasks_of_both_and_a_tie_is_none():
    assert wins_when_tuned(ERRORS.tuned, "good") == (1, 2)
    assert wins_when_tuned(ERRORS.tuned, "bad") == (0, 2)


def test_report_names_what_falls_short():
    lines = report(ERRORS)
    assert [line.split() for line in lines[1:4]] == [
        ["bad", "0", "of", "2", "0", "of", "2", "1"],
        ["good", "2", "of", "2", "1", "of", "2", "2"],
        ["linear", "2", "of", "2", "-", "-"],
    ]
    assert lines[4:] == [
        "bad by default does not beat the constant on easy.",
        "bad by default has no score on other: not run, or longer than --seconds.",
        "bad tuned beats linear on fewer than half of the tasks.",
    ]


def test_errors_are_means_over_the_folds_and_a_task_without_all_of_them_has_none(tmp_path):
    models, tasks = ("gbdt", "net"), ("bundled/alpha", "bundled/beta")
    store = make_store(tmp_path / "store", models=models, tasks=tasks, n_folds=3, n_trials=4)
    errors = read_errors(store, n_trials=4, n_folds=2)
    rows = [done.trial for done in all_trials(store.root) if done.trial.valid_error is not None]
    for model, task in product(models, tasks):
        folds = [[row for row in rows if (row.model, row.task, row.fold) == (model, task, fold)] for fold in (0, 1)]
        best = [min(trials, key=lambda row: row.valid_error) for trials in folds]
        assert errors.tuned[model][task] == pytest.approx(sum(row.test_error for row in best) / 2)
        assert errors.valid[model][task] == pytest.approx(sum(row.valid_error for row in best) / 2)
        first = [row.test_error for trials in folds for row in trials if row.trial == 0]
        assert errors.default[model][task] == pytest.approx(sum(first) / 2)
    assert read_errors(store, n_trials=5, n_folds=3).tuned == {}
    assert read_errors(store, n_trials=4, n_folds=4).default == {}


@pytest.mark.slow
def test_models_that_are_cheap_earn_their_place(tmp_path, capsys):
    models = "constant,linear,knn,decision_tree,random_forest,hist_gradient_boosting"
    given = ["--store", str(tmp_path), "--models", models, "--suite", "quickstart", "--trials", "1"]
    assert main(given) == 0, capsys.readouterr().out
    assert "hist_gradient_boosting" in capsys.readouterr().out
    assert main([*given, "--report"]) == 0


def test_store_without_the_two_yardsticks_is_refused(tmp_path, capsys):
    assert main(["--store", str(tmp_path), "--report"]) == 2
    assert "constant and linear" in capsys.readouterr().err
