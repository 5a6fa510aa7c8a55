"""Batch normalisation over virtual batches that bears small tables."""

from __future__ import annotations

from typing import NamedTuple

import torch  # noqa: TID253  imported by the `fit` of networks only
from torch import Tensor, nn  # noqa: TID253  the same

MOMENTUM = 0.02
"""Share of the newest virtual batch in the running statistics, in the authors' code of TabNet and of DANet."""


class Ghosts(NamedTuple):
    """Rows of a virtual batch, and its share in the running statistics."""

    virtual_rows: int
    momentum: float


def ghosts(virtual_rows: int, batch_rows: int, n_rows: int) -> Ghosts:
    """The published ones; on a small table running statistics reach back one epoch, not dozens.

    >>> ghosts(128, 1024, 100_000), ghosts(128, 32, 128)
    (Ghosts(virtual_rows=128, momentum=0.02), Ghosts(virtual_rows=128, momentum=0.25))
    """
    return Ghosts(virtual_rows, min(1.0, max(MOMENTUM, min(virtual_rows, batch_rows) / n_rows)))


class GhostNorm(nn.Module):
    """Ghost batch normalisation (Hoffer, Hubara, Soudry 2017, algorithm 1) of (n_rows, n_units).

    Where the usual layer fails on small tables, this one does not: a batch of one row is normalised with the running
    statistics, no virtual batch is smaller than `virtual_rows`, and running statistics are plain averages at first, so
    that they can be used after the first step.

    Args:
        n_units: Columns.
        ghosts: Virtual batches.
    """

    mean: Tensor
    variance: Tensor
    n_seen: Tensor

    def __init__(self, n_units: int, ghosts: Ghosts) -> None:
        super().__init__()
        self.virtual_rows, self.momentum = ghosts
        self.weight = nn.Parameter(torch.ones(n_units))
        self.bias = nn.Parameter(torch.zeros(n_units))
        self.register_buffer("mean", torch.zeros(n_units))
        self.register_buffer("variance", torch.ones(n_units))
        self.register_buffer("n_seen", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        if not self.training or len(x) == 1:
            return torch.nn.functional.batch_norm(x, self.mean, self.variance, self.weight, self.bias)
        parts = torch.tensor_split(x, max(1, len(x) // self.virtual_rows))
        return torch.cat([self._normalised(part) for part in parts])

    def _normalised(self, x: Tensor) -> Tensor:
        self.n_seen += 1
        share = max(self.momentum, 1.0 / float(self.n_seen))
        return torch.nn.functional.batch_norm(
            x, self.mean, self.variance, self.weight, self.bias, training=True, momentum=share
        )
