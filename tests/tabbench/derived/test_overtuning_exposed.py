"""A planted overtuner, through the real runner: what `tabbench rank` says of it."""

import io

import pandas as pd
import pytest

from tabbench.cli.main import main
from tabbench.store.layout import Store


def test_a_model_that_only_looks_better_on_valid_is_exposed_by_both_columns(
    real_store: Store, capsys: pytest.CaptureFixture[str]
):
    assert main(["rank", "--store", str(real_store.root), "--regime", "tuned", "--csv"]) == 0
    board = pd.read_csv(io.StringIO(capsys.readouterr().out)).set_index("model")
    assert abs(board.loc["honest", "optimism"]) < 0.1
    assert abs(board.loc["constant", "optimism"]) < 0.1
    assert board.loc["peeking", "optimism"] > 0.5
    assert board.loc["honest", "passed_over"] < 0.05
    assert board.loc["peeking", "passed_over"] > 0.05
    assert board.loc["constant", "passed_over"] == 0
    assert board.loc["peeking", "mean_rank"] > board.loc["honest", "mean_rank"]
