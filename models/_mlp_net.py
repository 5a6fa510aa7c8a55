"""A multilayer perceptron with an embedding for each categorical column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch  # noqa: TID253  imported by the `fit` of mlp only
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from collections.abc import Sequence


class MLPNetwork(nn.Module):
    """Equation 1 of Gorishniy et al. (2021): blocks of linear, ReLU, dropout, then a linear head.

    Args:
        n_numbers: Numeric columns.
        levels: Codes of each categorical column, 0..n_levels-1.
        d_embedding: Width of an embedding; a column of few levels gets no more than its levels.
        n_blocks: Hidden layers.
        d_block: Their width.
        dropout: Share of units silenced in training.
        n_outputs: Logits, or 1.
    """

    def __init__(
        self,
        n_numbers: int,
        levels: Sequence[int],
        d_embedding: int,
        n_blocks: int,
        d_block: int,
        dropout: float,
        n_outputs: int,
    ) -> None:
        super().__init__()
        widths = [min(d_embedding, n_levels) for n_levels in levels]
        tables = [nn.Embedding(n, d) for n, d in zip(levels, widths, strict=True)]
        with torch.no_grad():
            for table in tables:
                table.weight[0] = 0.0  # a level first seen at prediction gets no random vector
        self.embeddings = nn.ModuleList(tables)
        blocks: list[nn.Module] = []
        d_in = n_numbers + sum(widths)
        for _ in range(n_blocks):
            blocks += [nn.Linear(d_in, d_block), nn.ReLU(), nn.Dropout(dropout)]
            d_in = d_block
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(d_in, n_outputs)

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers) and int64 codes (n_rows, n_codes)."""
        parts = [numbers, *(table(codes[:, i]) for i, table in enumerate(self.embeddings))]
        out: Tensor = self.head(self.blocks(torch.cat(parts, dim=1)))
        return out
