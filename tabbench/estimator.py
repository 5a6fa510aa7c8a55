"""Make a model of a scikit-learn estimator, in five lines."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tabbench.errors import PluginError
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
    from collections.abc import Callable

    import optuna
    import pandas as pd

    from tabbench.task import Array, FloatArray

    Space = Callable[[optuna.Trial, TaskFacts], Params]

NUMBERS_ONLY = Reads(Categorical.ONE_HOT, Missing.IMPUTE, Numeric.STANDARD)


def no_space(trial: optuna.Trial, task: TaskFacts) -> Params:
    """Nothing to tune."""
    return {}


class EstimatorModel:
    """A scikit-learn estimator as a model; `from_estimator` makes its subclasses."""

    card: ClassVar[ModelCard]
    default: ClassVar[Params] = {}
    classifier: ClassVar[Any] = None
    regressor: ClassVar[Any] = None
    standardises: ClassVar[bool] = True

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        """Nothing to tune unless a space is given."""
        return {}

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> None:
        """Make the estimator with `params` as its arguments and fit it on train; valid is not looked at."""
        self.n_classes = context.task.n_classes
        self.center, self.scale = 0.0, 1.0
        y: Array = train.y
        self.present = np.unique(y) if self.n_classes else np.empty(0)
        if len(self.present) == 1:  # most classifiers refuse a single class
            return
        if not self.n_classes and self.standardises:
            self.center, self.scale = float(y.mean()), float(y.std()) or 1.0
            y = (y - self.center) / self.scale
        made = _class_of(self.classifier if self.n_classes else self.regressor)(**params)
        offered = made.get_params()
        given: dict[str, int] = {"random_state": context.seed}
        if context.n_threads > 1 or offered.get("n_jobs") is not None:  # None is one; LogisticRegression warns of 1
            given["n_jobs"] = context.n_threads
        made.set_params(**{name: value for name, value in given.items() if name in offered and name not in params})
        self.estimator = made.fit(train.X, y)

    def predict(self, X: pd.DataFrame) -> FloatArray:
        """Numbers in the target's unit, or a column of probabilities for each of the task's classes."""
        if not self.n_classes:
            prediction = np.asarray(self.estimator.predict(X), dtype=np.float64)
            return prediction.reshape(len(X)) * self.scale + self.center
        probabilities = np.zeros((len(X), self.n_classes))
        single = len(self.present) == 1
        probabilities[:, self.present] = 1.0 if single else self.estimator.predict_proba(X)
        return probabilities


def from_estimator(
    classifier: type | str | None = None,
    regressor: type | str | None = None,
    *,
    name: str,
    space: Space = no_space,
    default: Params | None = None,
    reads: Reads = NUMBERS_ONLY,
    **more: Any,
) -> type[Model]:
    """A model class around one scikit-learn estimator, or a pair of them.

    Instances pickle when the plugin keeps the class as `MODEL` at module level. `random_state` and `n_jobs` are
    set where the estimator has them. The regression target is standardised for fitting and predictions are
    scaled back.

    Args:
        classifier: Has `predict_proba`. A class, or its import path, which costs nothing until a fit needs it.
        regressor: The same for numbers.
        name: The model's name, which is that of its file.
        space: Draws arguments of the estimator.
        default: Arguments of trial 0.
        reads: In which form the estimator wants its columns.
        more: Other fields of `ModelCard` (title, family, paper …), or `standardises=False` for a regressor that
            needs the target as it is (Poisson, gamma).

    Raises:
        PluginError: If neither a classifier nor a regressor is given.

    >>> from tabbench.estimator import from_estimator
    >>> MODEL = from_estimator(regressor="sklearn.linear_model.Ridge", name="ridge", default={"alpha": 1.0})
    >>> sorted(MODEL.card.task_types)
    [<TaskType.REGRESSION: 'regression'>]
    """
    given = [estimator for estimator in (classifier, regressor) if estimator is not None]
    if not given:
        raise PluginError(f"from_estimator (model {name!r}) needs a classifier, a regressor, or both.")
    types = frozenset({BINARY, MULTICLASS} if classifier else ()) | frozenset({REGRESSION} if regressor else ())
    libraries = {estimator if isinstance(estimator, str) else estimator.__module__ for estimator in given}
    standardises = more.pop("standardises", True)
    about: dict[str, Any] = {
        "title": name.replace("_", " ").capitalize(),
        "family": Family.OTHER,
        "requires": tuple(sorted({library.partition(".")[0] for library in libraries})),
        "stops_itself": False,
    }
    members = {
        "card": ModelCard(name=name, task_types=types, reads=reads, **(about | more)),
        "default": dict(default or {}),
        "classifier": classifier,
        "regressor": regressor,
        "standardises": standardises,
        "space": staticmethod(space),
        "__module__": sys._getframe(1).f_globals["__name__"],  # where pickle looks for MODEL
        "__qualname__": "MODEL",
    }
    return type(name, (EstimatorModel,), members)


def _class_of(estimator: Any) -> Any:
    if not isinstance(estimator, str):
        return estimator
    module, _, name = estimator.rpartition(".")
    return getattr(importlib.import_module(module), name)
