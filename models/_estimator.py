"""Fit a scikit-learn estimator on a part and predict in the contract's shapes."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from tabbench_models._targets import Targets

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.model import Context, Part
    from tabbench.task import Array, FloatArray


class FittedEstimator:
    """An estimator with the targets it was fitted on.

    Args:
        estimator: A classifier with `predict_proba` or a regressor, not yet fitted.
        train: Its columns must all be numbers.
        dtype: Trees compare in float32; giving it at once saves them a copy.
    """

    def __init__(self, estimator: Any, train: Part, context: Context, dtype: type = np.float64) -> None:
        self.estimator, self.dtype = estimator, dtype
        self.targets = Targets(train.y, context)
        self.X, self.y = self.matrix(train.X), self.targets.encode(train.y)

    def matrix(self, X: pd.DataFrame) -> Array:
        """The frame as a C-ordered array of its own."""
        return np.array(X, dtype=self.dtype, order="C")

    def fit(self) -> None:
        """Fit, or go on where the estimator has `warm_start`.

        An optimiser's word that its iterations ran out is kept silent: what it reached is scored as it is.
        """
        from sklearn.exceptions import ConvergenceWarning

        if self.targets.is_constant:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.estimator.fit(self.X, self.y)

    def done(self) -> FittedEstimator:
        """The same without the train rows, to be kept."""
        del self.X, self.y
        return self

    def predict(self, X: pd.DataFrame) -> FloatArray:
        """As `Model.predict`."""
        if self.targets.is_constant:
            return self.targets.constant(len(X))
        answer = self.estimator.predict_proba if self.targets.n_classes else self.estimator.predict
        return self.targets.decode(answer(self.matrix(X)))
