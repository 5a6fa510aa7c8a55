"""Metafeatures that go with an outcome are found, and those that do not are not taken for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from tabbench.analysis.association import associations, beside_the_paper, normalised_errors, published_gap
from tabbench.ranking.table import ErrorTable

ROWS = "general.nr_inst"


def made(
    n_tasks: int = 60, n_features: int = 8, effect: float = 0.0, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features without meaning, but for rows, one that copies rows with noise, and one that acts on its own."""
    rng = np.random.default_rng(seed)
    names = [f"t{i:03}" for i in range(n_tasks)]
    rows = rng.normal(size=n_tasks)
    table = pd.DataFrame(rng.normal(size=(n_tasks, n_features)), index=names).add_prefix("f")
    table[ROWS], table["copy"], table["own"] = (
        np.exp(rows),
        rows + 0.3 * rng.normal(size=n_tasks),
        rng.normal(size=n_tasks),
    )
    gap = effect * (rows + table["own"].to_numpy()) + rng.normal(size=n_tasks)
    return table, pd.DataFrame({"gap": gap}, index=names)


def test_a_planted_effect_is_found_and_a_copy_of_rows_is_explained_by_rows() -> None:
    found = associations(*made(effect=1.5), {}).set_index("feature")
    assert set(found.index[:3]) == {ROWS, "copy", "own"}
    assert (found.loc[[ROWS, "copy", "own"], "q"] < 0.05).all()
    assert found.loc["own", "given_rows_q"] < 0.05
    assert found.loc["copy", "given_rows_q"] > 0.05
    assert np.isnan(found.loc[ROWS, "given_rows"])


def test_q_values_are_benjamini_hochbergs() -> None:
    found = associations(*made(effect=0.5), {})
    np.testing.assert_allclose(found["q"], multipletests(found["p"], method="fdr_bh")[1])


@pytest.mark.slow
def test_where_nothing_is_planted_a_discovery_is_as_rare_as_said() -> None:
    """All null: any discovery is false, so the rate is at most 0.05; found 0.05 of 60."""
    n_false = sum(bool((associations(*made(n_features=9, seed=seed), {})["q"] < 0.05).any()) for seed in range(60))
    assert n_false <= 8


def test_related_tasks_are_one_unit() -> None:
    features, outcomes = made()
    families = {task: f"family{i // 2}" for i, task in enumerate(features.index)}
    assert set(associations(features, outcomes, families)["n"]) == {30}
    twins = pd.concat([features, features.rename(lambda name: f"{name}-twin")])
    again = associations(
        twins, pd.concat([outcomes, outcomes.rename(lambda name: f"{name}-twin")]),
        {name: name.removesuffix("-twin") for name in twins.index},
    )  # fmt: skip
    pd.testing.assert_frame_equal(again, associations(features, outcomes, {}))


def test_tasks_known_to_one_table_and_constant_or_rare_features_are_left_out() -> None:
    features, outcomes = made(n_tasks=20)
    features["same"], features["rare"] = 1.0, np.where(np.arange(20) < 9, np.arange(20), np.nan)
    found = associations(features, outcomes.iloc[:15], {})
    assert not {"same", "rare"} & set(found["feature"])
    assert found["n"].max() == 15
    assert len(associations(features, outcomes.iloc[:5], {})) == 0


def test_the_papers_correlations_are_pearsons_of_logs() -> None:
    features, outcomes = made(effect=1.0)
    found = beside_the_paper(features, outcomes["gap"], outcomes["gap"], {}).set_index("feature")
    expected = np.corrcoef(np.log(features[ROWS]), outcomes["gap"])[0, 1]
    assert found.loc[ROWS, "same_way"] == pytest.approx(expected)
    assert found.loc[ROWS, "published"] == 0.63
    assert list(found.index) == [ROWS]


def test_errors_are_scaled_between_the_best_and_the_worst_of_a_task() -> None:
    errors = np.array([[0.1, 0.2, 0.3], [0.2, 0.2, 0.6], [0.5, 0.1, 0.1]])
    table = ErrorTable(("a", "b", "c"), ("s", "t"), np.array([0, 0, 1]), errors)
    assert normalised_errors(table).loc["s"].tolist() == pytest.approx([0.0, 0.25, 1.0])
    gap = published_gap(table, ["a", "b"], ["c"])
    assert gap.to_dict() == pytest.approx({"s": -1.0, "t": 0.0})
