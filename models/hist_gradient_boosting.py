"""scikit-learn's gradient boosting on histograms, stopped early and predicting at its best stage."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from tabbench_models._targets import Targets
from tabbench_models._watch import MOST_ROUNDS, StepWatch, rounds_alone

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
    from collections.abc import Iterator

    import optuna
    import pandas as pd

    from tabbench.task import Array, FloatArray

PATIENCE = 30
MOST_LEVELS = 255
"""The library's limit for a categorical column; rarer levels are pooled into the last."""
FIRST_CHUNK = 20
"""Rounds grown before the first look at the valid part; each chunk after is half of what there is."""


class HistGradientBoosting:
    card: ClassVar[ModelCard] = ModelCard(
        name="hist_gradient_boosting",
        title="HistGradientBoosting",
        family=Family.BOOSTED_TREES,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.NATIVE, missing=Missing.NATIVE, numeric=Numeric.RAW),
        paper="Friedman (2001). Greedy function approximation: a gradient boosting machine. Ann. Stat. 29(5):1189-1232",
        code="https://scikit-learn.org",
        licence="BSD-3-Clause",
        requires=("sklearn.ensemble",),
        space_version=2,
        space_source=(
            "TabArena (2025), its ranges for LightGBM where the parameter has a counterpart. Default: scikit-learn's"
        ),
        smoke={"max_leaf_nodes": 8},
    )
    default: ClassVar[Params] = {
        "learning_rate": 0.1,
        "max_leaf_nodes": 31,
        "min_samples_leaf": 20,
        "max_features": 1.0,
        "l2_regularization": 0.0,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.005, 0.1, log=True),
            "max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 2, 200, log=True),
            "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 64, log=True),
            "max_features": trial.suggest_float("max_features", 0.4, 1.0),
            "l2_regularization": trial.suggest_float("l2_regularization", 1e-4, 2.0),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        from threadpoolctl import threadpool_limits

        self.targets, self.n_threads = Targets(train.y, context), context.n_threads
        if self.targets.is_constant:
            return None
        self.pools = _pools(train.X)
        self.has_values = train.X.notna().any().to_numpy()
        watch = StepWatch(context, MOST_ROUNDS, PATIENCE, rounds_alone(params["learning_rate"]), valid is not None)
        with threadpool_limits(limits=context.n_threads):
            self.estimator = _estimator(params, context, _is_categorical(train.X))
            self._grow(train, valid, watch, context)
        training = watch.training()
        self.n_stages = training.best_step
        return training

    def _grow(self, train: Part, valid: Part | None, watch: StepWatch, context: Context) -> None:
        """Grow in chunks, since the library has no callback and looks at the valid part in its own words only."""
        X, y = self._matrix(train.X), self.targets.encode(train.y)
        X_valid = None if valid is None else self._matrix(valid.X)
        chunk = FIRST_CHUNK if context.deadline is None else 1
        while True:
            start, n = time.monotonic(), watch.n_steps
            self.estimator.set_params(max_iter=min(n + chunk, watch.cap))
            self.estimator.fit(X, y)
            is_over = False
            if valid is None or X_valid is None:
                for _ in range(self.estimator.n_iter_ - n):
                    is_over = watch.step() or is_over
            else:
                for stage in islice(self._stages(X_valid), n, None):
                    is_over = watch.step(context.error(valid.y, self.targets.decode(stage)))
                    if is_over:
                        break
            if is_over:
                return
            chunk = max(FIRST_CHUNK, watch.n_steps // 2)
            if context.deadline is not None:
                now = time.monotonic()
                in_time = (context.deadline - now) / ((now - start) / (watch.n_steps - n))
                chunk = int(np.clip(in_time, 1, min(chunk, 2 * watch.n_steps)))

    def predict(self, X: pd.DataFrame) -> FloatArray:
        from threadpoolctl import threadpool_limits

        if self.targets.is_constant:
            return self.targets.constant(len(X))
        with threadpool_limits(limits=self.n_threads):
            return self.targets.decode(next(islice(self._stages(self._matrix(X)), self.n_stages - 1, None)))

    def _stages(self, X: Array) -> Iterator[Array]:
        """The library's answer after one round, two rounds and so on."""
        stages: Iterator[Array] = (
            self.estimator.staged_predict_proba(X) if self.targets.n_classes else self.estimator.staged_predict(X)
        )
        return stages

    def _matrix(self, X: pd.DataFrame) -> FloatArray:
        """Numbers as they are, level numbers pooled, missing NaN; the library refuses columns all missing in train."""
        matrix = np.empty(X.shape)
        for i, name in enumerate(X.columns):
            column = X[name]
            if name in self.pools:
                codes = column.cat.codes.to_numpy()
                matrix[:, i] = np.where(codes < 0, np.nan, self.pools[name][codes])
            else:
                matrix[:, i] = column.to_numpy(dtype=np.float64)
        matrix[:, ~self.has_values] = 0.0
        return matrix


def _is_categorical(X: pd.DataFrame) -> list[bool]:
    return [dtype == "category" for dtype in X.dtypes]


def _pools(X: pd.DataFrame) -> dict[str, FloatArray]:
    """For each categorical column, the number that stands for each level: its rank by frequency, pooled."""
    pools = {}
    for name, is_categorical in zip(X.columns, _is_categorical(X), strict=True):
        if is_categorical:
            codes = X[name].cat.codes.to_numpy()
            n_levels = len(X[name].cat.categories)
            counts = np.bincount(codes[codes >= 0], minlength=n_levels + 1)[:n_levels]
            order = np.argsort(-counts, kind="stable")
            rank = np.empty(n_levels + 1)  # one more: -1 looks up something
            rank[order] = np.arange(n_levels)
            pools[name] = np.minimum(rank, MOST_LEVELS - 1)
    return pools


def _estimator(params: Params, context: Context, is_categorical: list[bool]) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if context.task.type is REGRESSION else HistGradientBoostingClassifier
    return kind(
        learning_rate=params["learning_rate"],
        max_leaf_nodes=params["max_leaf_nodes"],
        min_samples_leaf=params["min_samples_leaf"],
        max_features=params["max_features"],
        l2_regularization=params["l2_regularization"],
        categorical_features=is_categorical,
        early_stopping=False,
        warm_start=True,
        random_state=context.seed,
    )


MODEL: type[Model] = HistGradientBoosting
