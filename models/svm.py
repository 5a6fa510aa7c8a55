"""Support vector machine with a radial kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from tabbench_models._estimator import FittedEstimator

from tabbench.model import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    Categorical,
    Context,
    Family,
    Missing,
    Model,
    ModelCard,
    Numeric,
    Params,
    Part,
    Reads,
    TaskFacts,
)

if TYPE_CHECKING:
    import optuna
    import pandas as pd

    from tabbench.task import Array, FloatArray


N_FOLDS = 3
"""Folds whose decision values probabilities are fitted on."""
MAX_ITERATIONS = 100_000
"""Of libsvm's solver; hard margins on mixed classes would go on for hours."""


class SVM:
    card: ClassVar[ModelCard] = ModelCard(
        name="svm",
        title="SVM (RBF)",
        family=Family.KERNEL,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ONE_HOT, missing=Missing.IMPUTE, numeric=Numeric.STANDARD),
        paper="Cortes, Vapnik (1995). Support-vector networks. Machine Learning 20:273-297",
        code="https://scikit-learn.org (libsvm)",
        licence="BSD-3-Clause",
        requires=("sklearn.svm", "sklearn.calibration"),
        space_source=(
            "Hsu, Chang, Lin (2003), A practical guide to support vector classification, section 3.2: C from 2^-5 to "
            "2^15, gamma from 2^-15 to 2^3, here log-uniform. Default: scikit-learn's"
        ),
        max_rows=10_000,
        stops_itself=False,
    )
    default: ClassVar[Params] = {"C": 1.0, "gamma": "scale"}

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "C": trial.suggest_float("C", 2.0**-5, 2.0**15, log=True),
            "gamma": trial.suggest_float("gamma", 2.0**-15, 2.0**3, log=True),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> None:
        from sklearn.svm import SVR

        if context.task.type is REGRESSION:
            machine = SVR(C=params["C"], gamma=params["gamma"], max_iter=MAX_ITERATIONS)
            machine.random_state = context.seed  # no argument, yet None would draw from numpy's global state
        else:
            machine = _classifier(train.y, params, context.seed)
        fitted = FittedEstimator(machine, train, context)
        fitted.fit()
        self.fitted = fitted.done()

    def predict(self, X: pd.DataFrame) -> FloatArray:
        return self.fitted.predict(X)


def _classifier(y: Array, params: Params, seed: int) -> Any:
    """A machine whose decision values become probabilities (Platt scaling) on rows held out in folds of train.

    With fewer rows of a class than folds there is nothing to hold out: then on the rows it was fitted on.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import StratifiedKFold
    from sklearn.svm import SVC

    machine = SVC(C=params["C"], gamma=params["gamma"], max_iter=MAX_ITERATIONS, random_state=seed)
    counts = np.bincount(y)
    if counts[counts > 0].min() >= N_FOLDS:
        folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed)
    else:
        every = np.arange(len(y))
        folds = [(every, every)]
    return CalibratedClassifierCV(machine, method="sigmoid", cv=folds, ensemble=False)


MODEL: type[Model] = SVM
