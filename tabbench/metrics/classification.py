"""Scores of predicted classes and probabilities, each from labels (n,) and probabilities (n, k)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from tabbench.task import Array, FloatArray

N_BINS = 15


class DecisionScores(NamedTuple):
    """Scores of the likeliest class; of equally likely ones the first."""

    accuracy: float
    balanced_accuracy: float
    f1_macro: float


def log_loss(y: Array, p: FloatArray) -> float:
    """Mean of -log p of the right class, in nats. Probabilities are above 0: cleaning clipped them at 1e-7."""
    return -float(np.log(p[np.arange(len(y)), y]).sum()) / len(y)


def brier(y: Array, p: FloatArray) -> float:
    """Mean over rows of Σ_j (p_j - [y = j])², 0..2: for two classes twice the one-column form.

    Source: Brier (1950), equation 2.
    """
    right = p[np.arange(len(y)), y]
    return float((p * p).sum() - 2.0 * right.sum() + len(y)) / len(y)


def decision_scores(y: Array, p: FloatArray) -> DecisionScores:
    """Accuracy, mean recall over the classes present, and mean F1 over the classes present or predicted.

    F1 of class c is 2 TP / (2 TP + FP + FN). A class that is neither present nor predicted has no F1 and is left out;
    one that is predicted but absent counts as 0. With a single class present, balanced accuracy is its recall.
    """
    return decisions(y, p.argmax(axis=1), p.shape[1])


def decisions(y: Array, predicted: Array, k: int) -> DecisionScores:
    """`decision_scores` of predicted labels 0..k-1."""
    confusion = np.bincount(y * k + predicted, minlength=k * k).reshape(k, k)
    hits = confusion.diagonal()
    actual, chosen = confusion.sum(axis=1), confusion.sum(axis=0)
    is_present = actual > 0
    total = actual + chosen
    is_seen = total > 0
    recall = hits[is_present] / actual[is_present]
    f1 = 2.0 * hits[is_seen] / total[is_seen]
    return DecisionScores(float(hits.sum()) / len(y), float(recall.sum()) / len(recall), float(f1.sum()) / len(f1))


def calibration_error(y: Array, p: FloatArray) -> float:
    """Σ_b n_b/n |share right in b - mean confidence in b| over 15 bins of equal mass by top-label confidence.

    A row falls into bin floor(15 r / n), r the number of rows with a lower confidence: tied rows share a bin, so the
    order of rows does not matter, and fewer rows than bins leave bins empty. Biased upwards on few rows.

    Source: Naeini, Cooper & Hauskrecht (2015), equation 3, with equal-mass bins as in Nguyen & O'Connor (2015).
    """
    n = len(y)
    confidence = p.max(axis=1)
    is_right = p.argmax(axis=1) == y
    lower = np.searchsorted(np.sort(confidence), confidence)
    bins = lower * N_BINS // n
    return float(np.abs(np.bincount(bins, weights=is_right - confidence)).sum()) / n
