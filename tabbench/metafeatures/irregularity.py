"""Irregular columns: skewed, heavy-tailed, nearly constant, full of outliers. Gaps are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.metafeatures.group import OwnGroup

if TYPE_CHECKING:
    from tabbench.metafeatures.sample import Sample
    from tabbench.task import FloatArray

NORMAL_TAIL = 3.4490
"""(q99 - q1) / (q75 - q25) of a normal distribution."""
NEARLY = 0.99
TAIL = 0.05
"""Share of rows that the tail index looks at."""


def _columns(sample: Sample) -> list[FloatArray]:
    """Observed values of each numeric column that varies."""
    found = [column[~np.isnan(column)] for column in sample.raw_numbers.T]
    found = [column for column in found if len(column) > 3 and column.min() < column.max()]
    sample.need(bool(found), "no numeric column that varies")
    return found


def moment(column: FloatArray, power: int) -> float:
    """A standardised central moment."""
    scaled = (column - column.mean()) / max(float(column.std()), 1e-300)
    return float((scaled**power).mean())


def skew(sample: Sample) -> FloatArray:
    """Skewness of each numeric column, without its sign.

    Formula: |m3| / m2^1.5. Source: Fisher (1930). Range: 0 and more. Cost: cells. Missing: no numeric column varies.
    """
    return np.array([abs(moment(column, 3)) for column in _columns(sample)])


def excess_kurtosis(sample: Sample) -> FloatArray:
    """Kurtosis of each numeric column, 0 for a normal one.

    Formula: m4 / m2² - 3. Source: Fisher (1930). Range: -2 and more. Cost: cells. Missing: no numeric column varies.
    """
    return np.array([moment(column, 4) - 3 for column in _columns(sample)])


def tail_weight(sample: Sample) -> FloatArray:
    """Width of the tails against that of the middle, 1 for a normal column.

    Formula: (q99 - q1) / (q75 - q25) / 3.449. Source: Hogg (1974), JASA 69:909-923, with other quantiles. Range: 0.29
    and more. Cost: cells × log rows. Missing: no numeric column whose middle half varies.
    """
    cuts = [np.quantile(column, [0.01, 0.25, 0.75, 0.99]) for column in _columns(sample)]
    kept = [(q[3] - q[0]) / (q[2] - q[1]) / NORMAL_TAIL for q in cuts if q[2] > q[1]]
    sample.need(bool(kept), "no numeric column whose middle half varies")
    return np.array(kept)


def tail_index(sample: Sample) -> FloatArray:
    """Hill's index of the largest twentieth of distances from the median; above 0.5 the variance may be infinite.

    Formula: mean of log(d_i / d_k) over the k largest distances d. Source: Hill (1975), Ann. Stat. 3:1163-1174. Range:
    0 and more. Cost: cells × log rows. Missing: no numeric column with such a tail of at least ten rows.
    """
    found = [hill(column) for column in _columns(sample)]
    kept = [index for index in found if np.isfinite(index)]
    sample.need(bool(kept), "no numeric column with a tail of at least ten rows")
    return np.array(kept)


def hill(column: FloatArray) -> float:
    """Hill's estimate of 1/alpha from the largest twentieth of distances from the median; NaN of too few."""
    distance = np.sort(np.abs(column - np.median(column)))[::-1]
    k = int(TAIL * len(distance))
    if k < 10 or distance[k] <= 0:
        return float("nan")
    return float(np.log(distance[:k] / distance[k]).mean())


def outlier_share(sample: Sample) -> FloatArray:
    """Share of each numeric column beyond Tukey's fences.

    Formula: rows outside q25 - 1.5 IQR .. q75 + 1.5 IQR, over rows. Source: Tukey (1977). Range: 0..0.5. Cost: cells ×
    log rows. Missing: no numeric column varies.
    """
    return np.array([outliers(column) for column in _columns(sample)])


def outliers(column: FloatArray) -> float:
    """Share of values beyond Tukey's fences."""
    low, high = np.quantile(column, [0.25, 0.75])
    reach = 1.5 * (high - low)
    return float(((column < low - reach) | (column > high + reach)).mean())


def near_constant_share(sample: Sample) -> float:
    """Share of all columns in which one value holds 99 % of the rows that have one.

    Formula: columns with max n_value ≥ 0.99 n, over columns. Source: tabbench. Range: 0..1. Cost: cells × log rows.
    Missing: no column.
    """
    sample.need(sample.X.shape[1] > 0, "no column")
    tops = [_top(column[~np.isnan(column)]) for column in sample.raw_numbers.T]
    tops += [_top(column[column >= 0]) for column in sample.raw_codes.T]
    return float(np.mean([top >= NEARLY for top in tops]))


def _top(values: FloatArray) -> float:
    """Share of the most frequent value; 1 of none, which is as constant as can be."""
    return float(np.unique(values, return_counts=True)[1].max() / len(values)) if len(values) else 1.0


def unique_share(sample: Sample) -> FloatArray:
    """Different values of each numeric column over its rows.

    Formula: k / n. Source: tabbench. Range: 0..1. Cost: cells × log rows. Missing: no numeric column varies.
    """
    return np.array([len(np.unique(column)) / len(column) for column in _columns(sample)])


def zero_share(sample: Sample) -> FloatArray:
    """Share of zeros in each numeric column.

    Formula: zeros over rows. Source: tabbench. Range: 0..1. Cost: cells. Missing: no numeric column varies.
    """
    return np.array([float((column == 0).mean()) for column in _columns(sample)])


def whole_share(sample: Sample) -> float:
    """Share of numeric columns that hold whole numbers only.

    Formula: columns of whole numbers over numeric columns that vary. Source: tabbench. Range: 0..1. Cost: cells.
    Missing: no numeric column varies.
    """
    return float(np.mean([bool((column == np.round(column)).all()) for column in _columns(sample)]))


def scale_spread(sample: Sample) -> float:
    """How far apart the scales of the numeric columns are.

    Formula: standard deviation over columns of log10 of their standard deviation. Source: tabbench. Range: 0 and more.
    Cost: cells. Missing: no numeric column varies.
    """
    return float(np.std([np.log10(max(float(column.std()), 1e-300)) for column in _columns(sample)]))


IRREGULARITY = OwnGroup(
    "irregularity",
    "Irregular columns: skewed, heavy-tailed, nearly constant, full of outliers.",
    (
        skew, excess_kurtosis, tail_weight, tail_index, outlier_share, near_constant_share, unique_share, zero_share,
        whole_share, scale_spread,
    ),
    max_rows=100_000,
)  # fmt: skip
