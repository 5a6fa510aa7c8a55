"""LightGBM with native categories and missing values, predicting at its best round."""

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


class LightGBM:
    card: ClassVar[ModelCard] = ModelCard(
        name="lightgbm",
        title="LightGBM",
        family=Family.BOOSTED_TREES,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.NATIVE, missing=Missing.NATIVE, numeric=Numeric.RAW),
        paper="Ke et al. (2017). LightGBM: a highly efficient gradient boosting decision tree. NeurIPS 30",
        code="https://github.com/lightgbm-org/LightGBM",
        licence="MIT",
        requires=("lightgbm",),
        extra="boosted_trees",
        space_version=2,
        space_source="TabArena (2025). Default: the library's",
        smoke={"num_leaves": 8},
    )
    default: ClassVar[Params] = {
        "learning_rate": 0.1,
        "feature_fraction": 1.0,
        "bagging_fraction": 1.0,
        "num_leaves": 31,
        "min_data_in_leaf": 20,
        "extra_trees": False,
        "min_data_per_group": 100,
        "cat_l2": 10.0,
        "cat_smooth": 10.0,
        "max_cat_to_onehot": 4,
        "lambda_l1": 0.0,
        "lambda_l2": 0.0,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.005, 0.1, log=True),
            "feature_fraction": trial.suggest_float("feature_fraction", 0.4, 1.0),
            "bagging_fraction": trial.suggest_float("bagging_fraction", 0.7, 1.0),
            "num_leaves": trial.suggest_int("num_leaves", 2, 200, log=True),
            "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 1, 64, log=True),
            "extra_trees": trial.suggest_categorical("extra_trees", [False, True]),
            "min_data_per_group": trial.suggest_int("min_data_per_group", 2, 100, log=True),
            "cat_l2": trial.suggest_float("cat_l2", 0.005, 2.0, log=True),
            "cat_smooth": trial.suggest_float("cat_smooth", 0.001, 100.0, log=True),
            "max_cat_to_onehot": trial.suggest_int("max_cat_to_onehot", 8, 100, log=True),
            "lambda_l1": trial.suggest_float("lambda_l1", 1e-4, 1.0),
            "lambda_l2": trial.suggest_float("lambda_l2", 1e-4, 2.0),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        import lightgbm

        self.targets, self.n_threads = Targets(train.y, context), context.n_threads
        if self.targets.is_constant:
            return None
        watch = StepWatch(context, MOST_ROUNDS, PATIENCE, rounds_alone(params["learning_rate"]), valid is not None)
        settings = {**params, **_objective(self.targets.n_classes), **_fixed(context)}
        data = lightgbm.Dataset(train.X, self.targets.encode(train.y), params=settings)
        rows = [] if valid is None else [data.create_valid(valid.X, self.targets.encode(valid.y))]

        def error(answer: Array, _data: Any) -> tuple[str, float, bool]:
            assert valid is not None
            return "error", context.error(valid.y, self.targets.decode(answer)), False

        def stop(env: Any) -> None:
            if watch.step(env.evaluation_result_list[0][2] if env.evaluation_result_list else None):
                raise lightgbm.callback.EarlyStopException(env.iteration, env.evaluation_result_list)

        self.booster = lightgbm.train(
            settings, data, num_boost_round=watch.cap, valid_sets=rows, feval=error, callbacks=[stop]
        )
        training = watch.training()
        self.n_rounds = training.best_step
        return training

    def predict(self, X: pd.DataFrame) -> FloatArray:
        if self.targets.is_constant:
            return self.targets.constant(len(X))
        answer = self.booster.predict(X, num_iteration=self.n_rounds, num_threads=self.n_threads)
        return self.targets.decode(answer)


def _objective(n_classes: int) -> dict[str, Any]:
    if n_classes == 0:
        return {"objective": "regression"}
    if n_classes == 2:
        return {"objective": "binary"}
    return {"objective": "multiclass", "num_class": n_classes}


def _fixed(context: Context) -> dict[str, Any]:
    return {
        "metric": "None",
        "bagging_freq": 1,
        "num_threads": context.n_threads,
        "seed": context.seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


MODEL: type[Model] = LightGBM
