"""XGBoost with native categories and missing values, predicting at its best round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

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
    import optuna
    import pandas as pd

    from tabbench.task import Array, FloatArray

PATIENCE = 30


class XGBoost:
    card: ClassVar[ModelCard] = ModelCard(
        name="xgboost",
        title="XGBoost",
        family=Family.BOOSTED_TREES,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.NATIVE, missing=Missing.NATIVE, numeric=Numeric.RAW),
        paper="Chen, Guestrin (2016). XGBoost: a scalable tree boosting system. KDD, 785-794",
        code="https://github.com/dmlc/xgboost",
        licence="Apache-2.0",
        requires=("xgboost",),
        extra="boosted_trees",
        space_version=2,
        space_source="TabArena (2025). Default: the library's, with learning rate 0.1",
        smoke={"max_depth": 3},
    )
    default: ClassVar[Params] = {
        "learning_rate": 0.1,
        "max_depth": 6,
        "min_child_weight": 1.0,
        "subsample": 1.0,
        "colsample_bylevel": 1.0,
        "colsample_bynode": 1.0,
        "reg_alpha": 0.0,
        "reg_lambda": 1.0,
        "grow_policy": "depthwise",
        "max_cat_to_onehot": 4,
        "max_leaves": 0,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.005, 0.1, log=True),
            "max_depth": trial.suggest_int("max_depth", 4, 10, log=True),
            "min_child_weight": trial.suggest_float("min_child_weight", 0.001, 5.0, log=True),
            "subsample": trial.suggest_float("subsample", 0.6, 1.0),
            "colsample_bylevel": trial.suggest_float("colsample_bylevel", 0.6, 1.0),
            "colsample_bynode": trial.suggest_float("colsample_bynode", 0.6, 1.0),
            "reg_alpha": trial.suggest_float("reg_alpha", 1e-4, 5.0),
            "reg_lambda": trial.suggest_float("reg_lambda", 1e-4, 5.0),
            "grow_policy": trial.suggest_categorical("grow_policy", ["depthwise", "lossguide"]),
            "max_cat_to_onehot": trial.suggest_int("max_cat_to_onehot", 8, 100, log=True),
            "max_leaves": trial.suggest_int("max_leaves", 8, 1024, log=True),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        import xgboost

        self.targets, self.n_threads = Targets(train.y, context), context.n_threads
        if self.targets.is_constant:
            return None
        watch = StepWatch(context, MOST_ROUNDS, PATIENCE, rounds_alone(params["learning_rate"]), valid is not None)

        class Stop(xgboost.callback.TrainingCallback):  # type: ignore[misc]  # the package has no types
            def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
                if valid is None:
                    return watch.step()
                return watch.step(evals_log["valid"]["error"][-1])

        def error(answer: Array, _matrix: Any) -> tuple[str, float]:
            assert valid is not None
            return "error", context.error(valid.y, self.targets.decode(answer))

        self.booster = xgboost.train(
            {
                **params,
                **_objective(self.targets.n_classes),
                "tree_method": "hist",
                "device": context.device,
                "nthread": context.n_threads,
                "seed": context.seed,
                "verbosity": 0,
                "disable_default_eval_metric": True,
            },
            self._matrix(train.X, self.targets.encode(train.y)),
            num_boost_round=watch.cap,
            evals=[] if valid is None else [(self._matrix(valid.X), "valid")],
            custom_metric=error,
            callbacks=[Stop()],
            verbose_eval=False,
        )
        training = watch.training()
        self.n_rounds = training.best_step
        return training

    def predict(self, X: pd.DataFrame) -> FloatArray:
        if self.targets.is_constant:
            return self.targets.constant(len(X))
        answer = self.booster.predict(self._matrix(X), iteration_range=(0, self.n_rounds))
        return self.targets.decode(answer)

    def _matrix(self, X: pd.DataFrame, y: Array | None = None) -> Any:
        import xgboost

        empty = [n for n in X.columns if X[n].dtype == "category" and not len(X[n].cat.categories)]
        if empty:  # the library fails on a category without levels
            X = X.copy()
            X[empty] = float("nan")
        return xgboost.DMatrix(X, label=y, enable_categorical=True, nthread=self.n_threads)


def _objective(n_classes: int) -> dict[str, Any]:
    if n_classes == 0:
        return {"objective": "reg:squarederror"}
    if n_classes == 2:
        return {"objective": "binary:logistic"}
    return {"objective": "multi:softprob", "num_class": n_classes}


MODEL: type[Model] = XGBoost
