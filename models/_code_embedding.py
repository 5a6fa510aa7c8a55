"""Vectors for the codes of categorical columns, where code 0 is missing, unseen or pooled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch  # noqa: TID253  imported by the `fit` of networks only
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from collections.abc import Sequence


class CodeEmbedding(nn.Module):
    """One vector a level of each categorical column, all of one width.

    The vector of code 0 starts at 0, the mean of the others: where train has no missing value it stays there, so that
    a level first seen at prediction is no random one.

    Args:
        levels: Codes of each column, 0..n_levels-1.
        width: Of a vector.
        bound: Vectors are drawn uniformly from ±bound; by default from the normal distribution.
    """

    first: Tensor
    """Shape (n_columns,): where each column's codes start in the table."""

    def __init__(self, levels: Sequence[int], width: int, bound: float | None = None) -> None:
        super().__init__()
        first = torch.tensor([0, *levels]).cumsum(0)
        self.register_buffer("first", first[:-1])
        self.table = nn.Embedding(max(1, int(first[-1])), width)
        if bound is not None:
            nn.init.uniform_(self.table.weight, -bound, bound)
        with torch.no_grad():
            self.table.weight[first[:-1]] = 0.0

    def forward(self, codes: Tensor) -> Tensor:
        """Shape (n_rows, n_columns, width) from int64 codes (n_rows, n_columns)."""
        vectors: Tensor = self.table(codes + self.first)
        return vectors
