import io
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tabbench.cli.main import main
from tabbench.store.database import open_database
from tabbench.store.layout import Store

OWN_BRIER = """
import numpy as np
NAME = "my_brier"
TASK_TYPES = ("binary", "multiclass")

def error(y, prediction):
    return ((prediction - np.eye(prediction.shape[1])[y]) ** 2).sum(axis=1).mean()
"""


@pytest.fixture
def store(real_store: Store, tmp_path: Path) -> Store:
    """A copy of the real store that a test may change."""
    shutil.copytree(real_store.root, tmp_path / "store")
    return Store(tmp_path / "store")


def written(folder: Path, text: str) -> str:
    (folder / "metric.py").write_text(text)
    return str(folder / "metric.py")


def score(store: Store, metric: str) -> int:
    return main(["score", metric, "--store", str(store.root)])


def test_a_metric_of_ones_own_gets_the_stored_score_of_the_same_formula(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert score(store, written(tmp_path, OWN_BRIER)) == 0
    assert "50 trials scored by my_brier; 0 had the score already" in capsys.readouterr().err
    with open_database(store) as connection:
        pairs = connection.execute(
            "select test_brier, s.test_error, valid_brier, s.valid_error from trials join new_scores s "
            "using (job_id, trial, attempt)"
        ).fetchall()
    assert len(pairs) == 50
    for stored_test, test, stored_valid, valid in pairs:
        assert (test, valid) == (pytest.approx(stored_test), pytest.approx(stored_valid))


@pytest.mark.slow
def test_rank_takes_the_new_metric_and_ranks_as_by_the_stored_one(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    score(store, written(tmp_path, OWN_BRIER))
    boards = []
    for name in ("brier", "my_brier"):
        assert main(["rank", "--store", str(store.root), "--metric", name, "--csv"]) == 0
        boards.append(pd.read_csv(io.StringIO(capsys.readouterr().out)))
    pd.testing.assert_frame_equal(*boards, rtol=1e-9)
    assert set(boards[0]["regime"]) == {"default", "tuned"}
    assert main(["rank", "--store", str(store.root), "--metric", "my_brier", "--regime", "tuned_ensembled"]) == 2
    assert "Take --regime default or tuned" in capsys.readouterr().err
    assert main(["rank", "--store", str(store.root), "--metric", "my_brierr"]) == 2
    assert "Did you mean my_brier?" in capsys.readouterr().err


def test_only_what_is_new_is_scored_and_an_edited_file_scores_anew(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = written(tmp_path, OWN_BRIER)
    score(store, path)
    score(store, path)
    assert "0 trials scored by my_brier; 50 had the score already" in capsys.readouterr().err
    score(store, written(tmp_path, OWN_BRIER.replace(".mean()", ".mean() * 2")))
    with open_database(store) as connection:
        [(ratio, n)] = connection.execute(
            "select avg(s.test_error / test_brier), count(*) from trials join new_scores s "
            "using (job_id, trial, attempt)"
        ).fetchall()
    assert (ratio, n) == (pytest.approx(2), 50)


def test_a_metric_of_tabbench_is_added_where_rows_are_without_it(store: Store, capsys: pytest.CaptureFixture[str]):
    assert score(store, "accuracy") == 0
    assert "0 trials scored by accuracy; 50 had the score already" in capsys.readouterr().err


def test_an_undefined_score_is_null_and_a_metric_for_other_tasks_scores_nothing(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    score(store, written(tmp_path, 'NAME = "nothing"\ndef error(y, prediction): return None'))
    with open_database(store) as connection:
        assert connection.execute("select count(*), count(test_error) from new_scores").fetchall() == [(50, 0)]
    score(store, written(tmp_path, 'NAME = "far"\nTASK_TYPES = "regression"\ndef error(y, prediction): return 1'))
    assert "0 trials scored by far; 0 had" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NAME = 'x'\ndef error(y, prediction): return y[", "SyntaxError"),
        ("import not_there_at_all", "ModuleNotFoundError"),
        ("def error(y, prediction): return 0", "NAME = None"),
        ("NAME = 'accuracy'\ndef error(y, prediction): return 0", "no metric of tabbench has"),
        ("NAME = 'x'", "def error"),
        ("NAME = 'x'\nTASK_TYPES = ('multclass',)\ndef error(y, prediction): return 0", "Did you mean multiclass"),
        ("NAME = 'x'\ndef error(y, prediction): return 'good'", "returned 'good'"),
        ("NAME = 'x'\ndef error(y, prediction): return 1 / 0", r"failed on trial [0-9a-f]{16}:0 of bundled/penguins"),
    ],
)
def test_a_wrong_file_ends_with_2_and_says_why(
    store: Store, tmp_path: Path, text: str, message: str, capsys: pytest.CaptureFixture[str]
):
    assert score(store, written(tmp_path, text)) == 2
    assert re.search(message, capsys.readouterr().err)


def test_other_wrong_words(store: Store, capsys: pytest.CaptureFixture[str]):
    assert score(store, "acuracy") == 2
    assert "Did you mean accuracy" in capsys.readouterr().err
    assert score(store, "crps") == 1
    assert "no finished trial of a regression task" in capsys.readouterr().err
    assert score(store, "nowhere.py") == 2
    assert "There is no metric file nowhere.py (looked in " in capsys.readouterr().err


def test_jobs_without_predictions_are_told_and_end_with_1(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    shutil.rmtree(store.root / "predictions")
    (store.root / "predictions").mkdir()
    assert score(store, written(tmp_path, OWN_BRIER)) == 1
    assert "No scores of 6 jobs: no predictions were kept." in capsys.readouterr().err
