"""CatBoost with native categories and missing values, predicting at its best round."""

from __future__ import annotations

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
    from collections.abc import Sequence

    import optuna
    import pandas as pd

    from tabbench.task import FloatArray

FEWEST_TO_SAMPLE = 20
"""With fewer train rows all are used: the library refuses a sample that may come out empty."""
PATIENCE = 30


class CatBoost:
    card: ClassVar[ModelCard] = ModelCard(
        name="catboost",
        title="CatBoost",
        family=Family.BOOSTED_TREES,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.NATIVE, missing=Missing.NATIVE, numeric=Numeric.RAW),
        paper="Prokhorenkova et al. (2018). CatBoost: unbiased boosting with categorical features. NeurIPS 31",
        code="https://github.com/catboost/catboost",
        licence="Apache-2.0",
        requires=("catboost",),
        extra="boosted_trees",
        space_version=2,
        space_source=(
            "TabArena (2025). Default: the library's, but for learning rate 0.1 (its own choice depends on rows and "
            "rounds), Plain boosting, Bernoulli bootstrap of 0.8, and one_hot_max_size 30 with pairs of categories at "
            "most (a round of a multiclass task took ten times as long without)"
        ),
        smoke={"depth": 3},
    )
    default: ClassVar[Params] = {
        "learning_rate": 0.1,
        "subsample": 0.8,
        "grow_policy": "SymmetricTree",
        "depth": 6,
        "colsample_bylevel": 1.0,
        "l2_leaf_reg": 3.0,
        "leaf_estimation_iterations": 1,
        "one_hot_max_size": 30,
        "model_size_reg": 0.5,
        "max_ctr_complexity": 2,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.005, 0.1, log=True),
            "subsample": trial.suggest_float("subsample", 0.7, 1.0),
            "grow_policy": trial.suggest_categorical("grow_policy", ["SymmetricTree", "Depthwise"]),
            "depth": trial.suggest_int("depth", 4, 8),
            "colsample_bylevel": trial.suggest_float("colsample_bylevel", 0.85, 1.0),
            "l2_leaf_reg": trial.suggest_float("l2_leaf_reg", 1e-4, 5.0, log=True),
            "leaf_estimation_iterations": trial.suggest_int("leaf_estimation_iterations", 1, 20, log=True),
            "one_hot_max_size": trial.suggest_int("one_hot_max_size", 8, 100, log=True),
            "model_size_reg": trial.suggest_float("model_size_reg", 0.1, 1.5, log=True),
            "max_ctr_complexity": trial.suggest_int("max_ctr_complexity", 2, 5),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        import catboost

        self.targets, self.n_threads = Targets(train.y, context), context.n_threads
        # The library refuses a table without a column that varies, and reads numbers as float32.
        varies = _frame(train.X).astype("float32").nunique(dropna=False) > 1
        self.is_constant = self.targets.is_constant or not varies.any()
        if self.is_constant:
            return None
        word = _word(context.metric, self.targets.n_classes)
        known = valid if valid is None or word is None else _known(valid, self.targets)
        watch = StepWatch(context, MOST_ROUNDS, PATIENCE, rounds_alone(params["learning_rate"]), known is not None)

        unit = self.targets.scale

        class Stop:
            def after_iteration(self, info: Any) -> bool:
                if known is None:
                    return not watch.step()
                score = info.metrics["validation"][word or _Error.__name__][-1]
                return not watch.step(score if word is None else 1.0 - score if word == "AUC" else score * unit)

        self.booster = catboost.CatBoost(
            {
                **params,
                **_fixed(context),
                "subsample": params["subsample"] if len(train.y) >= FEWEST_TO_SAMPLE else 1.0,
                "loss_function": _loss(self.targets.n_classes),
                "eval_metric": word or _Error(valid, self.targets, context),
                "iterations": watch.cap,
                "use_best_model": False,  # `predict` ends at the best round itself
            }
        )
        self.booster.fit(
            self._pool(train),
            eval_set=None if known is None else self._pool(known),
            callbacks=[Stop()],
        )
        training = watch.training()
        self.n_rounds = training.best_step
        return training

    def predict(self, X: pd.DataFrame) -> FloatArray:
        if self.is_constant:
            return self.targets.constant(len(X))
        answer = self.booster.predict(
            _frame(X),
            prediction_type="Probability" if self.targets.n_classes else "RawFormulaVal",
            ntree_end=self.n_rounds,
            thread_count=self.n_threads,
        )
        return self.targets.decode(answer)

    def _pool(self, part: Part) -> Any:
        import catboost

        categorical = [name for name in part.X.columns if part.X[name].dtype == "category"]
        return catboost.Pool(
            _frame(part.X), self.targets.encode(part.y), cat_features=categorical, thread_count=self.n_threads
        )


def _frame(X: pd.DataFrame) -> pd.DataFrame:
    """Level numbers as integers, -1 for missing: the library takes no NaN in a categorical column."""
    coded = X.copy()
    for name in X.columns:
        if X[name].dtype == "category":
            coded[name] = X[name].cat.codes.astype("int64")
    return coded


def _known(valid: Part, targets: Targets) -> Part | None:
    """The rows of valid whose class is in train, for the library computes its metric from its own labels."""
    keep = targets.is_known(valid.y)
    return Part(valid.X[keep], valid.y[keep]) if keep.any() else None


def _loss(n_classes: int) -> str:
    return {0: "RMSE", 2: "Logloss"}.get(n_classes, "MultiClass")


def _word(metric: str, n_classes: int) -> str | None:
    """The library's word for the metric to stop on, which is quicker than `_Error`; None if it has none."""
    words = {"rmse": "RMSE", "mae": "MAE"} if n_classes == 0 else {"log_loss": _loss(n_classes)}
    if n_classes == 2:
        words["roc_auc"] = "AUC"
    return words.get(metric)


class _Error:
    """`context.error` as a metric of the library, which asks after each round: for train's rows, then for valid's."""

    no_jit = True  # else numba is tried on it, with a warning where that is missing or fails

    def __init__(self, valid: Part | None, targets: Targets, context: Context) -> None:
        self._y = None if valid is None else valid.y
        self._targets, self._error = targets, context.error

    def evaluate(self, answers: Sequence[FloatArray], target: FloatArray, _weight: object) -> tuple[float, float]:
        if self._y is None or len(target) != len(self._y):
            return 0.0, 1.0  # of train, where nobody looks
        return self._error(self._y, self._targets.decode(self._read(np.array(answers)))), 1.0

    def _read(self, answers: FloatArray) -> FloatArray:
        """What `predict` asks of the library, from raw answers, shape (n_outputs, n_rows)."""
        from scipy.special import expit, softmax

        first: FloatArray = answers[0]
        if not self._targets.n_classes:
            return first
        probability: FloatArray = expit(first) if len(answers) == 1 else softmax(answers, axis=0).T
        return probability

    def is_max_optimal(self) -> bool:
        return False

    def get_final_error(self, error: float, _weight: float) -> float:
        return error

    def __deepcopy__(self, _known: object) -> _Error:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {}  # the booster keeps its parameters, and predicts without this one


def _fixed(context: Context) -> dict[str, Any]:
    return {
        "boosting_type": "Plain",
        "bootstrap_type": "Bernoulli",
        "max_bin": 254,
        "task_type": "GPU" if context.device == "cuda" else "CPU",
        "thread_count": context.n_threads,
        "random_seed": context.seed,
        "allow_writing_files": False,
        "logging_level": "Silent",
    }


MODEL: type[Model] = CatBoost
