import itertools

import numpy as np
import pandas as pd
import pytest

from tabbench.errors import DataError
from tabbench.ranking.imputation import Imputation
from tabbench.ranking.leaderboard import Leaderboard, leaderboard
from tabbench.ranking.rules import Rules
from tabbench.ranking.uncertainty import uncertain_of

MODELS = {"constant": 0.9, "good": 0.2, "middling": 0.5, "poor": 0.7}
LEAVE_OUT = Rules(impute=Imputation.LEAVE_OUT)
NO_BOUND = "default: battles put no bound on the Elo of anybody; its size is the prior's work."


def tidy(
    models: dict[str, float] = MODELS, n_tasks: int = 10, n_folds: int = 2, regime: str = "default"
) -> pd.DataFrame:
    """A model's error is its number plus a tenth of the task's, the same on every fold."""
    rows = [
        {
            "model": model, "regime": regime, "task": f"t{task:02}", "repeat": 0, "fold": fold,
            "error": error + task / 10, "fit_seconds": 1.0 + task, "predict_seconds": 0.1, "search_seconds": 5.0,
            "protocol_id": "p", "source_hash": f"s-{model}", "task_hash": f"h{task}", "splits_hash": f"x{task}",
        }
        for (model, error), task, fold in itertools.product(models.items(), range(n_tasks), range(n_folds))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def without(errors: pd.DataFrame, model: str, task: str, fold: int | None = None) -> pd.DataFrame:
    gone = (errors["model"] == model) & (errors["task"] == task)
    return errors[~(gone if fold is None else gone & (errors["fold"] == fold))]


def row_of(board: Leaderboard, model: str, regime: str = "default") -> pd.Series:
    table = board.table
    return table[(table["model"] == model) & (table["regime"] == regime)].iloc[0]


def test_a_whole_table_is_ranked() -> None:
    board = leaderboard(tidy())
    assert board.notices == (NO_BOUND,)
    assert board.table["model"].tolist() == ["good", "middling", "poor", "constant"]
    assert board.table["mean_rank"].tolist() == [1, 2, 3, 4]
    assert board.table["win_rate"].tolist() == pytest.approx([1, 2 / 3, 1 / 3, 0])
    assert board.table["normalised_score"].tolist() == pytest.approx([1, 0.25, 0, 0])  # median of .2 .5 .7 .9 is .6
    assert board.table["n_tasks"].tolist() == board.table["n_tasks_finished"].tolist() == [10] * 4
    assert board.table["imputed_share"].tolist() == [0] * 4
    assert board.table["fit_seconds"].tolist() == [5.5] * 4
    assert list(board.table)[:4] == ["model", "regime", "mean_rank", "elo"]


def test_the_constants_error_stands_in_for_a_missing_one() -> None:
    board = leaderboard(without(tidy(), "good", "t03"))
    assert row_of(board, "good")["mean_rank"] == pytest.approx((9 * 1 + 3.5) / 10)
    assert row_of(board, "middling")["mean_rank"] == pytest.approx((9 * 2 + 1) / 10)
    assert row_of(board, "good")["imputed_share"] == pytest.approx(0.1)
    assert row_of(board, "good")["n_tasks_finished"] == 9
    assert row_of(board, "good")["is_ranked"]


def test_a_failed_row_is_a_gap_like_a_row_that_is_not_there() -> None:
    errors = tidy()
    failed = errors.assign(error=errors["error"].where((errors["model"] != "good") | (errors["task"] != "t03")))
    pd.testing.assert_frame_equal(leaderboard(failed).table, leaderboard(without(errors, "good", "t03")).table)


def test_an_entrant_with_over_a_tenth_missing_is_listed_and_not_ranked() -> None:
    board = leaderboard(without(without(tidy(), "good", "t03"), "good", "t04", fold=1))
    assert board.table["model"].tolist() == ["middling", "poor", "constant", "good"]
    assert board.table["mean_rank"].tolist()[:3] == [1, 2, 3]
    assert np.isnan(row_of(board, "good")["mean_rank"])
    assert not row_of(board, "good")["is_ranked"]
    assert row_of(board, "good")["imputed_share"] == pytest.approx(0.15)
    assert board.notices[0] == "default: Not ranked, over 10% of its splits missing: good (15%)."


def test_leaving_out_ranks_all_over_the_same_splits() -> None:
    board = leaderboard(without(tidy(), "good", "t03", fold=0), LEAVE_OUT)
    assert board.table["mean_rank"].tolist() == [1, 2, 3, 4]
    assert board.notices[0] == "default: Left out for all: 1 of 20 splits, 0 whole tasks."


def test_without_a_constant_model_it_says_so_and_leaves_out() -> None:
    models = {name: error for name, error in MODELS.items() if name != "constant"}
    errors = without(tidy(models), "good", "t03")
    board = leaderboard(errors)
    assert "no rows of the model 'constant'" in board.notices[0]
    assert board.notices[1] == "default: Left out for all: 2 of 20 splits, 1 whole tasks."
    assert board.notices[3] == "Ranked over 9 tasks: a demonstration, not evidence."
    pd.testing.assert_frame_equal(
        board.table[["model", "mean_rank"]], leaderboard(errors, LEAVE_OUT).table[["model", "mean_rank"]]
    )


def test_under_ten_tasks_it_is_a_demonstration() -> None:
    assert leaderboard(tidy(n_tasks=9)).notices[-1] == "Ranked over 9 tasks: a demonstration, not evidence."


def test_copies_of_a_task_are_one_family_and_no_evidence() -> None:
    errors = tidy(n_tasks=12)
    board = leaderboard(errors, intervals=uncertain_of(errors.assign(task_family="penguins")))
    assert board.notices[-1] == "Ranked over 12 tasks of 1 family: a demonstration, not evidence."
    assert board.table["elo_low"].isna().all()
    assert leaderboard(errors, intervals=uncertain_of(errors)).table["elo_low"].notna().any()


def test_a_pool_of_failures_is_listed_without_ranks() -> None:
    board = leaderboard(tidy().assign(error=np.nan))
    assert len(board.table) == 4
    assert board.table["mean_rank"].isna().all()
    assert not board.table["is_ranked"].any()
    assert board.table["imputed_share"].tolist() == [1] * 4
    assert board.notices[-1] == "default: nobody could be ranked."


def test_each_regime_is_a_pool_of_its_own() -> None:
    tuned = tidy({"constant": 0.9, "poor": 0.1, "good": 0.2}, regime="tuned")
    both = leaderboard(pd.concat([tidy(), tuned]))
    pd.testing.assert_frame_equal(both.table[both.table["regime"] == "default"], leaderboard(tidy()).table)
    assert row_of(both, "poor", "tuned")["mean_rank"] == 1
    assert row_of(both, "constant", "tuned")["mean_rank"] == 3


def test_seconds_are_the_median_task_of_finished_splits() -> None:
    errors = tidy(n_tasks=3)
    errors.loc[errors["fold"] == 0, "fit_seconds"] += 10
    errors.loc[(errors["model"] == "good") & (errors["task"] == "t02"), ["error", "fit_seconds"]] = [np.nan, 1e9]
    board = leaderboard(errors)
    assert row_of(board, "poor")["fit_seconds"] == 7.0  # tasks take 6, 7, 8
    assert row_of(board, "good")["fit_seconds"] == 6.5


def test_times_that_are_unknown_are_missing_not_zero() -> None:
    board = leaderboard(tidy().drop(columns="search_seconds"))
    assert board.table["search_seconds"].isna().all()


def test_nothing_to_rank_is_said() -> None:
    board = leaderboard(tidy().iloc[:0])
    assert board.table.empty
    assert list(board.table) == list(leaderboard(tidy()).table)
    assert board.notices == ("There is nothing to rank.",)


@pytest.mark.parametrize(
    ("column", "which", "message"),
    [
        ("protocol_id", ("task", "t01"), r"different protocol_id.*other, p.*--protocol"),
        ("source_hash", ("fold", 1), r"different source_hash.*other, s-constant of model constant.*--latest"),
        ("splits_hash", ("model", "good"), r"different splits_hash.*other, x0 of task t00.*and 5 more.*--latest"),
        ("task_hash", ("model", "good"), r"different task_hash.*--latest"),
    ],
)
def test_rows_that_must_not_be_pooled_are_refused(column: str, which: tuple[str, object], message: str) -> None:
    errors = tidy()
    errors.loc[errors[which[0]] == which[1], column] = "other"
    with pytest.raises(DataError, match=message):
        leaderboard(errors)


def test_rows_that_stand_twice_are_refused() -> None:
    with pytest.raises(DataError, match=r"1 rows stand twice.*model constant.*task t00, repeat 0, fold 0"):
        leaderboard(pd.concat([tidy(), tidy().iloc[:1]]))


def test_a_missing_column_and_an_infinite_error_are_refused() -> None:
    with pytest.raises(DataError, match=r"lack the columns \['error'\]"):
        leaderboard(tidy().drop(columns="error"))
    errors = tidy()
    errors.loc[0, "error"] = np.inf
    with pytest.raises(DataError, match=r"1 errors are infinite: model constant.*task t00, repeat 0, fold 0"):
        leaderboard(errors)


def test_the_order_of_rows_changes_nothing() -> None:
    errors = without(tidy(), "good", "t03")
    shuffled = errors.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(leaderboard(errors).table, leaderboard(shuffled).table)
