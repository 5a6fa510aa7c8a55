"""Predict the class shares, or the mean, of the train rows: what every model must beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tabbench.model import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    Context,
    Family,
    Kind,
    Model,
    ModelCard,
    Params,
    Part,
    Reads,
    TaskFacts,
)

if TYPE_CHECKING:
    import optuna
    import pandas as pd

    from tabbench.task import FloatArray


class Constant:
    card: ClassVar[ModelCard] = ModelCard(
        name="constant",
        title="Constant",
        family=Family.BASELINE,
        kind=Kind.BASELINE,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(),
        paper="The sample mean minimises squared error, class shares minimise log loss, over all constants.",
        code="tabbench",
        licence="Apache-2.0",
        space_source="nothing to tune",
    )
    default: ClassVar[Params] = {}

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {}

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> None:
        if context.task.type is REGRESSION:
            self.value = np.asarray(train.y.mean(), dtype=np.float64)
        else:
            self.value = np.bincount(train.y, minlength=context.task.n_classes) / len(train.y)

    def predict(self, X: pd.DataFrame) -> FloatArray:
        return np.tile(self.value, (len(X), 1)) if self.value.ndim else np.full(len(X), self.value)


MODEL: type[Model] = Constant
