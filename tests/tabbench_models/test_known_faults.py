"""Faults of earlier benchmarks that a model file could repeat: `tests/test_known_faults.py` lists them all."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
import optuna
import pytest

from tabbench.model import Categorical, Family, Missing, Numeric, Part, PreparedColumn, TaskFacts
from tabbench.task import BINARY

from .prepared import Table, table
from .test_every_model import NAMES, case, fitted, model_of

if TYPE_CHECKING:
    from tabbench.task import Array

WANT_SCALED = {Family.NEIGHBORS, Family.KERNEL, Family.NETWORK, Family.LINEAR}
STEPWISE = [name for name in NAMES if model_of(name).card.family in (Family.BOOSTED_TREES, Family.NETWORK)]
SUSPECT = ("learning_rate", "lr", "eta")


def of_family(*families: Family) -> list[str]:
    return [name for name in NAMES if model_of(name).card.family in families]


@pytest.mark.parametrize("name", of_family(*WANT_SCALED))
def test_models_that_measure_distances_are_given_scaled_numbers(name: str) -> None:
    assert model_of(name).card.reads.numeric is not Numeric.RAW


@pytest.mark.parametrize("name", of_family(Family.BOOSTED_TREES))
def test_boosters_are_given_categories_and_gaps_as_they_are(name: str) -> None:
    reads = model_of(name).card.reads
    assert (reads.categorical, reads.missing) == (Categorical.NATIVE, Missing.NATIVE)


def certain_table() -> Table:
    """Two classes that one number tells apart without a doubt."""
    import pandas as pd

    rng = np.random.default_rng(0)
    y: Array = np.tile([0, 1], 150).astype(np.int64)
    X = pd.DataFrame({"x0": np.where(y == 1, 1.0, -1.0) + 0.02 * rng.normal(size=300), "x1": rng.normal(size=300)})
    parts = [Part(X.iloc[rows].reset_index(drop=True), y[rows])
             for rows in (slice(0, 200), slice(200, 250), slice(250, 300))]  # fmt: skip
    columns = tuple(PreparedColumn(c, is_categorical=False) for c in X)
    return Table(parts[0], parts[1], parts[2], columns, 2)


@pytest.mark.parametrize("name", [case(name) for name in NAMES if BINARY in model_of(name).card.task_types])
def test_a_certain_class_gets_a_probability_that_softmax_twice_cannot_give(name: str) -> None:
    """Softmax of probabilities ends at e / (e + 1) = 0.731 for two classes."""
    model, rows = fitted(name, BINARY, certain_table(), max_steps=100)
    right = model.predict(rows.test.X)[np.arange(len(rows.test.y)), rows.test.y]
    assert np.median(right) > 0.8 > math.e / (math.e + 1)


def caps() -> dict[Family, set[int]]:
    """The step caps that models report."""
    found: dict[Family, set[int]] = {}
    for name in STEPWISE:
        kind = model_of(name)
        rows = table(BINARY, kind.card.reads)
        late = rows.context(BINARY, deadline=time.monotonic())  # the cap is told of the shortest fit too
        training = kind().fit(rows.train, rows.valid, dict(kind.default), late)
        assert training is not None
        found.setdefault(kind.card.family, set()).add(training.cap)
    return found


@pytest.mark.slow
def test_epochs_and_boosting_rounds_have_caps_of_their_own() -> None:
    found = caps()
    assert found[Family.BOOSTED_TREES] == {10_000}
    assert max(found[Family.NETWORK]) < 10_000


@pytest.mark.parametrize("name", NAMES)
def test_rates_of_learning_are_drawn_on_a_log_scale_from_a_sane_range(name: str) -> None:
    facts = TaskFacts(BINARY, 1000, 10, 2, 4, 2, True)
    for number in range(30):
        trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=number)).ask()
        model_of(name).space(trial, facts)
        for key, drawn in trial.distributions.items():
            if key in SUSPECT or key.endswith("learning_rate"):
                assert isinstance(drawn, optuna.distributions.FloatDistribution)
                assert drawn.log
                assert 1e-6 <= drawn.low < drawn.high <= 1
                assert drawn.high / drawn.low >= 5


@pytest.mark.parametrize("name", NAMES)
def test_what_defaults_were_tuned_on_is_said_by_its_name_or_was_nothing(name: str) -> None:
    tuned_on = model_of(name).card.defaults_tuned_on
    assert tuned_on is None or tuned_on.strip()
