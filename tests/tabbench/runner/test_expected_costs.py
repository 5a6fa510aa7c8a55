"""What a fit is expected to cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tabbench.data.catalog import describe_task
from tabbench.discovery import load_model, resolve_models
from tabbench.model import Family
from tabbench.runner.expected_costs import MEMORY_MARGIN, ExpectedCosts
from tabbench.store.past_costs import PastCost

LIGHTGBM = load_model(resolve_models(["lightgbm"])[0]).card
AMES = describe_task("bundled/ames")


def power_law(n: int, rng: np.random.Generator) -> list[PastCost]:
    """0.002 s × rows^0.9 × columns^0.5 × classes^1.1, with 5 % of noise."""
    found = []
    for i in range(n):
        rows, columns, classes = (int(v) for v in np.exp(rng.uniform([5, 1, 0], [11, 5, 3])))
        seconds = 0.002 * rows**0.9 * columns**0.5 * max(classes, 1) ** 1.1 * np.exp(0.05 * rng.standard_normal())
        found.append(PastCost("lightgbm", f"{i}", rows, columns, classes, 3, float(seconds), 200.0))
    return found


def of_ames(past: list[PastCost]) -> float:
    return ExpectedCosts(past).of(LIGHTGBM, AMES, AMES.task_hash).seconds


TRUE_AMES = 0.002 * AMES.dataset.n_rows**0.9 * len(AMES.features) ** 0.5


def test_power_law_is_found_from_thirty_tables():
    assert of_ames(power_law(30, np.random.default_rng(0))) == pytest.approx(TRUE_AMES, rel=0.1)


def test_rows_that_are_off_a_hundredfold_hardly_count():
    past = power_law(30, np.random.default_rng(1))
    past[:3] = [row._replace(seconds=row.seconds * 100) for row in past[:3]]
    assert of_ames(past) == pytest.approx(TRUE_AMES, rel=0.35)


def test_one_row_sets_the_scale_and_the_card_the_exponents():
    one = PastCost("lightgbm", "x", AMES.dataset.n_rows, len(AMES.features), 0, 1, 77.0, None)
    assert of_ames([one]) == pytest.approx(77, rel=0.1)
    tenfold = ExpectedCosts([one._replace(n_rows=one.n_rows * 10)]).of(LIGHTGBM, AMES, AMES.task_hash).seconds
    assert 77 / 10 < tenfold < 77 / 3


def test_the_same_table_costs_what_it_cost():
    past = [*power_law(5, np.random.default_rng(0)), PastCost("lightgbm", AMES.task_hash, 1, 1, 0, 9, 3.25, 512.0)]
    cost = ExpectedCosts(past).of(LIGHTGBM, AMES, AMES.task_hash)
    assert cost.seconds == 3.25
    assert cost.memory_mib == 512 * MEMORY_MARGIN
    assert not cost.is_guessed


def test_without_rows_the_card_is_guessed_from_and_this_is_said():
    others = [row._replace(model="knn") for row in power_law(5, np.random.default_rng(0))]
    cost = ExpectedCosts(others).of(LIGHTGBM, AMES, AMES.task_hash)
    assert cost.is_guessed
    assert cost == ExpectedCosts().of(LIGHTGBM, AMES, AMES.task_hash)
    network = ExpectedCosts().of(replace(LIGHTGBM, family=Family.NETWORK), AMES, AMES.task_hash)
    assert network.seconds > cost.seconds > 0
    assert network.memory_mib > 0
