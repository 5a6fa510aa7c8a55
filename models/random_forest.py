"""Many deep trees, each on rows drawn with replacement."""

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


class RandomForest:
    card: ClassVar[ModelCard] = ModelCard(
        name="random_forest",
        title="Random forest",
        family=Family.FOREST,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ORDINAL, missing=Missing.NATIVE, numeric=Numeric.RAW),
        paper="Breiman (2001). Random forests. Machine Learning 45:5-32",
        code="https://scikit-learn.org",
        licence="BSD-3-Clause",
        requires=("sklearn.ensemble",),
        space_source=(
            "TabArena (2025). Departs: 100 trees (scikit-learn's default) in place of 50, since few deep trees give "
            "many probabilities of 0; their number and depth are left to named spaces; max_features of the default is "
            "scikit-learn's for classes and 1 for numbers"
        ),
    )
    default: ClassVar[Params] = {
        "n_trees": 100,
        "max_depth": None,
        "max_features": "auto",
        "max_samples": 1.0,
        "bootstrap": True,
        "min_samples_split": 2,
        "min_impurity_decrease": 0.0,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "max_features": trial.suggest_float("max_features", 0.4, 1.0),
            "max_samples": trial.suggest_float("max_samples", 0.5, 1.0),
            "bootstrap": trial.suggest_categorical("bootstrap", [False, True]),
            "min_samples_split": trial.suggest_int("min_samples_split", 2, 4, log=True),
            "min_impurity_decrease": trial.suggest_float("min_impurity_decrease", 1e-5, 1e-3, log=True),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        kind = RandomForestRegressor if context.task.type is REGRESSION else RandomForestClassifier
        forest = kind(
            max_depth=params["max_depth"],
            max_features=_max_features(params, context),
            max_samples=max(1, round(params["max_samples"] * len(train.y))) if params["bootstrap"] else None,
            bootstrap=params["bootstrap"],
            min_samples_split=params["min_samples_split"],
            min_impurity_decrease=params["min_impurity_decrease"],
            warm_start=True,
            n_jobs=context.n_threads,
            random_state=context.seed,
        )
        fitted = FittedEstimator(forest, train, context, np.float32)
        training = None if fitted.targets.is_constant else grow(fitted, params["n_trees"], context)
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


MODEL: type[Model] = RandomForest
