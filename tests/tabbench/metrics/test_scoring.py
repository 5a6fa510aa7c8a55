import math
from dataclasses import asdict, fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from sklearn import metrics as sk

from tabbench.errors import SettingsError, UnknownNameError
from tabbench.metrics import METRICS, clean_prediction, error_function, error_of, metric_to_stop_on, score
from tabbench.results import Scores
from tabbench.task import BINARY, MULTICLASS, REGRESSION, Direction, TaskType

Case = tuple[NDArray[np.int64], NDArray[np.float32], TaskType]


def task_type_of(k: int) -> TaskType:
    return BINARY if k == 2 else MULTICLASS


@st.composite
def classified(draw: st.DrawFn) -> Case:
    """Labels and cleaned probabilities; coarse ones on purpose, so that scores tie within and across classes."""
    k = draw(st.integers(2, 4))
    n = draw(st.integers(1, 40))
    y = np.array(draw(st.lists(st.integers(0, k - 1), min_size=n, max_size=n)), dtype=np.int64)
    weights = st.integers(0, 4) if draw(st.booleans()) else st.floats(0.001, 1)
    cells = draw(st.lists(weights, min_size=n * k, max_size=n * k))
    p = np.array(cells, dtype=np.float64).reshape(n, k) + 1e-6
    return y, clean_prediction(p / p.sum(axis=1, keepdims=True), task_type_of(k), n, k), task_type_of(k)


def random_case(n: int, k: int, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k)) * 2
    logits[np.arange(n), y] += 1
    p = np.exp(logits)
    return y, clean_prediction(p / p.sum(axis=1, keepdims=True), task_type_of(k), n, k), task_type_of(k)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(classified())
def test_scores_of_classes_equal_scikit_learns(case: Case) -> None:
    y, cleaned, task_type = case
    p, k = cleaned.astype(np.float64), cleaned.shape[1]
    predicted = p.argmax(axis=1)
    present = np.unique(y)
    scores = score(y, cleaned, task_type)
    assert scores.log_loss == pytest.approx(-np.log(p[np.arange(len(y)), y]).mean())
    assert scores.accuracy == pytest.approx(sk.accuracy_score(y, predicted))
    recalls = sk.recall_score(y, predicted, labels=present, average=None, zero_division=0)
    assert scores.balanced_accuracy == pytest.approx(recalls.mean())
    assert scores.f1_macro == pytest.approx(sk.f1_score(y, predicted, average="macro", zero_division=0))
    assert scores.brier == pytest.approx(((p - np.eye(k)[y]) ** 2).sum(axis=1).mean())
    if len(present) < 2:
        assert (scores.roc_auc, scores.roc_auc_weighted, scores.average_precision) == (None, None, None)
        return
    judged = [1] if k == 2 else present
    areas = [sk.roc_auc_score(y == c, p[:, c]) for c in judged]
    precisions = [sk.average_precision_score(y == c, p[:, c]) for c in judged]
    shares = [1] if k == 2 else [(y == c).mean() for c in judged]
    assert scores.roc_auc == pytest.approx(np.mean(areas))
    assert scores.roc_auc_weighted == pytest.approx(np.average(areas, weights=shares))
    assert scores.average_precision == pytest.approx(np.mean(precisions))


@pytest.mark.parametrize("k", [2, 3, 7])
def test_whole_functions_of_scikit_learn_agree(k: int) -> None:
    y, cleaned, task_type = random_case(300, k, seed=k)
    p = cleaned.astype(np.float64)
    p /= p.sum(axis=1, keepdims=True)
    scores = score(y, cleaned, task_type)
    assert scores.log_loss == pytest.approx(sk.log_loss(y, p), rel=1e-6)
    assert scores.balanced_accuracy == pytest.approx(sk.balanced_accuracy_score(y, p.argmax(axis=1)))
    judged = p[:, 1] if k == 2 else p
    assert scores.roc_auc == pytest.approx(sk.roc_auc_score(y, judged, multi_class="ovr"))
    weighted = sk.roc_auc_score(y, judged, multi_class="ovr", average="weighted")
    assert scores.roc_auc_weighted == pytest.approx(weighted)
    assert scores.average_precision == pytest.approx(sk.average_precision_score(y, judged))
    if k == 2:
        assert scores.brier == pytest.approx(2 * sk.brier_score_loss(y, p[:, 1]))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(classified())
def test_refinement_is_the_minimum_that_scipy_finds_over_temperatures(case: Case) -> None:
    y, cleaned, task_type = case
    log_p = np.log(cleaned.astype(np.float64))

    def loss(b: float) -> float:
        return float((logsumexp(b * log_p, axis=1) - b * log_p[np.arange(len(y)), y]).mean())

    found = min(minimize_scalar(lambda t: loss(math.exp(t)), bounds=(t, t + 4)).fun for t in range(-8, 16, 4))
    scores = score(y, cleaned, task_type)
    assert scores.log_loss is not None
    assert scores.log_loss_refinement is not None
    assert scores.log_loss_calibration is not None
    assert scores.log_loss_refinement <= found + 1e-7
    assert scores.log_loss_refinement >= min(found, loss(0.0), loss(math.exp(16))) - 1e-5
    assert scores.log_loss_calibration >= 0
    assert scores.log_loss_calibration + scores.log_loss_refinement == pytest.approx(scores.log_loss)


def test_a_temperature_that_was_put_in_is_taken_out() -> None:
    y, cleaned, _ = random_case(500, 3, seed=0)
    sharp = cleaned.astype(np.float64) ** 3
    sharp = clean_prediction(sharp / sharp.sum(axis=1, keepdims=True), MULTICLASS, 500, 3)
    before, after = score(y, cleaned, MULTICLASS), score(y, sharp, MULTICLASS)
    assert after.log_loss_refinement == pytest.approx(before.log_loss_refinement, abs=1e-2)  # the floor cuts a little
    assert after.log_loss is not None
    assert before.log_loss is not None
    assert after.log_loss > before.log_loss + 0.3


def test_a_perfect_order_leaves_no_refinement_loss_and_a_wrong_one_log_k() -> None:
    y = np.array([0, 1, 1])
    right = clean_prediction([[0.6, 0.4], [0.3, 0.7], [0.2, 0.8]], BINARY, 3, 2)
    assert score(y, right, BINARY).log_loss_refinement == pytest.approx(0)
    assert score(1 - y, right, BINARY).log_loss_refinement == pytest.approx(math.log(2))


@given(classified(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_score(case: Case, random: object) -> None:
    y, cleaned, task_type = case
    order = np.arange(len(y))
    random.shuffle(order)  # type: ignore[attr-defined]  # Hypothesis types it as a bare object
    before, after = asdict(score(y, cleaned, task_type)), asdict(score(y[order], cleaned[order], task_type))
    for name, value in before.items():
        assert after[name] == (None if value is None else pytest.approx(value, abs=1e-9)), name


def test_calibration_error_equals_a_loop_over_fifteen_bins() -> None:
    y, cleaned, _ = random_case(300, 3, seed=1)
    p = cleaned.astype(np.float64)
    order = p.max(axis=1).argsort()
    expected = 0.0
    for rows in np.array_split(order, 15):  # 300 rows without ties: 20 a bin
        gap = (p[rows].argmax(axis=1) == y[rows]).mean() - p[rows].max(axis=1).mean()
        expected += len(rows) / 300 * abs(gap)
    assert score(y, cleaned, MULTICLASS).calibration_error == pytest.approx(expected)


def test_rows_of_equal_confidence_share_a_bin() -> None:
    y = np.array([0, 1] * 30)
    constant = clean_prediction(np.full((60, 2), 0.5), BINARY, 60, 2)
    assert score(y, constant, BINARY).calibration_error == pytest.approx(0)


def test_f1_is_not_accuracy() -> None:
    y = np.array([0] * 9 + [1])
    scores = score(y, clean_prediction(np.tile([0.9, 0.1], (10, 1)), BINARY, 10, 2), BINARY)
    assert scores.accuracy == 0.9
    assert scores.balanced_accuracy == 0.5
    assert scores.f1_macro == pytest.approx((2 * 9 / 19 + 0) / 2)


def test_a_constant_prediction_orders_nothing() -> None:
    y = np.array([0, 0, 0, 1])
    scores = score(y, clean_prediction(np.tile([0.75, 0.25], (4, 1)), BINARY, 4, 2), BINARY)
    assert scores.roc_auc == 0.5
    assert scores.average_precision == 0.25


def test_an_absent_class_is_left_out_of_the_mean() -> None:
    y, cleaned, _ = random_case(200, 3, seed=2)
    kept = y != 1
    scores = score(y[kept], cleaned[kept], MULTICLASS)
    areas = [sk.roc_auc_score(y[kept] == c, cleaned[kept][:, c]) for c in (0, 2)]
    assert scores.roc_auc == pytest.approx(np.mean(areas))


def test_a_certain_mistake_costs_what_the_floor_says() -> None:
    scores = score(np.array([1]), clean_prediction([[1.0, 0.0]], BINARY, 1, 2), BINARY)
    assert scores.log_loss == pytest.approx(-math.log(1e-7), rel=1e-6)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6, width=32), st.floats(-1e6, 1e6, width=32)), min_size=2, max_size=30))
def test_scores_of_numbers_equal_scikit_learns(pairs: list[tuple[float, float]]) -> None:
    y, f = np.array(pairs).T
    scores = score(y, clean_prediction(f, REGRESSION, len(y), 0), REGRESSION)
    assert scores.rmse == pytest.approx(sk.root_mean_squared_error(y, f))
    assert scores.mae == pytest.approx(sk.mean_absolute_error(y, f))
    if (y == y[0]).all():
        assert scores.r2 is None
    elif np.ptp(y) > 1e-3:
        assert scores.r2 == pytest.approx(sk.r2_score(y, f))


@pytest.mark.parametrize("task_type", list(TaskType))
def test_a_part_without_rows_has_no_scores(task_type: TaskType) -> None:
    shape = (0,) if task_type is REGRESSION else (0, 2)
    nothing = score(np.array([], dtype=np.int64), np.empty(shape, dtype=np.float32), task_type)
    assert set(asdict(nothing).values()) == {None}


def test_the_catalogue_names_every_stored_score_and_its_error_is_zero_at_best() -> None:
    assert list(METRICS) == [f.name for f in fields(Scores)]
    for metric in METRICS.values():
        worse = metric.optimum + (1 if metric.direction is Direction.LOWER else -1)
        assert metric.error(metric.optimum) == 0 < metric.error(worse)


@pytest.mark.parametrize("k", [2, 4])
def test_an_error_function_agrees_with_the_stored_scores(k: int) -> None:
    y, cleaned, task_type = random_case(100, k, seed=3)
    scores = score(y, cleaned, task_type)
    names = [m.name for m in METRICS.values() if task_type in m.task_types]
    assert len(names) == 11
    for name in names:
        assert error_function(name, task_type, k)(y, cleaned.astype(np.float64)) == pytest.approx(
            error_of(scores, name), abs=1e-6
        )


def test_an_error_function_agrees_on_numbers() -> None:
    y, f = np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.5, 3.0])
    scores = score(y, clean_prediction(f, REGRESSION, 3, 0), REGRESSION)
    for name in ("rmse", "mae", "r2"):
        assert error_function(name, REGRESSION, 0)(y, f) == pytest.approx(error_of(scores, name))


def test_training_that_diverged_has_an_infinite_error() -> None:
    assert error_function("rmse", REGRESSION, 0)(np.zeros(2), np.array([0.0, np.nan])) == math.inf


def test_an_undefined_metric_is_constant_while_training() -> None:
    error = error_function("roc_auc", BINARY, 2)
    y = np.zeros(2, dtype=np.int64)
    assert error(y, np.array([[0.9, 0.1], [0.8, 0.2]])) == error(y, np.array([[0.1, 0.9], [0.7, 0.3]])) == 1.0


@pytest.mark.parametrize(
    ("metric", "kind", "y", "n_classes", "stops_on"),
    [
        ("roc_auc", BINARY, [0, 1], 2, "roc_auc"),
        ("roc_auc", BINARY, [1, 1], 2, "log_loss"),
        ("average_precision", MULTICLASS, [2], 3, "log_loss"),
        ("accuracy", BINARY, [1, 1], 2, "accuracy"),
        ("r2", REGRESSION, [3.0, 3.0], 0, "rmse"),
        ("mae", REGRESSION, [3.0], 0, "mae"),
    ],
)
def test_training_stops_on_a_metric_that_its_rows_define(metric, kind, y, n_classes, stops_on) -> None:
    assert metric_to_stop_on(metric, kind, np.array(y), n_classes) == stops_on


def test_a_metric_that_does_not_exist_or_fit_is_refused_with_those_that_do() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean log_loss"):
        error_function("logloss", BINARY, 2)
    with pytest.raises(UnknownNameError, match="Did you mean rmse"):
        error_of(score(np.array([1.0]), np.ones(1, dtype=np.float32), REGRESSION), "rmsee")
    with pytest.raises(SettingsError, match=r"'rmse' does not fit a binary task.*log_loss, "):
        error_function("rmse", BINARY, 2)
    with pytest.raises(SettingsError, match="quantiles"):
        error_function("crps", REGRESSION, 0)


def test_a_prediction_of_the_wrong_shape_is_no_silent_broadcast() -> None:
    with pytest.raises(ValueError, match=r"\(3, 1\), expected \(3,\)"):
        error_function("rmse", REGRESSION, 0)(np.zeros(3), np.zeros((3, 1)))
