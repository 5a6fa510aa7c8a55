"""Scores of simple regressors, as landmarkers are for classes: R² of five folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.metafeatures.cheap_models import cross_validated, linear, tree
from tabbench.metafeatures.group import OwnGroup
from tabbench.task import REGRESSION

if TYPE_CHECKING:
    from tabbench.metafeatures.sample import Sample
    from tabbench.task import FloatArray

CHANCE = "regression_landmarks"


def linear_model(sample: Sample) -> FloatArray:
    """R² of a ridge regression on scaled numbers and codes of categories.

    Formula: 1 - squared error over that of the fold's mean, five folds; penalty 1. Source: linear discriminant of
    Pfahringer et al. (2000), for numbers. Range: up to 1. Cost: rows × columns². Missing: no column varies, too few
    rows.
    """
    return cross_validated(sample, sample.inputs, lambda: linear(sample), CHANCE)


def full_tree(sample: Sample) -> FloatArray:
    """R² of a fully grown regression tree.

    Formula: as `linear_model`. Source: Bensusan and Giraud-Carrier (2000), for numbers. Range: up to 1. Cost: columns ×
    rows × log rows. Missing: no column varies, too few rows.
    """
    return cross_validated(sample, sample.inputs, lambda: tree(sample), CHANCE)


def best_node(sample: Sample) -> FloatArray:
    """R² of the best single split.

    Formula: a tree of depth 1. Source: best node of Pfahringer et al. (2000), for numbers. Range: up to 1. Cost:
    columns × rows × log rows. Missing: no column varies, too few rows.
    """
    return cross_validated(sample, sample.inputs, lambda: tree(sample, max_depth=1), CHANCE)


def random_node(sample: Sample) -> FloatArray:
    """R² of the best split of one column drawn at random.

    Formula: a tree of depth 1 on one column. Source: random node of Pfahringer et al. (2000), for numbers. Range: up to
    1. Cost: rows × log rows. Missing: no column varies, too few rows.
    """
    sample.need(sample.inputs.shape[1] > 0, "no column that varies")
    column = int(sample.rng("random_node").integers(sample.inputs.shape[1]))
    return cross_validated(sample, sample.inputs[:, [column]], lambda: tree(sample, max_depth=1), CHANCE)


def nearest(sample: Sample) -> FloatArray:
    """R² of the nearest neighbour.

    Formula: 1-NN, Euclidean, on scaled numbers and codes. Source: one-NN of Pfahringer et al. (2000), for numbers.
    Range: up to 1. Cost: rows² × columns. Missing: no column varies, too few rows.
    """
    return cross_validated(sample, sample.inputs, lambda: _neighbours(1), CHANCE)


def ten_nearest(sample: Sample) -> FloatArray:
    """R² of the mean of ten nearest neighbours.

    Formula: as `nearest`, ten. Source: tabbench. Range: up to 1. Cost: rows² × columns. Missing: no column varies, too
    few rows.
    """
    return cross_validated(sample, sample.inputs, lambda: _neighbours(10), CHANCE)


def tree_over_linear(sample: Sample) -> float:
    """How much better a tree of 32 leaves does than a linear model.

    Formula: mean R² of the tree less that of `linear_model`. Source: tabbench. Range: any. Cost: rows × columns².
    Missing: no column varies, too few rows.
    """
    grown = cross_validated(sample, sample.inputs, lambda: tree(sample, max_leaf_nodes=32), CHANCE)
    return float(np.mean(grown) - np.mean(linear_model(sample)))


def _neighbours(n: int) -> Any:
    from sklearn.neighbors import KNeighborsRegressor

    return KNeighborsRegressor(n_neighbors=n)


REGRESSION_LANDMARKS = OwnGroup(
    "regression-landmarks",
    "Scores (R²) of simple regressors.",
    (linear_model, full_tree, best_node, random_node, nearest, ten_nearest, tree_over_linear),
    task_types=frozenset({REGRESSION}),
    max_rows=5_000,
    modules=("sklearn.tree", "sklearn.linear_model", "sklearn.neighbors"),
)
