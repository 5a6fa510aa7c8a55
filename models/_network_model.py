"""Fit and predict a network that takes numbers and codes; a model adds its card, space and network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tabbench_models._targets import Targets

from tabbench.model import Categorical, Context, Missing, Numeric, Params, Part, Reads, Training

if TYPE_CHECKING:
    import pandas as pd
    from tabbench_models._network_trainer import Schedule
    from torch import Tensor, nn

    from tabbench.task import FloatArray

READS = Reads(categorical=Categorical.CODES, missing=Missing.IMPUTE, numeric=Numeric.QUANTILE)
"""Numbers as normal quantiles, categories as codes: what Gorishniy et al. (2021) gave their networks."""


@dataclass(frozen=True)
class Widths:
    """What a network must know of a table.

    Attributes:
        n_numbers: Numeric columns, those that mark missing values too.
        levels: Codes of each categorical column, 0..n_levels-1.
        n_outputs: Logits, one for two classes; 1 for a number.
    """

    n_numbers: int
    levels: tuple[int, ...]
    n_outputs: int


class NetworkModel:
    """`fit` and `predict` for `reads` with codes and without gaps; a subclass says `network` and `schedule`."""

    def network(self, widths: Widths, params: Params) -> nn.Module:
        """An untrained network: forward(numbers, codes) gives (n_rows, n_outputs)."""
        raise NotImplementedError

    def schedule(self, widths: Widths, params: Params) -> Schedule:
        """How it is trained."""
        from tabbench_models._network_trainer import Schedule

        return Schedule(params["learning_rate"], params["weight_decay"])

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        from tabbench_models._network_trainer import private_torch, train_network

        self.targets, self.n_threads = Targets(train.y, context), context.n_threads
        if self.targets.is_constant:
            return None
        self.categorical = [c.name for c in context.columns if c.is_categorical]
        widths = Widths(
            n_numbers=train.X.shape[1] - len(self.categorical),
            levels=tuple(c.n_levels for c in context.columns if c.is_categorical),
            n_outputs=self.targets.n_classes if self.targets.n_classes > 2 else 1,
        )
        with private_torch(context.seed, context.n_threads, context.device):
            self.trained = self.network(widths, params)
            return train_network(
                self.trained,
                (self._tensors(train.X), train.y),
                None if valid is None else (self._tensors(valid.X), valid.y),
                self.targets,
                self.schedule(widths, params),
                context,
            )

    def predict(self, X: pd.DataFrame) -> FloatArray:
        from tabbench_models._network_trainer import predict_network, private_torch

        if self.targets.is_constant:
            return self.targets.constant(len(X))
        with private_torch(None, self.n_threads, "cpu"):
            return predict_network(self.trained, self._tensors(X), self.targets)

    def _tensors(self, X: pd.DataFrame) -> tuple[Tensor, Tensor]:
        """Numbers (n_rows, n_numbers) and codes (n_rows, n_categorical)."""
        import torch

        numbers = X.drop(columns=self.categorical).to_numpy(dtype=np.float32, copy=True)
        codes = X[self.categorical].to_numpy(dtype=np.int64, copy=True)
        return torch.from_numpy(numbers), torch.from_numpy(codes)
