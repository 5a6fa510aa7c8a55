"""Impute and scale a column of numbers by the statistics of its train rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tabbench.model import Missing, Numeric

if TYPE_CHECKING:
    from tabbench.task import FloatArray

N_QUANTILES = 1000
"""Reference points of the quantile form, fewer when there are fewer rows (scikit-learn's default)."""
TAIL = 1e-7
"""Normal quantiles are cut at this probability, so at 5.2 standard deviations (scikit-learn's choice)."""
LARGEST = float(np.finfo(np.float32).max)
"""Trees and networks read float32: what lies beyond is cut here."""
LARGEST_STANDARD = 1e6
"""Standardised numbers are cut here. None of train's gets there with fewer than 1e12 rows: it is for other rows."""


@dataclass(frozen=True)
class Scale:
    """How one column of numbers is read, fitted on train.

    Attributes:
        fill: What a missing value becomes; NaN hands it through.
        has_indicator: Train has missing values, so that a 0/1 column stands beside.
        form: `raw`, or what the rest serves.
        is_constant: The train rows hold one value, or none: scaled, the column is 0 throughout.
        mean, deviation: Of the train rows after imputation.
        quantiles: Ascending reference values at equal steps of probability.
    """

    fill: float
    has_indicator: bool
    form: Numeric
    is_constant: bool = False
    mean: float = 0.0
    deviation: float = 1.0
    quantiles: FloatArray | None = None

    def apply(self, values: FloatArray) -> FloatArray:
        """Shape (n_rows,) in and out; NaN only where `fill` is NaN."""
        missing = np.isnan(values)
        filled = np.where(missing, self.fill, values)
        if self.form is Numeric.RAW:
            return filled
        if self.is_constant:
            return np.where(np.isnan(filled), np.nan, 0.0)
        if self.quantiles is None:
            with np.errstate(over="ignore"):
                return np.clip((filled - self.mean) / self.deviation, -LARGEST_STANDARD, LARGEST_STANDARD)
        return _normal_scores(filled, self.quantiles)


def finite(values: FloatArray) -> FloatArray:
    """Numbers that a model can use: an infinite one says nothing and counts as missing, others are cut to float32's."""
    return np.clip(np.where(np.isinf(values), np.nan, values), -LARGEST, LARGEST)


def fit_scale(values: FloatArray, missing: Missing, form: Numeric) -> Scale:
    """Fit on the train rows' values as `finite` gives them, NaN where missing.

    Mean, deviation and quantiles are taken after imputation: it is the column that the model sees which has
    mean 0 and variance 1.
    """
    gaps = np.isnan(values)
    seen = values[~gaps]
    imputes = missing is Missing.IMPUTE
    fill = (float(np.median(seen)) if len(seen) else 0.0) if imputes else float("nan")
    indicator = imputes and bool(gaps.any())
    if form is Numeric.RAW:
        return Scale(fill, indicator, form)
    column = np.where(gaps, fill, values) if imputes else seen
    if not len(column) or column.min() == column.max():
        return Scale(fill, indicator, form, is_constant=True)
    if form is Numeric.QUANTILE:
        steps = np.linspace(0, 1, min(N_QUANTILES, len(column)))
        return Scale(fill, indicator, form, quantiles=np.maximum.accumulate(np.quantile(column, steps)))
    return _standard(column, fill, indicator)


def _standard(column: FloatArray, fill: float, indicator: bool) -> Scale:
    mean, deviation = float(column.mean()), float(column.std())
    rounding = 10 * np.finfo(np.float64).eps * abs(mean)
    if deviation <= rounding:
        return Scale(fill, indicator, Numeric.STANDARD, is_constant=True)
    return Scale(fill, indicator, Numeric.STANDARD, mean=mean, deviation=deviation)


def _normal_scores(values: FloatArray, quantiles: FloatArray) -> FloatArray:
    """Values to standard normal quantiles; a run of equal references maps to the middle of its probabilities."""
    from scipy.special import ndtri

    steps = np.linspace(0, 1, len(quantiles))
    upward = np.interp(values, quantiles, steps)
    downward = 1 - np.interp(-values, -quantiles[::-1], steps)
    share = 0.5 * (upward + downward)
    share = np.where(values <= quantiles[0], 0.0, np.where(values >= quantiles[-1], 1.0, share))
    share = np.where(np.isnan(values), np.nan, np.clip(share, TAIL, 1 - TAIL))
    scores: FloatArray = ndtri(share)
    return scores
