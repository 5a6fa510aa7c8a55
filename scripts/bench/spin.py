"""A model whose every fit takes 50 ms of one core: what is beside it is overhead."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tabbench.model import BINARY, Context, Family, Model, ModelCard, Params, Part, Reads, TaskFacts

if TYPE_CHECKING:
    import optuna
    import pandas as pd

    from tabbench.task import FloatArray

FIT_SECONDS = 0.05


class Spin:
    card: ClassVar[ModelCard] = ModelCard(
        name="spin", title="Spin", family=Family.OTHER, task_types=frozenset({BINARY}), reads=Reads()
    )
    default: ClassVar[Params] = {"tilt": 0.0, "a": 0.5, "b": 0.5, "c": 1}

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "tilt": trial.suggest_float("tilt", -1, 1),
            "a": trial.suggest_float("a", 1e-3, 1, log=True),
            "b": trial.suggest_float("b", 0, 1),
            "c": trial.suggest_int("c", 1, 10),
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> None:
        end = time.perf_counter() + FIT_SECONDS
        self.tilt = float(params["tilt"])
        while time.perf_counter() < end:
            pass

    def predict(self, X: pd.DataFrame) -> FloatArray:
        score = 1 / (1 + np.exp(-self.tilt * (X["x0"].to_numpy() - 14)))
        return np.column_stack([1 - score, score])


MODEL: type[Model] = Spin
