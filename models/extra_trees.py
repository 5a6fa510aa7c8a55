"""Many deep trees whose cuts are drawn at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from tabbench_models._estimator import FittedEstimator
from tabbench_models._forest import grow

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
    Training,
)

if TYPE_CHECKING:
    import optuna
    import pandas as pd

    from tabbench.task import FloatArray


N_TREES = 100


class ExtraTrees:
    card: ClassVar[ModelCard] = ModelCard(
        name="extra_trees",
        title="Extra trees",
        family=Family.FOREST,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ORDINAL, missing=Missing.NATIVE, numeric=Numeric.RAW),
        paper="Geurts, Ernst, Wehenkel (2006). Extremely randomized trees. Machine Learning 63:3-42",
        code="https://scikit-learn.org",
        licence="BSD-3-Clause",
        requires=("sklearn.ensemble",),
        space_source=(
            "TabArena (2025). Departs: 100 trees (scikit-learn's default) in place of 50, since few deep trees give "
            "many probabilities of 0"
        ),
    )
    default: ClassVar[Params] = {
        "max_features": "auto",
        "min_samples_split": 2,
        "min_impurity_decrease": 0.0,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        prunes = trial.suggest_categorical("prunes", [False, True])
        return {
            "max_features": trial.suggest_categorical("max_features", ["sqrt", 0.5, 0.75, 1.0]),
            "min_samples_split": trial.suggest_int("min_samples_split", 2, 32, log=True),
            "min_impurity_decrease": (
                trial.suggest_categorical("min_impurity_decrease", [1e-5, 3e-5, 1e-4, 3e-4, 1e-3]) if prunes else 0.0
            ),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

        kind = ExtraTreesRegressor if context.task.type is REGRESSION else ExtraTreesClassifier
        forest = kind(
            max_features=_max_features(params, context),
            min_samples_split=params["min_samples_split"],
            min_impurity_decrease=params["min_impurity_decrease"],
            warm_start=True,
            n_jobs=context.n_threads,
            random_state=context.seed,
        )
        fitted = FittedEstimator(forest, train, context, np.float32)
        training = None if fitted.targets.is_constant else grow(fitted, N_TREES, context)
        self.fitted = fitted.done()
        return training

    def predict(self, X: pd.DataFrame) -> FloatArray:
        return self.fitted.predict(X)


def _max_features(params: Params, context: Context) -> float | str:
    """The share of columns a cut may choose from; "auto" is scikit-learn's default for the task."""
    share: float | str = params["max_features"]
    if share == "auto":
        return 1.0 if context.task.type is REGRESSION else "sqrt"
    return share


MODEL: type[Model] = ExtraTrees
