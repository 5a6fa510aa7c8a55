"""How fast two cheap models learn: their error at an eighth, a quarter, half and all of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.metafeatures.cheap_models import folds, linear, score, tree
from tabbench.metafeatures.group import OwnGroup
from tabbench.metafeatures.sample import UndefinedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.metafeatures.sample import Sample
    from tabbench.task import FloatArray

SHARES = (0.125, 0.25, 0.5, 1.0)
N_DRAWS = 3
"""Orders of the rows that errors are averaged over."""
LEAST_ROWS = 100
LEAST_ERROR = 1e-4


def _errors(sample: Sample, make: Callable[[], Any], word: str) -> FloatArray:
    return sample.once(f"learning {word}", lambda: _fit_all(sample, make, word))


def _fit_all(sample: Sample, make: Callable[[], Any], word: str) -> FloatArray:
    """Mean error at each share of the rows that are fitted on; 1 - R² or 1 - balanced accuracy."""
    sample.need(sample.inputs.shape[1] > 0, "no column that varies")
    sample.need(sample.n_rows >= LEAST_ROWS, f"under {LEAST_ROWS} rows, too few for a learning curve")
    rng = sample.rng(word)
    errors = np.empty((N_DRAWS, len(SHARES)))
    for draw in range(N_DRAWS):
        fold = folds(sample.target_levels, rng, 4)
        is_test = fold == 0
        order = np.flatnonzero(~is_test)
        order = order[rng.permutation(len(order))]
        for place, share in enumerate(SHARES):
            rows = order[: int(share * len(order))]
            if len(np.unique(sample.y[rows])) < 2:
                raise UndefinedError("one class in an eighth of its rows")
            model = make().fit(sample.inputs[rows], sample.y[rows])
            predicted = model.predict(sample.inputs[is_test])
            errors[draw, place] = 1 - score(sample.y[is_test], predicted, sample.is_regression)
    mean: FloatArray = errors.mean(axis=0)
    return np.maximum(mean, LEAST_ERROR)


def _slope(errors: FloatArray) -> float:
    return float(np.polyfit(np.log(SHARES), np.log(errors), 1)[0])


def tree_slope(sample: Sample) -> float:
    """Learning slope of a tree of at least five rows a leaf.

    Formula: least-squares slope of log error against log rows, at 1/8, 1/4, 1/2 and all of three quarters of the
    sample; error is 1 - balanced accuracy or 1 - R², at least 0.0001, on the other quarter, mean of three draws.
    Source: power law of Cortes et al. (1994). Range: any; negative where more rows help. Cost: columns × rows × log
    rows. Missing: no column varies, under 100 rows, one class in the smallest part.
    """
    return _slope(_errors(sample, lambda: tree(sample, min_samples_leaf=5), "tree"))


def linear_slope(sample: Sample) -> float:
    """Learning slope of a ridge model.

    Formula: as `tree_slope`. Source: as `tree_slope`. Range: any. Cost: rows × columns². Missing: as `tree_slope`.
    """
    return _slope(_errors(sample, lambda: linear(sample), "linear"))


def tree_last_gain(sample: Sample) -> float:
    """What the tree's error lost by the last doubling of rows.

    Formula: 1 - error(all) / error(half). Source: tabbench. Range: up to 1. Cost: as `tree_slope`. Missing: as
    `tree_slope`.
    """
    errors = _errors(sample, lambda: tree(sample, min_samples_leaf=5), "tree")
    return float(1 - errors[-1] / errors[-2])


def linear_last_gain(sample: Sample) -> float:
    """What the ridge model's error lost by the last doubling of rows.

    Formula: 1 - error(all) / error(half). Source: tabbench. Range: up to 1. Cost: as `linear_slope`. Missing: as
    `tree_slope`.
    """
    errors = _errors(sample, lambda: linear(sample), "linear")
    return float(1 - errors[-1] / errors[-2])


LEARNING_SLOPE = OwnGroup(
    "learning-slope",
    "How fast two cheap models learn.",
    (tree_slope, linear_slope, tree_last_gain, linear_last_gain),
    max_rows=10_000,
    modules=("sklearn.tree", "sklearn.linear_model"),
)
