"""TabPFN v2: a transformer trained on synthetic tables, which reads train rows as its context.

Hollmann et al. (2025), through the `tabpfn` package with the published v2 weights: an ensemble of 8, temperature 0.9.
The weights are read from the package's folder and are never downloaded by a job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from tabbench_models._tabpfn import missing_weights, weights_folder
from tabbench_models._targets import Targets

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
    Params,
    Part,
    Reads,
    TaskFacts,
)

if TYPE_CHECKING:
    import optuna
    import pandas as pd

    from tabbench.task import Array, FloatArray, TaskType

CLASSIFIER = "tabpfn-v2-classifier-finetuned-zk73skhh.ckpt"
REGRESSOR = "tabpfn-v2-regressor.ckpt"
HUB = "https://huggingface.co/Prior-Labs/TabPFN-v2-{}/resolve/main/{}"


class TabPFNv2:
    card: ClassVar[ModelCard] = ModelCard(
        name="tabpfn_v2",
        title="TabPFN v2",
        family=Family.FOUNDATION,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ORDINAL, missing=Missing.NATIVE),
        paper="Hollmann et al. (2025). Accurate predictions on small data with a tabular foundation model. Nature 637",
        code="https://github.com/PriorLabs/TabPFN",
        licence="Apache-2.0",
        requires=("tabpfn", "torch"),
        extra="tabpfn_v2",
        space_source="the package's defaults; nothing is tuned",
        pretrained_on="synthetic tables; the classifier's weights are called fine-tuned, not said on what",
        weights_licence="Prior Labs License 1.1: Apache-2.0 with a duty to name the maker",
        max_rows=10_000,
        max_columns=500,
        max_classes=10,
        stops_itself=False,
    )
    default: ClassVar[Params] = {"n_ensemble": 8, "softmax_temperature": 0.9}

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {}

    @staticmethod
    def unavailable(task_type: TaskType) -> str | None:
        kind, file = ("reg", REGRESSOR) if task_type is REGRESSION else ("clf", CLASSIFIER)
        return missing_weights(file, HUB.format(kind, file))

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> None:
        import tabpfn
        from tabbench_models._network_trainer import private_torch

        self.targets, self.n_threads = Targets(train.y, context), context.n_threads
        if self.targets.is_constant:
            return
        is_regression = context.task.type is REGRESSION
        self.estimator = (tabpfn.TabPFNRegressor if is_regression else tabpfn.TabPFNClassifier)(
            n_estimators=params["n_ensemble"],
            softmax_temperature=params["softmax_temperature"],
            categorical_features_indices=[i for i, c in enumerate(context.columns) if c.is_categorical],
            model_path=str(weights_folder() / (REGRESSOR if is_regression else CLASSIFIER)),
            device=context.device,
            ignore_pretraining_limits=True,  # the card's are checked before
            random_state=context.seed,
        )
        with private_torch(context.seed, context.n_threads, context.device):
            self.estimator.fit(_matrix(train.X), self.targets.encode(train.y))

    def predict(self, X: pd.DataFrame) -> FloatArray:
        from tabbench_models._network_trainer import private_torch

        if self.targets.is_constant:
            return self.targets.constant(len(X))
        with private_torch(0, self.n_threads, "cpu"):
            answer = self.estimator.predict_proba if self.targets.n_classes else self.estimator.predict
            return self.targets.decode(np.asarray(answer(_matrix(X)), dtype=np.float64))


def _matrix(X: pd.DataFrame) -> Array:
    return X.to_numpy(dtype=np.float64, copy=True)


MODEL: type[Model] = TabPFNv2
