import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabbench.errors import PluginError
from tabbench.metrics import clean_prediction
from tabbench.task import BINARY, MULTICLASS, REGRESSION

GOOD = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])


def test_probabilities_become_float32_rows_that_sum_to_one_and_hold_no_zero() -> None:
    cleaned = clean_prediction(GOOD, MULTICLASS, 2, 3)
    assert cleaned.dtype == np.float32
    assert cleaned.sum(axis=1) == pytest.approx([1, 1], abs=1e-6)
    assert cleaned[1] == pytest.approx([1 - 2e-7, 1e-7, 1e-7], rel=1e-6)
    assert cleaned[0] == pytest.approx([0.2, 0.3, 0.5], rel=1e-6)


def test_what_the_model_returned_is_left_alone() -> None:
    given_array = GOOD.copy()
    clean_prediction(given_array, MULTICLASS, 2, 3)
    assert (given_array == GOOD).all()


def test_numbers_become_float32_without_other_change() -> None:
    cleaned = clean_prediction([1.5, -2.0], REGRESSION, 2, 0)
    assert cleaned.dtype == np.float32
    assert cleaned.tolist() == [1.5, -2.0]


@pytest.mark.parametrize(
    ("prediction", "message"),
    [
        (np.zeros((2, 1)), r"shape \(2, 1\), expected \(2,\): one number a row.*ravel"),
        (np.zeros(3), r"shape \(3,\), expected \(2,\)"),
        (np.array([1.0, np.nan]), r"1 of 2 values that are NaN.*nan at position \[1\]"),
        (np.array([np.inf, 0.0]), r"inf at position \[0\]"),
        (np.array([1e300, 0.0]), "beyond float32"),
        (["a", "b"], "not an array of numbers"),
        (None, r"values that are NaN|expected \(2,\)"),
    ],
)
def test_a_bad_regression_output_is_refused_with_what_to_do(prediction: object, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        clean_prediction(prediction, REGRESSION, 2, 0)


@pytest.mark.parametrize(
    ("prediction", "message"),
    [
        (np.array([0, 1]), r"expected \(2, 3\).*predict_proba.*column_stack"),
        (GOOD[:, :2], r"expected \(2, 3\).*fill it with 0"),
        (np.array([[2.0, -1.0, 0.0], [1, 0, 0]]), r"negative probability \(-1\).*softmax"),
        (np.array([[0.2, 0.3, 0.5], [0.5, 0.5, 0.5]]), r"sum to 1\.5 in row 1"),
        (np.array([[0.2, 0.3, 0.5], [np.nan, 0.5, 0.5]]), r"position \[1, 0\]"),
    ],
)
def test_bad_probabilities_are_refused_with_what_to_do(prediction: object, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        clean_prediction(prediction, MULTICLASS, 2, 3)


def test_rounding_is_no_reason_to_refuse() -> None:
    clean_prediction(np.array([[1.0 + 1e-9, -1e-9]]), BINARY, 1, 2)
    clean_prediction(np.array([[0.4996, 0.4996]]), BINARY, 1, 2)


def test_a_part_without_rows_is_clean() -> None:
    assert clean_prediction(np.empty((0, 3)), MULTICLASS, 0, 3).shape == (0, 3)


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda r: sum(r) > 0.1), min_size=1))
def test_cleaning_keeps_order_floor_and_sum(rows: list[list[float]]) -> None:
    p = np.array(rows)
    p /= p.sum(axis=1, keepdims=True)
    cleaned = clean_prediction(p, MULTICLASS, len(p), 3).astype(np.float64)
    assert np.abs(cleaned.sum(axis=1) - 1).max() < 3e-7
    assert cleaned.min() > 0.99e-7
    assert np.abs(cleaned - p).max() < 1e-6
