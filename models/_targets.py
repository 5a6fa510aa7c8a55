"""Give a library the labels or numbers it can take, and turn its answer back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.model import REGRESSION, Context

if TYPE_CHECKING:
    from tabbench.task import Array, FloatArray


class Targets:
    """The code between a task's targets and a library's, fitted on the train part.

    Classes that are absent from train are left out, since most libraries refuse gaps; they get probability 0.
    Numbers are standardised, so that a penalty or a threshold means the same whatever the unit.

    Attributes:
        n_classes: Classes present in train; 0 for regression.
        is_constant: Train holds one class or one number only, which some libraries refuse: predict `constant`.
        scale: Standard deviation of a numeric target; 1 for classes.
    """

    def __init__(self, y: Array, context: Context) -> None:
        self.present = np.zeros(0, dtype=np.int64)
        self.mean, self.scale = 0.0, 1.0
        self.width = context.task.n_classes
        if context.task.type is REGRESSION:
            self.mean = float(np.mean(y))
            self.scale = float(np.std(y)) or 1.0
            self.share = np.zeros(0)
        else:
            self.present, counts = np.unique(y, return_counts=True)
            self.share = counts / len(y)
        self.n_classes = len(self.present)
        self.is_constant = bool(np.all(y == y[0]))

    def is_known(self, y: Array) -> Array:
        """Shape (n_rows,), bool: false where the class is absent from train."""
        return np.isin(y, self.present) if self.n_classes else np.ones(len(y), dtype=bool)

    def encode(self, y: Array) -> Array:
        """Labels 0..n_classes-1 without gaps, or standardised numbers; an absent class becomes any label."""
        if self.n_classes == 0:
            return (np.asarray(y, dtype=np.float64) - self.mean) / self.scale
        return np.minimum(np.searchsorted(self.present, y), self.n_classes - 1)

    def decode(self, prediction: Array) -> FloatArray:
        """The library's answer as `predict` returns it.

        Args:
            prediction: Shape (n_rows,) of standardised numbers, or of the probability of the second of two
                classes; or shape (n_rows, n_classes).
        """
        if self.n_classes == 0:
            return np.asarray(prediction, dtype=np.float64) * self.scale + self.mean
        p = np.asarray(prediction, dtype=np.float64)
        if p.ndim == 1:
            p = np.column_stack([1.0 - p, p])
        wide = np.zeros((len(p), self.width))
        wide[:, self.present] = p
        return wide

    def constant(self, n_rows: int) -> FloatArray:
        """The class shares or the mean of train, for every row."""
        return self.decode(np.tile(self.share, (n_rows, 1)) if self.n_classes else np.zeros(n_rows))
