"""Rankings that others published, made again from their rows."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tabbench.ranking.averages import task_means
from tabbench.ranking.elo import elo
from tabbench.ranking.imputation import Imputation, fill
from tabbench.ranking.leaderboard import leaderboard
from tabbench.ranking.long_table import Columns, tidy_errors
from tabbench.ranking.ranks import split_ranks
from tabbench.ranking.rules import Rules, Unit
from tabbench.ranking.scores import split_improvability, split_min_max_scores, split_reference_scores
from tabbench.ranking.ties import TieMethod, Ties
from tabbench.ranking.wins import task_wins

PUBLISHED = Path(os.environ.get("TABBENCH_SHARED", Path(__file__).parents[4] / "shared" / "data")) / "results"
pytestmark = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published tables are not beside this checkout")

Floats = NDArray[np.float64]
DENSE = Ties(TieMethod.DENSE)
FOLDERS = ["1h", "4h", "8h"]


def footnoted(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers of a summary; in brackets behind them stands how many folds were imputed."""
    return frame.map(lambda cell: float(str(cell).split(" (")[0]))


class Amlb:
    """One folder of the AutoML benchmark 2019."""

    def __init__(self, folder: str) -> None:
        self.where = PUBLISHED / "amlb_2019" / "tables" / folder
        self.rows = pd.read_csv(self.where / "all_results.csv")
        self.frameworks = sorted(self.rows["framework"].unique())
        self.errors = -self.wide("score")
        self.filled = fill(self.errors.to_numpy(), self.errors["randomforest"].to_numpy())
        # A framework that failed on all folds of a task stays without a score there.
        failed = self.errors.isna().groupby("task").transform("all").to_numpy()
        self.filled[failed] = np.nan
        tasks, self.task_of = np.unique(self.errors.index.get_level_values("task"), return_inverse=True)
        self.tasks = list(tasks)

    def wide(self, column: str) -> pd.DataFrame:
        return self.rows.pivot(index=["task", "fold"], columns="framework", values=column)[self.frameworks].sort_index()

    def published(self, name: str) -> pd.DataFrame:
        return footnoted(pd.read_csv(self.where / f"{name}.csv").set_index("task").drop(columns="type").loc[self.tasks])

    def task_means(self, values: Floats) -> Floats:
        """Missing where a fold is."""
        means = task_means(values, self.task_of)
        means[np.isnan(task_means(values * 0 + 1, self.task_of))] = np.nan
        return means


@pytest.mark.parametrize("folder", FOLDERS)
def test_fold_ranks_of_the_automl_benchmark_2019(folder: str) -> None:
    amlb = Amlb(folder)
    published = pd.read_csv(amlb.where / "folds_leaderboard.csv").set_index(["task", "fold"])[amlb.frameworks]
    errors = amlb.errors.loc[published.index].to_numpy()
    ranks = split_ranks(np.where(np.isnan(errors), 1e9, errors), DENSE)  # who failed is behind all others, unranked
    assert published.size in (2450, 2730, 280)
    np.testing.assert_array_equal(np.where(np.isnan(errors), np.nan, ranks), published.to_numpy(dtype=np.float64))


@pytest.mark.parametrize("folder", FOLDERS)
def test_imputed_and_normalised_scores_of_the_automl_benchmark_2019(folder: str) -> None:
    amlb = Amlb(folder)
    np.testing.assert_allclose(-amlb.filled, amlb.wide("imp_score").to_numpy(), rtol=1e-12)
    bad, good = (amlb.errors[name].to_numpy() for name in ("constantpredictor", "tunedrandomforest"))
    scores = split_reference_scores(amlb.filled, bad, good)
    np.testing.assert_allclose(scores, amlb.wide("norm_score").to_numpy(), rtol=1e-5, atol=1e-6)  # six digits printed
    for name, values in (("score_summary", -amlb.filled), ("norm_score_summary", scores)):
        published = amlb.published(name)[amlb.frameworks].to_numpy()
        np.testing.assert_allclose(amlb.task_means(values), published, rtol=6e-6, atol=1e-6)


@pytest.mark.parametrize("folder", FOLDERS)
def test_task_ranks_of_the_automl_benchmark_2019(folder: str) -> None:
    amlb = Amlb(folder)
    published = amlb.published("tasks_leaderboard")
    means = amlb.task_means(amlb.filled)[:, [amlb.frameworks.index(name) for name in published]]
    ranks = split_ranks(np.where(np.isnan(means), 1e9, means), DENSE)
    np.testing.assert_array_equal(np.where(np.isnan(means), np.nan, ranks), published.to_numpy())


@pytest.mark.parametrize("name", ["automl", "automl_208"])
def test_ranked_tables_of_tabrepo(name: str) -> None:
    where = PUBLISHED / "tabrepo_autogluon_zeroshot"
    rows = pd.read_csv(where / f"{name}_results_ranked_by_dataset_valid.csv")
    means = pd.read_csv(where / f"{name}_results_ranked_valid.csv").set_index("framework").sort_index()
    wide = {c: rows.pivot(index="dataset", columns="framework", values=c).to_numpy() for c in rows.columns[3:]}
    errors = wide["metric_error"]
    ranks = split_ranks(errors)
    np.testing.assert_array_equal(ranks, wide["rank"])
    np.testing.assert_allclose(ranks.mean(axis=0), means["rank"], rtol=1e-12)
    np.testing.assert_array_equal((ranks == 1).sum(axis=0), means["rank=1_count"])
    np.testing.assert_array_equal(((ranks > 1) & (ranks <= 2)).sum(axis=0), means["rank=2_count"])
    np.testing.assert_array_equal(((ranks > 2) & (ranks <= 3)).sum(axis=0), means["rank=3_count"])
    # Errors are printed with about six digits, what was made of them with all: as exact as that allows.
    span, rounding = np.ptp(errors, axis=1, keepdims=True), 5e-6 * np.maximum(1, errors)
    rescaled = np.where(span > 0, 1 - split_min_max_scores(errors), 0)
    assert (np.abs(rescaled - wide["loss_rescaled"]) * span <= 2.01 * rounding.max(axis=1, keepdims=True)).all()
    improvable = split_improvability(errors)
    assert (np.abs(improvable - wide["bestdiff"]) * errors <= 2.1 * rounding).all()
    for seconds in ("time_train_s", "time_infer_s"):
        fastest = wide[seconds].min(axis=1, keepdims=True)
        np.testing.assert_allclose(wide[seconds] / fastest, wide[f"{seconds}_rescaled"], rtol=1e-9)


TABR_SETS = {
    "AD": "adult", "BL": "black-friday", "CA": "california", "CH": "churn", "CO": "covtype", "DI": "diamond",
    "HI": "higgs-small", "HO": "house", "MI": "microsoft", "OT": "otto", "WE": "weather-small",
}  # fmt: skip
TABR_RUNS = {"TabR": ("tabr", ("2-plr-lite", "0")), "LightGBM": ("lightgbm_", ("2",)),
             "CatBoost": ("catboost_", ("2",)), "XGBoost": ("xgboost_", ("2",))}  # fmt: skip


def test_rank_table_of_tabr() -> None:
    """44 cells: by task, ties within one standard deviation of the leader, dense."""
    runs = pd.read_csv(PUBLISHED / "tabr" / "tabr_per_seed.csv.gz", low_memory=False).query("kind == 'ensemble-5'")
    lines = (PUBLISHED / "tabr" / "PUBLISHED_results_notebook_output.txt").read_text().splitlines()
    sets = lines[1].split()[3:]
    rows = []
    for title, (model, tags) in TABR_RUNS.items():
        for short in sets:
            of_model = runs[(runs["model"] == model) & (runs["dataset"] == TABR_SETS[short])]
            tag = next(tag for tag in tags if (of_model["tag"] == tag).any())
            chosen = of_model[of_model["tag"] == tag]
            rows += [
                (title, short, seed, score) for seed, score in zip(chosen["seed"], chosen["test_score"], strict=True)
            ]
    frame = pd.DataFrame(rows, columns=["model", "set", "seed", "score"])
    tidy = tidy_errors(frame, Columns("set", "model", "score", split="seed", is_higher_better=True)).errors
    rules = Rules(unit=Unit.TASK, ties=Ties(TieMethod.DENSE, deviations=1.0))
    from tabbench.ranking.aggregates import task_ranks
    from tabbench.ranking.table import error_table

    table = error_table(tidy)
    ranks = pd.DataFrame(task_ranks(table, rules), index=table.tasks, columns=table.models)
    for line in lines[3:7]:
        _, title, mean, _, *cells = line.split()
        assert ranks.loc[sets, title].tolist() == [float(cell) for cell in cells], title
        assert leaderboard(tidy, rules).table.set_index("model").loc[title, "mean_rank"] == pytest.approx(
            float(mean), abs=0.05
        )


def test_means_over_seeds_of_tabm() -> None:
    published = pd.read_csv(PUBLISHED / "tabm" / "PUBLISHED_readme_tabm_mean_std.csv").set_index("Dataset")
    runs = pd.read_csv(PUBLISHED / "tabm" / "tabm_per_seed.csv")
    runs = runs[runs["model"] == "tabm-sharetrainingbatches"]
    # The table has one row a data set: its splits are averaged, then the splits' means over seeds.
    runs["set"] = runs["dir"].str.split("/").str[-1].str.replace(r"^(classif|regression)-\w+-\w+-\d+-", "", regex=True)
    names, task_of = np.unique(runs["set"], return_inverse=True)
    means = dict(zip(names, task_means(runs[["score_test"]].to_numpy(), task_of)[:, 0], strict=True))
    there = [name for name in published.index if name in means]
    assert len(there) >= 25
    np.testing.assert_allclose([means[name] for name in there], published.loc[there, "mean"], atol=1.1e-6, rtol=1e-6)


@pytest.fixture(scope="module")
def tabarena() -> pd.DataFrame:
    files = sorted((PUBLISHED / "tabarena_hpo_combined").glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


TABARENA = Columns("dataset", "method", "metric_error", split="fold", time="time_train_s", metric="metric")


def test_tabarenas_runs_are_ranked_as_its_definitions_say(tabarena: pd.DataFrame) -> None:
    """816 splits of 51 tasks; each number by its definition in plain pandas."""
    tidy = tidy_errors(tabarena, TABARENA)
    assert tidy.notices[0].startswith("Gaps, of 816 splits: ")
    board = leaderboard(tidy.errors, Rules(impute=Imputation.LEAVE_OUT))
    assert [n for n in board.notices if "Not ranked, over 10%" in n]  # TabM has 1,777 of 2,448 rows
    table = board.table.set_index("model")
    whole = tabarena[tabarena["method"].isin(table.index[table["is_ranked"]])]
    wide = whole.pivot(index=["dataset", "fold"], columns="method", values="metric_error")
    assert wide.shape == (816, 11)

    def over_tasks(values: pd.DataFrame) -> pd.Series:
        return values.groupby("dataset").mean().mean()

    ranks = wide.round(12).rank(axis=1)
    expected = {
        "mean_rank": over_tasks(ranks), "reciprocal_rank": over_tasks(1 / ranks),
        "win_rate": over_tasks((11 - ranks) / 10), "improvability": over_tasks(1 - wide.rdiv(wide.min(axis=1), axis=0)),
    }  # fmt: skip
    for name, values in expected.items():
        np.testing.assert_allclose(table.loc[wide.columns, name], values.fillna(0), rtol=1e-6, err_msg=name)
    order = table[table["is_ranked"]].sort_values("elo", ascending=False).index.tolist()
    assert order == table[table["is_ranked"]].sort_values("mean_rank").index.tolist()  # a dense table's orders agree


def test_tabarenas_elo_is_that_of_a_converged_logistic_regression(tabarena: pd.DataFrame) -> None:
    from sklearn.linear_model import LogisticRegression

    whole = tabarena[~tabarena["method"].str.contains("TabM")]
    wide = whole.pivot(index=["dataset", "fold"], columns="method", values="metric_error")
    _, task_of, sizes = np.unique(wide.index.get_level_values(0), return_inverse=True, return_counts=True)
    errors, n_models = wide.to_numpy(), wide.shape[1]
    rows, outcomes, weights = [], [], []
    for a in range(n_models):
        for b in range(a + 1, n_models):
            row = np.zeros(n_models)
            row[[a, b]] = np.log(10), -np.log(10)
            ties = np.isclose(errors[:, a], errors[:, b], rtol=1e-9, atol=1e-15)
            won = np.where(ties, 0.5, errors[:, a] < errors[:, b])
            for outcome, weight in ((1, won), (0, 1 - won)):
                rows.append(row)
                outcomes.append(outcome)
                weights.append((weight / sizes[task_of]).sum())
    fit = LogisticRegression(fit_intercept=False, C=1e6, solver="newton-cholesky", tol=1e-12).fit(
        np.array(rows), outcomes, sample_weight=weights
    )
    expected = 400 * fit.coef_[0]
    ratings = elo(task_wins(errors, task_of)).rating
    np.testing.assert_allclose(ratings - ratings.mean(), expected - expected.mean(), atol=1e-6)
