"""Targets that are numbers: their shape, and how the columns go with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.metafeatures.association import entropy, mutual_information
from tabbench.metafeatures.group import OwnGroup
from tabbench.metafeatures.irregularity import hill, moment, outliers
from tabbench.metafeatures.sample import equal_bins
from tabbench.task import REGRESSION

if TYPE_CHECKING:
    from tabbench.metafeatures.sample import Sample
    from tabbench.task import FloatArray


def _target(sample: Sample) -> FloatArray:
    sample.need(float(sample.y.min()) < float(sample.y.max()), "a constant target")
    return np.asarray(sample.y, dtype=np.float64)


def _varying(sample: Sample) -> list[tuple[FloatArray, FloatArray]]:
    """Each numeric column that varies with the target beside it, on rows that have the column."""
    y = _target(sample)
    found = []
    for column in sample.raw_numbers.T:
        is_here = ~np.isnan(column)
        x, target = column[is_here], y[is_here]
        if len(x) > 2 and x.min() < x.max() and target.min() < target.max():
            found.append((x, target))
    sample.need(bool(found), "no numeric column that varies")
    return found


def skew(sample: Sample) -> float:
    """Skewness of the target, with its sign.

    Formula: m3 / m2^1.5. Source: Fisher (1930). Range: any. Cost: rows. Missing: a constant target.
    """
    return moment(_target(sample), 3)


def excess_kurtosis(sample: Sample) -> float:
    """Kurtosis of the target, 0 for a normal one.

    Formula: m4 / m2² - 3. Source: Fisher (1930). Range: -2 and more. Cost: rows. Missing: a constant target.
    """
    return moment(_target(sample), 4) - 3


def tail_index(sample: Sample) -> float:
    """Hill's index of the largest twentieth of distances from the target's median.

    Formula: mean of log(d_i / d_k) over the k largest distances d. Source: Hill (1975), Ann. Stat. 3:1163-1174. Range:
    0 and more. Cost: rows × log rows. Missing: fewer than 200 rows, or most of them at the median.
    """
    index = hill(_target(sample))
    sample.need(bool(np.isfinite(index)), "no tail of at least ten rows in the target")
    return index


def outlier_share(sample: Sample) -> float:
    """Share of targets beyond Tukey's fences.

    Formula: rows outside q25 - 1.5 IQR .. q75 + 1.5 IQR, over rows. Source: Tukey (1977). Range: 0..0.5. Cost: rows ×
    log rows. Missing: a constant target.
    """
    return outliers(_target(sample))


def unique_share(sample: Sample) -> float:
    """Different targets over rows.

    Formula: k / n. Source: tabbench. Range: 0..1. Cost: rows × log rows. Missing: never.
    """
    return len(np.unique(sample.y)) / sample.n_rows


def top_share(sample: Sample) -> float:
    """Share of rows with the most frequent target: a spike, often at zero.

    Formula: max n_value / n. Source: tabbench. Range: 0..1. Cost: rows × log rows. Missing: never.
    """
    return float(np.unique(sample.y, return_counts=True)[1].max() / sample.n_rows)


def correlation(sample: Sample) -> FloatArray:
    """Linear correlation of each numeric column with the target.

    Formula: |Pearson|, on rows that have the column. Source: Pearson (1895). Range: 0..1. Cost: cells. Missing: no
    numeric column varies.
    """
    return np.array([abs(float(np.corrcoef(x, y)[0, 1])) for x, y in _varying(sample)])


def rank_correlation(sample: Sample) -> FloatArray:
    """Monotone correlation of each numeric column with the target.

    Formula: |Spearman|, ties share the middle rank. Source: Spearman (1904). Range: 0..1. Cost: cells × log rows.
    Missing: no numeric column varies.
    """
    from scipy.stats import rankdata

    return np.array([abs(float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])) for x, y in _varying(sample)])


def curvature(sample: Sample) -> FloatArray:
    """What bins of each numeric column tell of the target beyond a straight line.

    Formula: max(0, eta² of ten bins - Pearson²), on rows that have the column. Source: Kerlinger (1964), test of
    linearity. Range: 0..1. Cost: cells × log rows. Missing: no numeric column varies.
    """
    return np.array([max(0.0, _eta2(x, y) - float(np.corrcoef(x, y)[0, 1]) ** 2) for x, y in _varying(sample)])


def _eta2(x: FloatArray, y: FloatArray) -> float:
    codes = equal_bins(x)
    counts = np.bincount(codes)
    means = np.bincount(codes, weights=y) / counts
    return float((counts * (means - y.mean()) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def target_entropy(sample: Sample) -> float:
    """Entropy of the target in ten bins of equal frequency; less than log 10 where equal targets share a bin.

    Formula: H in nats. Source: class entropy of Michie et al. (1994), on bins. Range: 0..2.303. Cost: rows × log rows.
    Missing: never.
    """
    return abs(entropy(sample.target_levels))


def information(sample: Sample) -> FloatArray:
    """Mutual information of each column, numbers in ten bins, with the target in ten bins.

    Formula: I(x; y) in nats; a gap is a level of its own. Source: Michie et al. (1994), on bins. Range: 0 to the
    target's entropy. Cost: cells × log rows. Missing: no column.
    """
    sample.need(sample.X.shape[1] > 0, "no column")
    y = sample.target_levels
    return np.array([mutual_information(codes, y) for codes in _discrete(sample)])


def information_share(sample: Sample) -> FloatArray:
    """That information as a share of the target's entropy.

    Formula: I(x; y) / H(y). Source: uncertainty coefficient, Theil (1970). Range: 0..1. Cost: cells × log rows.
    Missing: no column, or one bin.
    """
    whole = entropy(sample.target_levels)
    sample.need(whole > 0, "a target that is one bin")
    return information(sample) / whole


def noise_ratio(sample: Sample) -> float:
    """What columns say that is not about the target, against what is.

    Formula: (mean H(x) - mean I(x; y)) / mean I(x; y), in bins. Source: noise-signal ratio of Michie et al. (1994).
    Range: 0 and more. Cost: cells × log rows. Missing: no column tells anything.
    """
    told = float(information(sample).mean())
    sample.need(told > 0, "no column that tells anything of the target")
    return float((np.mean([entropy(codes) for codes in _discrete(sample)]) - told) / told)


def _discrete(sample: Sample) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Every column as levels; gaps are one."""
    found = [column + 1 for column in sample.raw_codes.T]
    for column in sample.raw_numbers.T:
        codes = np.zeros(len(column), dtype=np.int64)
        is_here = ~np.isnan(column)
        if is_here.any():
            codes[is_here] = 1 + equal_bins(column[is_here])
        found.append(codes)
    return found


REGRESSION_TARGET = OwnGroup(
    "regression",
    "Targets that are numbers: their shape, and how the columns go with them.",
    (
        skew, excess_kurtosis, tail_index, outlier_share, unique_share, top_share, correlation, rank_correlation,
        curvature, target_entropy, information, information_share, noise_ratio,
    ),
    task_types=frozenset({REGRESSION}),
    max_rows=100_000,
)  # fmt: skip
