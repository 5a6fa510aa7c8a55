"""Scores of cheap models under cross-validation: balanced accuracy for classes, R² for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.metafeatures.sample import UndefinedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.metafeatures.sample import Sample
    from tabbench.task import Array, FloatArray, IntArray

N_FOLDS = 5
LEAST_ROWS = 20


def folds(labels: IntArray, rng: np.random.Generator, n_folds: int = N_FOLDS) -> IntArray:
    """The fold of each row, 0..n_folds-1, the levels of `labels` spread evenly.

    Raises:
        UndefinedError: If there are too few rows.
    """
    if len(labels) < LEAST_ROWS:
        raise UndefinedError(f"the table has under {LEAST_ROWS} rows, too few to fit and score a model")
    order = np.lexsort((rng.random(len(labels)), labels))
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % n_folds
    return fold


def tree(sample: Sample, **settings: Any) -> Any:
    """A decision tree for the sample's type of task, grown fully unless told otherwise."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kind = DecisionTreeRegressor if sample.is_regression else DecisionTreeClassifier
    return kind(random_state=sample.seed, **settings)


def linear(sample: Sample) -> Any:
    """A linear model with a small L2 penalty: ridge, or ridge on ±1 labels, whose largest output is the class."""
    from sklearn.linear_model import Ridge, RidgeClassifier

    return Ridge(alpha=1.0) if sample.is_regression else RidgeClassifier(alpha=1.0)


def score(y: Array, predicted: Array, is_regression: bool) -> float:
    """R², or the mean of the classes' recalls. R² of a constant target is NaN.

    >>> score(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]), False)
    0.5
    """
    if is_regression:
        total = float(((y - y.mean()) ** 2).sum())
        return 1 - float(((y - predicted) ** 2).sum()) / total if total > 0 else float("nan")
    return float(np.mean([(predicted[y == label] == label).mean() for label in np.unique(y)]))


def cross_validated(sample: Sample, X: FloatArray, make: Callable[[], Any], word: str) -> FloatArray:
    """Scores of a model on each fold, by one deal of the rows for each word.

    Args:
        sample: Whose target is predicted.
        X: Shape (n_rows, n_columns).
        make: Gives a fresh model.
        word: Names the chance that deals the rows.

    Raises:
        UndefinedError: If there is nothing to fit, or the target has one value.
    """
    if not X.shape[1]:
        raise UndefinedError("the table has no column that varies")
    if len(np.unique(sample.y)) < 2:
        raise UndefinedError("the target has one value")
    fold = folds(sample.target_levels, sample.rng(word))
    scores = []
    for number in range(N_FOLDS):
        is_test = fold == number
        if len(np.unique(sample.y[~is_test])) < 2:
            raise UndefinedError("the rows to fit on have one class")
        model = make().fit(X[~is_test], sample.y[~is_test])
        scores.append(score(sample.y[is_test], model.predict(X[is_test]), sample.is_regression))
    return np.array(scores)
