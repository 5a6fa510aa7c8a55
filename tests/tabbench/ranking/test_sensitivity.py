import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import friedmanchisquare, kendalltau, rankdata, spearmanr

from tabbench.ranking.agreement import kendall_tau, kendalls_w, mean_correlation, tau_matrix
from tabbench.ranking.diagnostics import (
    needed,
    stability_by_splits,
    stability_by_tasks,
    task_agreement,
    task_values,
)
from tabbench.ranking.hard_tasks import Hardness, hard_tasks, hardness, report_half
from tabbench.ranking.ranks import split_ranks
from tabbench.ranking.rules import Rules
from tabbench.ranking.sensitivity import Alternative, Option, alternatives_of, sensitivity
from tabbench.ranking.table import ErrorTable

ERRORS = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}


def pool(n_tasks: int = 6, n_folds: int = 2) -> pd.DataFrame:
    """a before b before c before d, but on regression tasks the other way round, which are the larger ones."""
    rows = [
        {
            "model": model, "regime": "default", "task": f"t{task}", "repeat": 0, "fold": fold,
            "error": 1 - error if task >= n_tasks - 2 else error,
            "task_type": "regression" if task >= n_tasks - 2 else "binary", "n_rows": 100 * (task + 1),
            "n_columns": 4, "n_categorical": 0, "missing_share": 0.0,
            "family": "boosted_trees" if model in "ab" else "linear",
        }
        for (model, error), task, fold in itertools.product(ERRORS.items(), range(n_tasks), range(n_folds))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_every_choice_is_changed_and_what_moves_is_said() -> None:
    found = sensitivity(pool(), Rules())
    by_variant = found.variants.set_index(["option", "variant"])
    assert by_variant.loc[("tasks", "binary"), "kendall_tau"] == 1
    reversed_tasks = by_variant.loc[("tasks", "regression")]
    assert (reversed_tasks["kendall_tau"], reversed_tasks["largest_move"], reversed_tasks["n_tasks"]) == (-1, 3, 2)
    assert by_variant.loc[("tasks", "rows > 350"), "n_tasks"] == 3
    assert len(by_variant.loc["one task left out"]) == 6
    assert by_variant.loc[("one model left out", "a"), "n_models"] == 3
    assert set(by_variant.loc["one family left out"].index) == {"boosted_trees", "linear"}
    assert set(by_variant.loc["imputation"].index) == {"worst", "leave_out"}
    assert set(by_variant.loc["ties"].index) == {"min", "dense", "within 1 sd, by task"}
    models = found.models.set_index("model")
    assert models.loc["a", ["place", "best_place", "worst_place"]].tolist() == [1, 1, 4]
    assert models.loc["a", "moves_with"] == "tasks: regression"
    options = found.options.set_index("option")
    assert options.loc["tasks", "least_tau_variant"] == "regression"


def test_leaving_a_task_out_equals_ranking_without_it() -> None:
    noisy = pool(8)
    noisy["error"] += np.random.default_rng(0).normal(scale=0.3, size=len(noisy))
    found = sensitivity(noisy, Rules()).variants.set_index(["option", "variant"])
    for task in ("t0", "t5"):
        rest = noisy[noisy["task"] != task]
        both = [
            rows.pivot(index=["task", "fold"], columns="model", values="error")
            .rank(axis=1)
            .groupby("task")
            .mean()
            .mean()
            for rows in (noisy, rest)
        ]
        assert found.loc[("one task left out", task), "kendall_tau"] == pytest.approx(kendalltau(*both).statistic)


def test_other_metrics_and_regimes_are_alternatives() -> None:
    base, tuned = pool(), pool().assign(regime="tuned")
    flipped = base.assign(error=1 - base["error"])
    alternatives = alternatives_of(pd.concat([base, tuned]), "default", {"auc": flipped}, Rules())
    assert [(a.option, a.name) for a in alternatives] == [(Option.REGIME, "tuned"), (Option.METRIC, "auc")]
    found = sensitivity(base, Rules(), alternatives).variants.set_index(["option", "variant"])
    assert found.loc[("regime", "tuned"), "kendall_tau"] == 1
    assert found.loc[("metric", "auc"), "kendall_tau"] == -1


def test_an_alternative_without_an_entrant_compares_the_others() -> None:
    fewer = pool().query("model != 'a'")
    found = sensitivity(pool(), Rules(), [Alternative(Option.METRIC, "auc", fewer)]).variants
    assert found.query("variant == 'auc'")["n_models"].tolist() == [3]


def test_a_pool_that_ranks_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="no sensitivity"):
        sensitivity(pool().assign(error=np.nan), Rules())


@pytest.mark.parametrize("seed", range(5))
def test_tau_and_w_equal_scipys(seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 4, size=(5, 6)).astype(np.float64)
    taus = tau_matrix(values)
    for a, b in itertools.combinations(range(5), 2):
        assert taus[a, b] == pytest.approx(kendalltau(values[a], values[b]).statistic)
        assert kendall_tau(values[a], values[b]) == taus[a, b]
    # Friedman's chi-square with ties is m (n - 1) W.
    w = kendalls_w(rankdata(values, axis=1))
    assert w == pytest.approx(friedmanchisquare(*values.T).statistic / (5 * 5))
    untied = np.array([np.random.default_rng(seed + 9).permutation(6) for _ in range(4)]).astype(np.float64)
    pairs = [spearmanr(a, b).statistic for a, b in itertools.combinations(untied, 2)]
    assert mean_correlation(kendalls_w(untied), 4) == pytest.approx(np.mean(pairs), abs=1e-12)


def noise_and_signal(n_splits: int = 4) -> ErrorTable:
    """Task 0 is noise, 1 and 2 order models alike, 3 in another way."""
    rng = np.random.default_rng(1)
    skill = np.arange(8.0)
    other = np.array([3.0, 0, 5, 1, 7, 2, 4, 6])
    errors = np.concatenate([
        np.array([rng.permutation(8) for _ in range(n_splits)]).astype(np.float64),
        *[base + rng.normal(scale=0.01, size=(n_splits, 8)) for base in (skill, skill, other)],
    ])  # fmt: skip
    models = tuple("abcdefgh")
    return ErrorTable(models, ("noise", "one", "same", "other"), np.repeat(np.arange(4), n_splits), errors)


def test_tasks_are_told_apart_from_noise_and_repetition() -> None:
    table = noise_and_signal()
    found = task_values(table, split_ranks(table.errors)).set_index("task")
    assert found["verdict"].to_dict() == {
        "noise": "noise", "one": "redundant", "same": "redundant", "other": "separates"
    }  # fmt: skip
    assert found.loc["one", "nearest_task"] == "same"
    assert found.loc["one", "split_agreement"] == pytest.approx(1)
    single = task_values(noise_and_signal(1), split_ranks(noise_and_signal(1).errors))
    assert single["split_agreement"].isna().all()


def test_agreement_is_of_tasks_whatever_the_number_of_splits() -> None:
    of_task = np.array([[1.0, 2, 3], [1, 2, 3], [1, 2, 3]])
    assert task_agreement(of_task) == (1, 1)
    mixed = task_agreement(np.array([[1.0, 2, 3], [3, 2, 1]]))
    assert mixed == (0, -1)


def test_stability_grows_with_tasks_and_draws_are_disjoint() -> None:
    rng = np.random.default_rng(0)
    of_task = np.arange(10.0) + rng.normal(scale=6, size=(40, 10))
    found = stability_by_tasks(of_task, 0)
    assert found["n"].iloc[[0, -1]].tolist() == [1, 20]
    assert found["mean_tau"].iloc[-1] > found["mean_tau"].iloc[0] + 0.3
    pd.testing.assert_frame_equal(found, stability_by_tasks(of_task, 0))
    pure = stability_by_tasks(rng.normal(size=(20, 10)), 0)
    assert pure["mean_tau"].abs().max() < 0.15  # an overlap of the draws would show here
    assert needed(pure) is None
    assert needed(stability_by_tasks(np.tile(np.arange(5.0), (6, 1)))) == 1


def test_stability_by_splits_keeps_every_task() -> None:
    table = noise_and_signal(6)
    found = stability_by_splits(split_ranks(table.errors), table.task_of)
    assert found["n"].tolist() == [1, 2, 3]
    assert stability_by_splits(np.ones((3, 2)), np.arange(3)).empty


HARD_36 = [
    ("ada_agnostic", 0.12, 0.11, 0.00), ("airlines", 0.20, 0.18, 0.00), ("audiology", 0.43, 0.03, 0.00),
    ("balance-scale", 0.07, 0.05, 0.16), ("Bioresponse", 0.07, 0.07, 0.00), ("cnae-9", 0.11, 0.04, 0.10),
    ("credit-g", 0.26, 0.13, 0.12), ("elevators", 0.36, 0.08, 0.05),
]  # fmt: skip
"""Distances of the best simple model, the fourth best and the best booster: McElfresh et al. (2023), table 4."""


@pytest.mark.parametrize(("name", "base", "fourth", "boosted"), HARD_36)
def test_tasks_of_tabzillas_hard_suite_are_hard(name: str, base: float, fourth: float, boosted: float) -> None:
    assert Hardness(*(np.array([distance]) for distance in (base, fourth, boosted))).is_hard[0], name


def test_distances_to_the_best_are_scaled_by_the_worst_without_the_constant() -> None:
    errors = np.array([[1.0, 1.3, 1.2, 1.4, 2.0, 9.0]])
    families = ["network", "linear", "boosted_trees", "forest", "network", "baseline"]
    found = hardness(errors, families)
    assert [float(distance[0]) for distance in found] == pytest.approx([0.3, 0.4, 0.2])


def test_hard_tasks_are_chosen_on_one_half_and_reported_on_the_other() -> None:
    easy, hard = [0.0, 0.01, 0.0, 0.02, 1.0], [0.0, 0.5, 0.5, 0.5, 1.0]
    errors = np.array([hard, easy, easy, hard, easy])
    table = ErrorTable(tuple("abcde"), ("x", "y", "z"), np.array([0, 0, 1, 1, 2]), errors)
    found = hard_tasks(table, ["network", "linear", "boosted_trees", "network", "network"])
    assert found["task"].tolist() == ["x", "y"]  # z has one split
    assert found["is_hard"].tolist() == [True, False]
    assert found["still_hard"].tolist() == [False, True]
    assert report_half(table.task_of).tolist() == [False, True, False, True, False]


def test_what_the_reported_half_says_chooses_no_task() -> None:
    rng = np.random.default_rng(0)
    families = ["network", "linear", "boosted_trees", "forest", "network"]
    task_of = np.repeat(np.arange(30), 4)
    errors = rng.uniform(0.0, 0.06, (120, 5))
    errors[:, 4] = 1.0
    errors[rng.random(120) < 0.3, 1:4] += 0.1
    tasks = tuple(f"t{i}" for i in range(30))
    found = hard_tasks(ErrorTable(tuple("abcde"), tasks, task_of, errors), families)
    second = report_half(task_of)
    other = errors.copy()
    other[second] = rng.permuted(other[second], axis=0)
    again = hard_tasks(ErrorTable(tuple("abcde"), tasks, task_of, other), families)
    assert found["is_hard"].tolist() == again["is_hard"].tolist()
    assert found["still_hard"].tolist() != again["still_hard"].tolist()


def test_hardness_without_such_models_is_unknown() -> None:
    found = hardness(np.array([[0.1, 0.2]]), ["network", "baseline"])
    assert np.isnan(found.base).all()
    assert np.isnan(found.fourth).all()
    assert not found.is_hard.any()
