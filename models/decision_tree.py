"""One decision tree of limited depth, whose leaves are never certain of a class.

A leaf of n rows, k of them of a class, gives it the probability (k + 1) / (n + C), C being the classes in train:
Laplace's estimate, as Provost and Domingos (2003) have it for probability estimation trees. Its share k / n would be 0
or 1 in a pure leaf, and by log loss one wrong row costs more than all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

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

    from tabbench.task import FloatArray


class DecisionTree:
    card: ClassVar[ModelCard] = ModelCard(
        name="decision_tree",
        title="Decision tree",
        family=Family.TREE,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ORDINAL, missing=Missing.NATIVE, numeric=Numeric.RAW),
        paper="Breiman, Friedman, Olshen, Stone (1984). Classification and Regression Trees. Wadsworth",
        code="https://scikit-learn.org, its leaves smoothed by Laplace's estimate",
        licence="BSD-3-Clause",
        requires=("sklearn.tree",),
        version=3,
        space_version=2,
        space_source=(
            "TabZilla (McElfresh et al., 2023): max_depth log-uniform 2..12, default 5. Departs: leaves of at least 20 "
            "rows, drawn log-uniform from 1..100, since pure leaves are sure of themselves and lose to the constant by "
            "log loss"
        ),
        stops_itself=False,
    )
    default: ClassVar[Params] = {"max_depth": 5, "min_samples_leaf": 20}

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "max_depth": trial.suggest_int("max_depth", 2, 12, log=True),
            "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 100, log=True),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> None:
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        kind = DecisionTreeRegressor if context.task.type is REGRESSION else DecisionTreeClassifier
        tree = kind(
            max_depth=params["max_depth"], min_samples_leaf=params["min_samples_leaf"], random_state=context.seed
        )
        fitted = FittedEstimator(tree, train, context, np.float32)
        fitted.fit()
        self.fitted = fitted.done()

    def predict(self, X: pd.DataFrame) -> FloatArray:
        targets = self.fitted.targets
        if targets.is_constant or not targets.n_classes:
            return self.fitted.predict(X)
        tree, rows = self.fitted.estimator, self.fitted.matrix(X)
        n_rows = tree.tree_.n_node_samples[tree.apply(rows)][:, None]
        return targets.decode((n_rows * tree.predict_proba(rows) + 1) / (n_rows + targets.n_classes))


MODEL: type[Model] = DecisionTree
