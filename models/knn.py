"""Predict from the nearest rows of train."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

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


class KNN:
    card: ClassVar[ModelCard] = ModelCard(
        name="knn",
        title="k nearest neighbours",
        family=Family.NEIGHBORS,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ONE_HOT, missing=Missing.IMPUTE, numeric=Numeric.STANDARD),
        paper="Cover, Hart (1967). Nearest neighbor pattern classification. IEEE Trans. Inf. Theory 13(1):21-27",
        code="https://scikit-learn.org",
        licence="BSD-3-Clause",
        requires=("sklearn.neighbors",),
        space_source=(
            "TabArena (2025). Departs: n_neighbors log-uniform over its range 1..500; scaler and the handling of "
            "categories are fixed by the preparation"
        ),
        stops_itself=False,
    )
    default: ClassVar[Params] = {"n_neighbors": 20, "weights": "distance", "p": 2.0}

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "n_neighbors": trial.suggest_int("n_neighbors", 1, 500, log=True),
            "weights": trial.suggest_categorical("weights", ["distance", "uniform"]),
            "p": trial.suggest_categorical("p", [2.0, 1.0, 1.5]),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> None:
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

        kind = KNeighborsRegressor if context.task.type is REGRESSION else KNeighborsClassifier
        neighbours = kind(
            n_neighbors=min(params["n_neighbors"], len(train.y)),
            weights=params["weights"],
            p=params["p"],
            # Brute force takes distances from a matrix product, whose last bits depend on the batch: where
            # rows are equally near, a row alone would get other neighbours than in a batch.
            algorithm="kd_tree",
            n_jobs=context.n_threads,
        )
        fitted = FittedEstimator(neighbours, train, context)
        fitted.fit()
        self.fitted = fitted.done()

    def predict(self, X: pd.DataFrame) -> FloatArray:
        return self.fitted.predict(X)


MODEL: type[Model] = KNN
