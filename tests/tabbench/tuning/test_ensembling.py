import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabbench.errors import SettingsError, UnknownNameError
from tabbench.metrics import METRICS, clean_prediction, error_of_stored
from tabbench.task import BINARY, MULTICLASS, REGRESSION, TaskType
from tabbench.tuning.ensembling import N_STEPS, Ensemble, blend, select_greedily

CLASS_METRICS = [m.name for m in METRICS.values() if BINARY in m.task_types]
NUMBER_METRICS = ["rmse", "mae", "r2"]


def case(k: int, m: int, n: int, seed: int):
    """Labels and m predictions that err apart: some good, some bad."""
    rng = np.random.default_rng(seed)
    if k == 0:
        y = rng.normal(size=n)
        return y, [(y + rng.normal(size=n) * rng.uniform(0.5, 2)).astype(np.float32) for _ in range(m)], REGRESSION
    y = rng.integers(0, k, n)
    found = []
    for _ in range(m):
        logits = rng.normal(size=(n, k)) * 1.5
        logits[np.arange(n), y] += rng.uniform(0, 2)
        p = np.exp(logits)
        found.append(clean_prediction(p / p.sum(axis=1, keepdims=True), type_of(k), n, k))
    return y, found, type_of(k)


def type_of(k: int) -> TaskType:
    return {0: REGRESSION, 2: BINARY}.get(k, MULTICLASS)


def slow_selection(y, predictions, metric: str, task_type: TaskType, n_steps: int) -> tuple[list[int], float]:
    """Every step by trying every candidate on the mean of the bag, as the paper's prose has it."""
    error = error_of_stored(metric, task_type)
    bag: list[int] = []
    steps = []
    for _ in range(n_steps):
        errors = [error(y, np.mean([predictions[i].astype(float) for i in [*bag, j]], axis=0))
                  for j in range(len(predictions))]  # fmt: skip
        tied = [j for j, e in enumerate(errors) if math.isclose(e, min(errors), rel_tol=1e-11, abs_tol=1e-13)]
        bag.append(next((j for j in tied if j in bag), tied[0]))
        steps.append((errors[bag[-1]], list(bag)))
    least = min(e for e, _ in steps)
    as_good = [b for e, b in steps if math.isclose(e, least, rel_tol=1e-11, abs_tol=1e-13)]
    kept = min(as_good, key=lambda b: (len(set(b)), len(b)))
    return kept, least


@pytest.mark.parametrize(
    ("k", "metric"),
    [*((k, name) for k in (2, 3) for name in CLASS_METRICS), *((0, name) for name in NUMBER_METRICS)],
)
def test_each_step_adds_what_an_enumeration_of_all_candidates_adds(k: int, metric: str):
    for seed in range(3):
        y, predictions, task_type = case(k, m=5, n=30, seed=seed)
        found = select_greedily(y, predictions, metric, task_type, n_steps=8)
        bag, error = slow_selection(y, predictions, metric, task_type, 8)
        expected = {j: bag.count(j) / len(bag) for j in sorted(set(bag))}
        assert dict(zip(found.members, found.weights, strict=True)) == pytest.approx(expected)
        assert found.valid_error == pytest.approx(error, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0, 2, 3, 5]), st.integers(1, 8), st.data())
def test_an_ensemble_is_never_worse_on_valid_than_its_best_member(seed: int, k: int, m: int, data: st.DataObject):
    y, predictions, task_type = case(k, m, n=25, seed=seed)
    metric = data.draw(st.sampled_from(CLASS_METRICS if k else NUMBER_METRICS))
    error = error_of_stored(metric, task_type)
    found = select_greedily(y, predictions, metric, task_type)
    assert found.valid_error <= min(error(y, p.astype(float)) for p in predictions) + 1e-12
    mean = blend([predictions[i] for i in found.members], found.weights)
    assert error(y, mean) == pytest.approx(found.valid_error, abs=1e-7)
    assert sum(found.weights) == pytest.approx(1)
    assert found.n_steps <= N_STEPS


@pytest.mark.parametrize("metric", ["log_loss", "accuracy", "brier", "roc_auc"])
def test_a_clone_changes_nothing(metric: str):
    y, predictions, task_type = case(3, m=6, n=40, seed=1)
    alone = select_greedily(y, predictions, metric, task_type)
    assert select_greedily(y, [*predictions, *predictions], metric, task_type) == alone


def test_two_errors_that_cancel_are_averaged():
    y = np.array([1.0, 2.0, 3.0])
    found = select_greedily(y, [y + 1, y - 1, y + 5], "rmse", REGRESSION)
    assert found == Ensemble(members=(0, 1), weights=(0.5, 0.5), valid_error=0.0, n_steps=2)


def test_a_perfect_prediction_stays_alone_and_the_first_of_equals_is_taken():
    y = np.array([1.0, 2.0, 3.0])
    assert select_greedily(y, [y + 1, y, y], "mae", REGRESSION) == Ensemble((1,), (1.0,), 0.0, 1)


def test_where_a_metric_is_undefined_the_first_stands():
    y, predictions, task_type = case(2, m=3, n=10, seed=0)
    assert select_greedily(np.zeros_like(y), predictions, "roc_auc", task_type).members == (0,)


def test_a_last_bit_chooses_nothing():
    y = np.array([0.3, 0.6])
    nearly = y + 0.1 * (1 - 1e-15)
    assert select_greedily(y, [y + 0.1, nearly], "rmse", REGRESSION).members == (0,)


def test_few_weights_can_beat_any_single_model_on_rows_it_never_saw():
    """Eight unbiased models with independent noise: the mean of all is √8 times nearer; greedy must get most of it."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=4000)
    models = [y + rng.normal(size=4000) for _ in range(8)]
    found = select_greedily(y[:2000], [m[:2000] for m in models], "rmse", REGRESSION)
    unseen = blend([models[i][2000:] for i in found.members], found.weights)
    assert np.sqrt(np.mean((unseen - y[2000:]) ** 2)) == pytest.approx(1 / math.sqrt(8), rel=0.05)


def test_weights_found_are_near_the_best_of_all_weights_of_a_fine_grid():
    y, predictions, task_type = case(2, m=3, n=200, seed=4)
    error = error_of_stored("brier", task_type)
    grid = [w for w in itertools.product(range(41), repeat=3) if sum(w) == 40]
    best = min(error(y, blend(predictions, [w / 40 for w in weights])) for weights in grid)
    assert select_greedily(y, predictions, "brier", task_type).valid_error == pytest.approx(best, rel=1e-3)


def test_wrong_input_is_refused():
    y, predictions, task_type = case(2, m=2, n=10, seed=0)
    with pytest.raises(ValueError, match="at least one"):
        select_greedily(y, [], "log_loss", task_type)
    with pytest.raises(ValueError, match="at least one"):
        select_greedily(y, predictions, "log_loss", task_type, n_steps=0)
    with pytest.raises(ValueError, match="other rows"):
        select_greedily(y, [predictions[0], predictions[1][:5]], "log_loss", task_type)
    with pytest.raises(UnknownNameError, match="Did you mean log_loss"):
        select_greedily(y, predictions, "logloss", task_type)
    with pytest.raises(SettingsError, match="does not fit"):
        select_greedily(y, predictions, "rmse", task_type)
