"""A multilayer perceptron with embeddings for categories, dropout and early stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
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
    from torch import Tensor

    from tabbench.task import FloatArray


class MLP:
    card: ClassVar[ModelCard] = ModelCard(
        name="mlp",
        title="MLP",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.CODES, missing=Missing.IMPUTE, numeric=Numeric.QUANTILE),
        paper="Gorishniy, Rubachev, Khrulkov, Babenko (2021). Revisiting deep learning models for tabular data",
        code="tabbench, from the paper",
        licence="Apache-2.0",
        requires=("torch",),
        extra="network",
        space_version=2,
        space_source=(
            "Gorishniy et al. (2021), its space for Adult; batch 256 and patience 16 from Gorishniy et al. (2024). "
            "Departs: one width for all layers (mlp_rtdl has three)"
        ),
        smoke={"n_blocks": 1, "d_block": 64},
    )
    default: ClassVar[Params] = {
        "n_blocks": 2,
        "d_block": 128,
        "d_embedding": 16,
        "dropout": 0.1,
        "learning_rate": 1e-3,
        "weight_decay": 1e-5,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        drops = trial.suggest_categorical("drops", [False, True])
        decays = trial.suggest_categorical("decays", [False, True])
        return {
            "n_blocks": trial.suggest_int("n_blocks", 1, 8),
            "d_block": trial.suggest_int("d_block", 1, 512),
            "d_embedding": trial.suggest_int("d_embedding", 64, 512),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5) if drops else 0.0,
            "learning_rate": trial.suggest_float("learning_rate", 1e-5, 1e-2, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-3, log=True) if decays else 0.0,
        }

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        from tabbench_models._mlp_net import MLPNetwork
        from tabbench_models._network_trainer import Schedule, private_torch, train_network

        self.targets, self.n_threads = Targets(train.y, context), context.n_threads
        if self.targets.is_constant:
            return None
        self.categorical = [c.name for c in context.columns if c.is_categorical]
        with private_torch(context.seed, context.n_threads, context.device):
            self.network = MLPNetwork(
                n_numbers=train.X.shape[1] - len(self.categorical),
                levels=[c.n_levels for c in context.columns if c.is_categorical],
                d_embedding=params["d_embedding"],
                n_blocks=params["n_blocks"],
                d_block=params["d_block"],
                dropout=params["dropout"],
                n_outputs=self.targets.n_classes or 1,
            )
            return train_network(
                self.network,
                (self._tensors(train.X), train.y),
                None if valid is None else (self._tensors(valid.X), valid.y),
                self.targets,
                Schedule(params["learning_rate"], params["weight_decay"]),
                context,
            )

    def predict(self, X: pd.DataFrame) -> FloatArray:
        from tabbench_models._network_trainer import predict_network, private_torch

        if self.targets.is_constant:
            return self.targets.constant(len(X))
        with private_torch(None, self.n_threads, "cpu"):
            return predict_network(self.network, self._tensors(X), self.targets)

    def _tensors(self, X: pd.DataFrame) -> tuple[Tensor, Tensor]:
        """Numbers (n_rows, n_numbers) and codes (n_rows, n_categorical)."""
        import torch

        numbers = X.drop(columns=self.categorical).to_numpy(dtype=np.float32, copy=True)
        codes = X[self.categorical].to_numpy(dtype=np.int64, copy=True)
        return torch.from_numpy(numbers), torch.from_numpy(codes)


MODEL: type[Model] = MLP
