import numpy as np
import pandas as pd
import pytest

from tabbench.errors import DataError, UnknownNameError
from tabbench.ranking.leaderboard import leaderboard
from tabbench.ranking.long_table import Columns, tidy_errors
from tabbench.ranking.rules import Rules

NAMED = Columns("dataset", "method", "metric_error", split="fold")


def long_table() -> pd.DataFrame:
    rows = [
        (f"d{task}", fold, method, error + task / 10, "auc", 2.0, False)
        for task in range(3) for fold in range(2) for method, error in (("a", 0.1), ("b", 0.2), ("c", 0.3))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["dataset", "fold", "method", "metric_error", "metric", "time", "imputed"])


def test_a_long_table_is_ranked() -> None:
    tidy = tidy_errors(long_table(), Columns(**(vars(NAMED) | {"time": "time", "metric": "metric"})))
    assert tidy.notices == ()
    board = leaderboard(tidy.errors).table
    assert board["model"].tolist() == ["a", "b", "c"]
    assert board["mean_rank"].tolist() == [1, 2, 3]
    assert board["fit_seconds"].tolist() == [2, 2, 2]
    assert board["regime"].unique().tolist() == ["given"]


def test_higher_scores_are_better_on_demand() -> None:
    tidy = tidy_errors(long_table(), Columns("dataset", "method", "metric_error", split="fold", is_higher_better=True))
    board = leaderboard(tidy.errors)
    assert board.table["model"].tolist() == ["c", "b", "a"]
    assert board.table["improvability"].isna().all()
    assert any("ratios of errors mean nothing" in notice for notice in board.notices)


def test_without_a_split_column_a_task_has_one_split() -> None:
    tidy = tidy_errors(long_table().query("fold == 0"), Columns("dataset", "method", "metric_error"))
    assert tidy.errors["fold"].unique().tolist() == [0]
    with pytest.raises(DataError, match=r"rows 1, 4 are all task 'd0', split 0, model 'a'; 9 rows are too many"):
        tidy_errors(long_table(), Columns("dataset", "method", "metric_error"))


def test_gaps_are_counted_by_model() -> None:
    frame = long_table()
    frame.loc[1, "metric_error"] = np.nan
    tidy = tidy_errors(frame.drop(index=[2, 5]), NAMED)
    assert tidy.notices == ("Gaps, of 6 splits: b 1, c 2.",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metric_error": np.inf}, r"'metric_error' is infinite in row 3\."),
        ({"metric_error": "bad"}, r"holds no number but 'bad' in row 3\."),
        ({"dataset": None}, r"'dataset' names no task in row 3\."),
        ({"method": None}, r"'method' names no model in row 3\."),
        ({"fold": None}, r"'fold' names no split in row 3\."),
        ({"fold": 1}, r"rows 3, 6 are all task 'd0', split 1.*, model 'c'; 1 rows are too many"),
        ({"metric": "rmse"}, r"task d0 has auc, rmse \(rmse in row 3\); 1 such tasks"),
        ({"imputed": "perhaps"}, r"neither true nor false in row 3: 'perhaps'"),
    ],
)
def test_faults_are_reported_by_row(change: dict[str, object], message: str) -> None:
    frame = long_table().astype(object)
    for column, value in change.items():
        frame.loc[2, column] = value
    with pytest.raises(DataError, match=message):
        tidy_errors(frame, Columns(**(vars(NAMED) | {"metric": "metric", "imputed": "imputed"})))


def test_many_faulty_rows_are_cut_short() -> None:
    with pytest.raises(DataError, match=r"in rows 1, 2, 3, 4, 5 and 13 more"):
        tidy_errors(long_table().assign(metric_error=np.inf), NAMED)


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"'metric_eror' \(--error-column.*Did you mean metric_error"):
        tidy_errors(long_table(), Columns("dataset", "method", "metric_eror", split="fold"))


def test_marked_errors_stand_and_count_as_missing() -> None:
    frame = long_table()
    frame.loc[(frame["method"] == "a") & (frame["dataset"] == "d0") & (frame["fold"] == 0), "imputed"] = True
    many = pd.concat([frame.assign(dataset=frame["dataset"] + f"-{i}") for i in range(4)])
    many.loc[many["dataset"] != "d0-0", "imputed"] = False
    tidy = tidy_errors(many, Columns("dataset", "method", "metric_error", split="fold", imputed="imputed"))
    board = leaderboard(tidy.errors).table.set_index("model")
    assert board.loc["a", "imputed_share"] == pytest.approx(0.5 / 12)
    assert board.loc["a", "mean_rank"] == 1
    assert board.loc["a", "n_tasks_finished"] == 11


def test_no_rows_and_numeric_names_are_fine() -> None:
    frame = long_table().assign(dataset=lambda f: f["dataset"].str[1:].astype(int))
    assert leaderboard(tidy_errors(frame, NAMED).errors, Rules()).table["n_tasks"].tolist() == [3, 3, 3]
    assert leaderboard(tidy_errors(frame.iloc[:0], NAMED).errors).table.empty
