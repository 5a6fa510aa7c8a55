"""Logistic regression for classes, ridge or lasso for numbers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

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
    StoppedBy,
    TaskFacts,
    Training,
)

if TYPE_CHECKING:
    import optuna
    import pandas as pd

    from tabbench.task import FloatArray


CAP = 1000
CHUNK = 100
"""Iterations between two looks at the deadline."""


class Linear:
    card: ClassVar[ModelCard] = ModelCard(
        name="linear",
        title="Linear",
        family=Family.LINEAR,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ONE_HOT, missing=Missing.IMPUTE, numeric=Numeric.STANDARD),
        paper="Hastie, Tibshirani, Friedman (2009). The Elements of Statistical Learning, chapters 3 and 4. Springer",
        code="https://scikit-learn.org",
        licence="BSD-3-Clause",
        requires=("sklearn.linear_model",),
        space_source=(
            "TabArena (2025): C log-uniform .1..1000, penalty L2 or L1. Departs: imputing and skew are fixed by the "
            "preparation; for numbers C weighs half the summed squared error of the standardised target"
        ),
    )
    default: ClassVar[Params] = {"C": 1.0, "penalty": "l2"}

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "C": trial.suggest_float("C", 0.1, 1000.0, log=True),
            "penalty": trial.suggest_categorical("penalty", ["l2", "l1"]),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        from threadpoolctl import threadpool_limits

        regression = context.task.type is REGRESSION
        estimator = _regressor(params, len(train.y)) if regression else _classifier(params, context.seed)
        fitted = FittedEstimator(estimator, train, context)
        with threadpool_limits(limits=context.n_threads):
            if regression or fitted.targets.is_constant:
                fitted.fit()
                training = None
            else:
                training = _fit_until_still(fitted, context)
        self.fitted = fitted.done()
        return training

    def predict(self, X: pd.DataFrame) -> FloatArray:
        return self.fitted.predict(X)


def _regressor(params: Params, n_rows: int) -> Any:
    from sklearn.linear_model import Lasso, Ridge

    if params["penalty"] == "l2":
        return Ridge(alpha=1.0 / params["C"])
    return Lasso(alpha=1.0 / (params["C"] * n_rows), max_iter=CAP)


def _classifier(params: Params, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    is_l1 = params["penalty"] == "l1"
    return LogisticRegression(
        C=params["C"],
        l1_ratio=1.0 if is_l1 else 0.0,
        solver="saga" if is_l1 else "lbfgs",
        tol=1e-3 if is_l1 else 1e-4,
        warm_start=True,
        random_state=seed,
    )


def _fit_until_still(fitted: FittedEstimator, context: Context) -> Training:
    """Iterate in chunks until the optimiser rests, at the cap, or at the deadline."""
    cap, n_steps, seconds = context.cap(CAP), 0, 0.0
    while True:
        start = time.monotonic()
        chunk = min(CHUNK, cap - n_steps)
        fitted.estimator.set_params(max_iter=chunk)
        fitted.fit()
        n_steps += int(fitted.estimator.n_iter_.max())
        now = time.monotonic()
        seconds = max(seconds, now - start)
        if fitted.estimator.n_iter_.max() < chunk:
            stopped_by = StoppedBy.DONE
        elif n_steps >= cap:
            stopped_by = StoppedBy.DONE if context.n_steps else StoppedBy.CAP
        elif context.deadline is not None and now + seconds > context.deadline:
            stopped_by = StoppedBy.DEADLINE
        else:
            continue
        return Training(n_steps=n_steps, best_step=n_steps, cap=cap, stopped_by=stopped_by)


MODEL: type[Model] = Linear
