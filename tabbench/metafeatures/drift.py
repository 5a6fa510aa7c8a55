"""How test inputs differ from train inputs. They are read, their labels are not: no recommender may see these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.metafeatures.cheap_models import folds
from tabbench.metafeatures.group import OwnGroup
from tabbench.metafeatures.sample import TestInputs, is_number, number_matrix

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.metafeatures.sample import Sample
    from tabbench.task import Array, FloatArray

DEPTH = 5


def _test(sample: Sample) -> TestInputs:
    assert sample.test is not None, "this group is given test inputs"
    sample.need(len(sample.test.X) > 0, "no test rows")
    return sample.test


def _categories(sample: Sample) -> list[tuple[pd.Series, pd.Series]]:
    """Each categorical column without its gaps, in train and in test."""
    test = _test(sample).X
    places = [i for i in range(test.shape[1]) if not is_number(sample.X.iloc[:, i])]
    found = [(sample.X.iloc[:, i].dropna(), test.iloc[:, i].dropna()) for i in places]
    found = [(a, b) for a, b in found if len(a) and len(b)]
    sample.need(bool(found), "no categorical column with values in train and test")
    return found


def _numbers(sample: Sample) -> list[tuple[FloatArray, FloatArray]]:
    """Each numeric column without its gaps, in train and in test."""
    test = number_matrix(_test(sample).X)
    found = [(a[~np.isnan(a)], b[~np.isnan(b)]) for a, b in zip(sample.raw_numbers.T, test.T, strict=True)]
    found = [(a, b) for a, b in found if len(a) and len(b)]
    sample.need(bool(found), "no numeric column with values in train and test")
    return found


def number_shift(sample: Sample) -> FloatArray:
    """Distance between each numeric column in train and in test.

    Formula: Kolmogorov-Smirnov statistic of two samples. Source: Smirnov (1948). Range: 0..1. Cost: cells × log rows.
    Missing: no numeric column.
    """
    return np.array([kolmogorov_smirnov(a, b) for a, b in _numbers(sample)])


def kolmogorov_smirnov(a: FloatArray, b: FloatArray) -> float:
    """Largest distance between two empirical distribution functions."""
    a, b = np.sort(a), np.sort(b)
    both = np.concatenate([a, b])
    return float(np.abs(np.searchsorted(a, both, "right") / len(a) - np.searchsorted(b, both, "right") / len(b)).max())


def out_of_range(sample: Sample) -> FloatArray:
    """Share of test values outside the range of train, by numeric column.

    Formula: values below the least or above the largest of train, over values. Source: tabbench. Range: 0..1. Cost:
    cells. Missing: no numeric column.
    """
    return np.array([float(((b < a.min()) | (b > a.max())).mean()) for a, b in _numbers(sample)])


def level_shift(sample: Sample) -> FloatArray:
    """Distance between each categorical column in train and in test.

    Formula: total variation, half the sum of |p_train - p_test| over levels. Source: Levin and Peres (2017), section
    4.1. Range: 0..1. Cost: cells. Missing: no categorical column.
    """
    pairs = [(a.value_counts(normalize=True), b.value_counts(normalize=True)) for a, b in _categories(sample)]
    return np.array([float(a.sub(b, fill_value=0).abs().sum() / 2) for a, b in pairs])


def unseen_levels(sample: Sample) -> FloatArray:
    """Share of test cells whose level train has not, by categorical column.

    Formula: cells with an unseen level over cells. Source: tabbench. Range: 0..1. Cost: cells. Missing: no categorical
    column.
    """
    return np.array([float((~b.isin(a.unique())).mean()) for a, b in _categories(sample)])


def gap_shift(sample: Sample) -> FloatArray:
    """How much more or less of each column is missing in test.

    Formula: |missing share in test - in train|. Source: tabbench. Range: 0..1. Cost: cells. Missing: no column.
    """
    sample.need(sample.X.shape[1] > 0, "no column")
    test: Array = _test(sample).X.isna().to_numpy().mean(axis=0)
    return np.asarray(np.abs(test - sample.X.isna().to_numpy().mean(axis=0)), dtype=np.float64)


def told_apart(sample: Sample) -> float:
    """How well a tree tells rows of test from rows of train: 0.5 for not at all.

    Formula: ROC AUC over five folds of a tree of depth 5 on numbers and gaps, at most 10,000 rows of each part, the
    larger one cut to the size of the smaller. Source: classifier two-sample test, Lopez-Paz and Oquab (2017). Range:
    0..1. Cost: rows × columns. Missing: no numeric column, or too few rows.
    """
    train, test = sample.raw_numbers, number_matrix(_test(sample).X)
    sample.need(train.shape[1] > 0, "no numeric column")
    rng = sample.rng("told_apart")
    n = min(len(train), len(test), 10_000)
    X = np.vstack([part[np.sort(rng.permutation(len(part))[:n])] for part in (train, test)])
    y = np.repeat([0, 1], n)
    X = np.where(np.isnan(X), -1e30, X)  # a gap is as small as can be
    from sklearn.metrics import roc_auc_score
    from sklearn.tree import DecisionTreeClassifier

    fold = folds(y, rng)
    chance = np.empty(len(y))
    for number in range(fold.max() + 1):
        is_test = fold == number
        model = DecisionTreeClassifier(max_depth=DEPTH, random_state=sample.seed).fit(X[~is_test], y[~is_test])
        chance[is_test] = model.predict_proba(X[is_test])[:, 1]
    return float(roc_auc_score(y, chance))


def time_ahead(sample: Sample) -> float:
    """How far test lies after train in time, in units of train's span.

    Formula: (median time of test - median time of train) / (max - min of train). Source: tabbench. Range: any; 0 for a
    random split. Cost: rows. Missing: no time column, or all of train at one time.
    """
    time, ahead = sample.time, _test(sample).time
    if time is None or ahead is None:
        sample.need(False, "no time column")
        return float("nan")
    span = float(time.max() - time.min())
    sample.need(span > 0, "a training part at one moment of time")
    return float((np.median(ahead) - np.median(time)) / span)


def known_groups(sample: Sample) -> float:
    """Share of test rows whose group train has.

    Formula: rows with a seen group over rows. Source: tabbench. Range: 0..1. Cost: rows. Missing: no group column.
    """
    group, ahead = sample.group, _test(sample).group
    if group is None or ahead is None:
        sample.need(False, "no group column")
        return float("nan")
    return float(np.isin(ahead, group).mean())


DRIFT = OwnGroup(
    "drift",
    "How test inputs differ from train inputs; reads test inputs, never labels.",
    (
        number_shift, out_of_range, level_shift, unseen_levels, gap_shift, told_apart, time_ahead, known_groups,
    ),
    max_rows=100_000,
    reads_test=True,
    modules=("sklearn.tree", "sklearn.metrics"),
)  # fmt: skip
