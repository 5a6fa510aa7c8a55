"""Scores from stored predictions: what each metric is, and the rule for each edge case.

A plugin's raw output passes `clean_prediction` once; the array that comes out is stored, and `score` computes every
metric from exactly that array, in float64. While a model trains, `error_function` gives one metric of the raw output.
"""

from tabbench.metrics.catalogue import METRICS, metric_named
from tabbench.metrics.cleaning import PROBABILITY_FLOOR, clean_prediction
from tabbench.metrics.scoring import (
    NO_SCORES,
    UNDEFINED_ERROR,
    error_function,
    error_of,
    error_of_stored,
    metric_to_stop_on,
    score,
)

__all__ = [
    "METRICS", "NO_SCORES", "PROBABILITY_FLOOR", "UNDEFINED_ERROR", "clean_prediction", "error_function", "error_of",
    "error_of_stored", "metric_named", "metric_to_stop_on", "score",
]  # fmt: skip
