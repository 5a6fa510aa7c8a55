"""Fit and predict a network that takes numbers and codes; a model adds its card, space and network.

Importing this does not import torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from tabbench_models._targets import Targets

from tabbench.model import Categorical, Context, Missing, ModelCard, Numeric, Params, Part, Reads, Training

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from tabbench_models._network_trainer import Schedule
    from torch import Tensor, nn

    from tabbench.task import FloatArray

LEAST_BATCH_ROWS = 32
LEAST_STEPS = 8
"""Steps of the optimiser in an epoch, where the table has the rows for it."""
READS = Reads(categorical=Categorical.CODES, missing=Missing.IMPUTE, numeric=Numeric.QUANTILE)
"""Numbers as normal quantiles, categories as codes: what Gorishniy et al. (2021) gave their networks."""


@dataclass(frozen=True)
class Widths:
    """What a network must know of a table.

    Attributes:
        n_numbers: Numeric columns, those that mark missing values too.
        levels: Codes of each categorical column, 0..n_levels-1.
        n_outputs: Logits; 1 for a number.
        n_rows: Train rows.
    """

    n_numbers: int
    levels: tuple[int, ...]
    n_outputs: int
    n_rows: int = 0


def batch_rows(published: int, n_rows: int) -> int:
    """The published batch, or an eighth of a table that is smaller than eight of them.

    Published batches are for large tables: one step an epoch would end by patience before anything is learned.

    >>> [batch_rows(1024, n) for n in (100, 1000, 100_000)]
    [32, 125, 1024]
    """
    return min(published, max(LEAST_BATCH_ROWS, n_rows // LEAST_STEPS))


class NetworkModel:
    """`fit` and `predict` for `reads` without gaps; a subclass says `network` and `schedule`.

    Attributes:
        binary_outputs: Logits for two classes, 1 or 2, as the authors have it.
    """

    card: ClassVar[ModelCard]
    binary_outputs: ClassVar[int] = 1

    def network(self, widths: Widths, params: Params) -> nn.Module:
        """An untrained network: forward(numbers, codes), or forward(numbers) without codes, gives (n_rows, n_outputs).

        Called with torch's chance seeded.
        """
        raise NotImplementedError

    def schedule(self, widths: Widths, params: Params) -> Schedule:
        """How it is trained."""
        from tabbench_models._network_trainer import Schedule

        return Schedule(params["learning_rate"], params["weight_decay"])

    def start(self, inputs: Sequence[Tensor], params: Params, context: Context) -> None:
        """What `self.trained` learns from the train rows before it sees a target: by default nothing."""

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        from tabbench_models._network_trainer import private_torch, train_network

        self.targets, self.n_threads = Targets(train.y, context), context.n_threads
        if self.targets.is_constant:
            return None
        self.categorical = [c.name for c in context.columns if c.is_categorical]
        widths = Widths(
            n_numbers=train.X.shape[1] - len(self.categorical),
            levels=tuple(c.n_levels for c in context.columns if c.is_categorical),
            n_outputs=self.binary_outputs if self.targets.n_classes == 2 else max(1, self.targets.n_classes),
            n_rows=len(train.y),
        )
        with private_torch(context.seed, context.n_threads, context.device):
            inputs = self._tensors(train.X)
            self.trained = self.network(widths, params)
            self.start(inputs, params, context)
            return train_network(
                self.trained,
                (inputs, train.y),
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

    def _tensors(self, X: pd.DataFrame) -> tuple[Tensor, ...]:
        """Numbers (n_rows, n_numbers), and codes (n_rows, n_codes) where the card reads codes."""
        import torch

        numbers = torch.from_numpy(X.drop(columns=self.categorical).to_numpy(dtype=np.float32, copy=True))
        if self.card.reads.categorical is not Categorical.CODES:
            return (numbers,)
        return numbers, torch.from_numpy(X[self.categorical].to_numpy(dtype=np.int64, copy=True))
