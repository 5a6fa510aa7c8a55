"""Dose and response: planted effects are found, pairs are by task, and nothing is found where nothing is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tabbench.analysis.doses import doses_of, responses, trends


def planted(slope: float, n_tasks: int = 15, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tasks whose gaps differ far more than any dose moves them."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=n_tasks)
    gaps = {}
    for task in range(n_tasks):
        gaps[f"t{task:02}"] = own[task]
        for dose in (5, 10, 20):
            gaps[f"t{task:02}~noise_columns={dose}"] = own[task] + slope * dose + 0.02 * rng.normal()
    frame = pd.DataFrame({"gap": gaps})
    return frame, doses_of(list(frame.index), {})


def test_a_planted_slope_is_found_beneath_the_differences_of_tasks() -> None:
    gaps, doses = planted(0.01)
    found = responses(gaps, doses, {}).set_index("dose")
    assert found.loc["noise_columns=20", "low"] < 0.2 < found.loc["noise_columns=20", "high"]
    assert found.loc["noise_columns=5", "low"] > 0
    slope = trends(gaps, doses, {}).iloc[0]
    assert slope["low"] < 0.01 < slope["high"]
    line = stats.linregress(
        [0, 5, 10, 20], [gaps["gap"][f"t00{d}"] for d in ("", *(f"~noise_columns={n}" for n in (5, 10, 20)))]
    )
    alone = trends(gaps.iloc[:4], doses, {}).iloc[0]
    assert alone["slope"] == pytest.approx(line.slope)


@pytest.mark.slow
def test_without_an_effect_none_is_found() -> None:
    """Nominal 0.05 of 100 for one dose; found 0.08."""
    n_found = 0
    for seed in range(100):
        row = responses(*planted(0.0, n_tasks=10, seed=seed), {}).iloc[0]
        n_found += not row["low"] <= 0 <= row["high"]
    assert n_found <= 11


def test_tasks_without_their_pair_are_left_out_and_seeds_are_averaged() -> None:
    gaps = pd.DataFrame({"gap": {"a": 0.1, "a~rotate": 0.2, "a~rotate@1": 0.4, "b~rotate": 0.9}})
    found = responses(gaps, doses_of(list(gaps.index), {}), {}).iloc[0]
    assert (found["n_tasks"], found["dose"]) == (1, "rotate")
    assert found["moved"] == pytest.approx(0.2)


def test_each_modifier_of_a_name_is_a_dose_of_the_task_without_it() -> None:
    doses = doses_of(["bundled/x~rows=1000~rotate"], {"bundled/x~rotate": 5000}).set_index("change")
    assert doses.loc["rows", "base"] == "bundled/x~rotate"
    assert doses.loc["rotate", "base"] == "bundled/x~rows=1000"
    assert doses.loc["rows", "x"] == pytest.approx(3)
    assert doses.loc["rows", "x_without"] == pytest.approx(np.log10(5000))
    assert len(doses_of(["openml/d/5~time=day"], {})) == 0
