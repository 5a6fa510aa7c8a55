"""The ranking engine of the browser gives the numbers of `tabbench rank`."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from engine import rank_in_node, run_in_node
from made_up_errors import browser_data_of, made_up_errors, random_settings

from tabbench.ranking.aggregates import ranked, task_ranks
from tabbench.ranking.draws import task_bootstrap
from tabbench.ranking.imputation import Imputation, impute
from tabbench.ranking.intervals import bootstrap_means, intervals
from tabbench.ranking.leaderboard import leaderboard, pools_of
from tabbench.ranking.rendering import reading_rows
from tabbench.ranking.rules import Pool, Rules
from tabbench.ranking.table import error_table
from tabbench.ranking.uncertainty import uncertain_of

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

ERRORS = made_up_errors()
SETTINGS = random_settings(ERRORS, 10)
POINTS = (
    "mean_rank", "elo", "win_rate", "normalised_score", "improvability", "skill_score", "median_rank", "best_rank",
    "worst_rank", "n_first",
)  # fmt: skip


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return rank_in_node(browser_data_of(ERRORS), SETTINGS, tmp_path_factory.mktemp("node"))


def rules_of(setting: dict[str, Any]) -> Rules:
    pool = Pool.ALL if len(setting["regimes"]) > 1 else Pool.REGIME
    return Rules(impute=Imputation(setting["rules"]["impute"]), reference=setting["rules"]["reference"], pool=pool)


def rows_of(setting: dict[str, Any]) -> pd.DataFrame:
    tasks = [t for t, keep in zip(sorted(set(ERRORS["task"])), setting["tasks"], strict=True) if keep]
    models = [m for m, keep in zip(sorted(set(ERRORS["model"])), setting["models"], strict=True) if keep]
    is_in = ERRORS["task"].isin(tasks) & ERRORS["model"].isin(models) & ERRORS["regime"].isin(setting["regimes"])
    return ERRORS[is_in]


@cache
def ranked_by_python(number: int) -> pd.DataFrame:
    """The table of `tabbench rank`."""
    setting = SETTINGS[number]
    rows = rows_of(setting)
    return leaderboard(rows, rules_of(setting), uncertain_of(rows, seed=setting["rules"]["seed"])).table


@pytest.mark.parametrize("number", range(len(SETTINGS)))
def test_numbers_and_intervals_are_those_of_tabbench_rank(number: int, boards: list[dict[str, Any]]) -> None:
    found = {row["entrant"]: row for row in boards[number]["rows"]}
    is_mixed = len(SETTINGS[number]["regimes"]) > 1
    table = ranked_by_python(number).to_dict("records")
    wanted = {f"{r['model']} ({r['regime']})" if is_mixed else r["model"]: r for r in table}
    assert set(found) == set(wanted)
    for name, row in found.items():
        other = wanted[name]
        assert row["imputed_share"] == other["imputed_share"]
        assert row["n_tasks_finished"] == other["n_tasks_finished"]
        assert ("mean_rank" in row) == bool(other["is_ranked"])
        if not other["is_ranked"]:
            continue
        assert row["mean_rank"] == other["mean_rank"]  # to the last bit: it is shown between two digits most often
        for point in POINTS:
            value = math.nan if row[point] is None else row[point]
            assert value == pytest.approx(other[point], rel=1e-9, abs=1e-9, nan_ok=True), (name, point)
        assert row["is_unbounded"] == other["is_unbounded"]
        for end in ("elo_low", "elo_high"):
            assert row.get(end, math.nan) == pytest.approx(other[end], abs=1e-5, nan_ok=True), (name, end)
        for place in ("rank_low", "rank_high"):
            assert row.get(place, math.nan) == pytest.approx(other[place], nan_ok=True), (name, place)
        assert row.get("groups", "") == other["groups"]


def test_the_settings_try_what_is_hard(boards: list[dict[str, Any]]) -> None:
    rows = [row for board in boards for row in board["rows"]]
    assert any(board["nTasks"] >= 10 for board in boards)
    assert any("mean_rank" not in row for row in rows)
    assert any(0 < row["imputed_share"] <= 0.1 for row in rows)
    assert any(row.get("is_unbounded") for row in rows)
    assert any(len(row.get("groups", "")) > 1 for row in rows)


def test_intervals_of_means_are_those_of_the_bootstrap(boards: list[dict[str, Any]]) -> None:
    rows = rows_of(SETTINGS[0])
    ((_, pool),) = pools_of(rows, Pool.REGIME)
    whole = impute(error_table(pool)).table
    names = list(ranked(whole, Rules()).table.models)
    families = [uncertain_of(rows).families.get(task, task) for task in whole.dense().tasks]
    draws = task_bootstrap(len(families), families, seed=SETTINGS[0]["rules"]["seed"])
    low, high = intervals(bootstrap_means(task_ranks(whole.dense(), Rules()), draws))
    found = {row["entrant"]: row for row in boards[0]["rows"] if "mean_rank" in row}
    assert [found[name]["mean_rank_low"] for name in names] == pytest.approx(low.tolist(), abs=1e-9)
    assert [found[name]["mean_rank_high"] for name in names] == pytest.approx(high.tolist(), abs=1e-9)


def test_numbers_are_rounded_as_python_rounds_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = [2.125, 2.375, 0.5, 1.5, -2.5, 0.125, 1e-7, 0.0, 1234.5, -0.004, 8.5, *rng.uniform(-9, 9, 50).tolist()]
    cases = [[value, digits] for value in values for digits in (0, 1, 2, 3)]
    found = run_in_node("fixed_in_node.mjs", tmp_path, cases)
    assert found == [f"{value:.{digits}f}" for value, digits in cases]


def test_the_distributions_are_those_of_scipy(tmp_path: Path) -> None:
    from scipy import stats

    tails = [[tail, degrees] for tail in (0.025, 0.05, 0.2) for degrees in (1, 2, 5, 9, 30, 200, 1000)]
    normal = [0.0, 0.3, 1.0, 1.96, 2.5, 4.9, 5.1, 8.0]
    found = run_in_node("student_in_node.mjs", tmp_path, {"tails": tails, "normal": normal})
    assert found["quantiles"] == pytest.approx([stats.t.isf(p, df) for p, df in tails], rel=1e-10)
    assert found["normal"] == pytest.approx(stats.norm.sf(normal).tolist(), rel=1e-9)


def test_shown_cells_agree_in_every_setting(boards: list[dict[str, Any]], tmp_path: Path) -> None:
    """Mean rank, Elo, its ends, win rate and score as `tabbench rank` prints them."""
    asked: list[list[float]] = []
    shown: list[str] = []
    for number, board in enumerate(boards):
        found = {row["entrant"]: row for row in board["rows"]}
        for _, cells in reading_rows(ranked_by_python(number)):
            for cell in cells:
                row = found[cell[1]]
                if cell[0] == "-":
                    continue
                asked += [[row["mean_rank"], 2], [row["elo"], 0], [row["win_rate"], 2], [row["normalised_score"], 2]]
                shown += [cell[2], cell[3].rstrip("*"), cell[7], cell[8]]
                if "elo_low" in row and round(row["elo_low"]) != round(row["elo_high"]):
                    asked += [[row["elo_low"], 0], [row["elo_high"], 0]]
                    shown += cell[4].split("-") if cell[4].count("-") == 1 else ["", ""]  # below zero: looked at above
    texts = run_in_node("fixed_in_node.mjs", tmp_path, asked)
    assert [text for text, wanted in zip(texts, shown, strict=True) if wanted] == [text for text in shown if text]
