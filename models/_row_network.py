"""Fit and predict a network that is built from the rows it is fitted on; a model adds its card, space and network.

Importing this does not import torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from tabbench_models._targets import Targets

from tabbench.model import Categorical, Context, ModelCard, Params, Part, Training

if TYPE_CHECKING:
    import pandas as pd
    from tabbench_models._network_trainer import Schedule
    from torch import Tensor, nn

    from tabbench.task import FloatArray

LEAST_BATCH_ROWS = 32
LEAST_STEPS = 8
"""Steps of the optimiser in an epoch, where the table has the rows for it."""


@dataclass(frozen=True, eq=False)
class Shape:
    """What a network is built for.

    Attributes:
        inputs: The train rows: numbers (n_rows, n_numbers), and codes (n_rows, n_codes) where the card reads codes.
        levels: Codes of each categorical column, 0..n_levels-1.
        n_outputs: Logits, or 1.
    """

    inputs: tuple[Tensor, ...]
    levels: tuple[int, ...]
    n_outputs: int

    @property
    def n_rows(self) -> int:
        """Train rows."""
        return len(self.inputs[0])

    @property
    def n_numbers(self) -> int:
        """Numeric columns."""
        return self.inputs[0].shape[1]


def batch_rows(published: int, n_rows: int) -> int:
    """The published batch, or an eighth of a table that is smaller than eight of them.

    Published batches are for large tables: one step an epoch would end by patience before anything is learned.

    >>> [batch_rows(1024, n) for n in (100, 1000, 100_000)]
    [32, 125, 1024]
    """
    return min(published, max(LEAST_BATCH_ROWS, n_rows // LEAST_STEPS))


class RowNetwork:
    """A plugin whose `build` makes a torch network and whose `schedule` says how it is trained."""

    card: ClassVar[ModelCard]

    def build(self, params: Params, shape: Shape, context: Context) -> nn.Module:
        """The network, ready to be trained; called with torch's chance seeded."""
        raise NotImplementedError

    def schedule(self, params: Params, n_rows: int) -> Schedule:
        """How it is trained on so many rows."""
        raise NotImplementedError

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        from tabbench_models._network_trainer import private_torch, train_network

        self.targets, self.n_threads = Targets(train.y, context), context.n_threads
        if self.targets.is_constant:
            return None
        self.categorical = [c.name for c in context.columns if c.is_categorical]
        levels = tuple(c.n_levels for c in context.columns if c.is_categorical)
        with private_torch(context.seed, context.n_threads, context.device):
            inputs = self._tensors(train.X)
            self.network = self.build(params, Shape(inputs, levels, self.targets.n_classes or 1), context)
            return train_network(
                self.network,
                (inputs, train.y),
                None if valid is None else (self._tensors(valid.X), valid.y),
                self.targets,
                self.schedule(params, len(train.y)),
                context,
            )

    def predict(self, X: pd.DataFrame) -> FloatArray:
        from tabbench_models._network_trainer import predict_network, private_torch

        if self.targets.is_constant:
            return self.targets.constant(len(X))
        with private_torch(None, self.n_threads, "cpu"):
            return predict_network(self.network, self._tensors(X), self.targets)

    def _tensors(self, X: pd.DataFrame) -> tuple[Tensor, ...]:
        """Numbers (n_rows, n_numbers), and codes (n_rows, n_codes) where the card reads codes."""
        import torch

        numbers = torch.from_numpy(X.drop(columns=self.categorical).to_numpy(dtype=np.float32, copy=True))
        if self.card.reads.categorical is not Categorical.CODES:
            return (numbers,)
        return numbers, torch.from_numpy(X[self.categorical].to_numpy(dtype=np.int64, copy=True))
