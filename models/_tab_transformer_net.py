"""A transformer on the categories of a row, and an MLP on what it makes of them and the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch  # noqa: TID253  imported by the `fit` of tab_transformer only
from tabbench_models._attention import Attention, rows_at_once
from tabbench_models._code_embedding import CodeEmbedding
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from tabbench_models._network_model import Widths


class Block(nn.Module):
    """Attention, then a feed-forward layer four times as wide; each is added to its input, then normalised."""

    def __init__(self, d_token: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(d_token, n_heads, dropout)
        self.ffn = nn.Sequential(
            nn.Linear(d_token, 4 * d_token), nn.GELU(), nn.Dropout(dropout), nn.Linear(4 * d_token, d_token)
        )
        self.dropout = nn.Dropout(dropout)
        self.norms = nn.ModuleList(nn.LayerNorm(d_token) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n_rows, n_tokens, d_token), as x."""
        x = self.norms[0](x + self.dropout(self.attention(x)))
        out: Tensor = self.norms[1](x + self.dropout(self.ffn(x)))
        return out


class TabTransformerNetwork(nn.Module):
    """Figure 1 and section 2 of Huang et al. (2020).

    The embedding of a level has an eighth that all levels of its column share. Numbers are normalised over the row and
    join the contextual embeddings; an MLP of 4 l and 2 l units answers, l being the length of its input. A table
    without categories is that MLP alone. One or two numbers stay as they are, since normalised over the row they
    would be 0 or a sign.

    Args:
        widths: Of the table.
        d_token: Width of an embedding, a multiple of 8.
        n_blocks: Transformer blocks.
        n_heads: Heads of attention.
        dropout: In the blocks and the MLP.
    """

    def __init__(self, widths: Widths, d_token: int, n_blocks: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        n_codes, d_shared = len(widths.levels), d_token // 8
        self.levels = CodeEmbedding(widths.levels, d_token - d_shared) if n_codes else None
        self.columns = nn.Parameter(torch.randn(n_codes, d_shared)) if n_codes else None
        self.blocks = nn.Sequential(*(Block(d_token, n_heads, dropout) for _ in range(n_blocks if n_codes else 0)))
        self.norm = nn.LayerNorm(widths.n_numbers) if widths.n_numbers > 2 else nn.Identity()
        length = widths.n_numbers + n_codes * d_token
        self.head = nn.Sequential(
            nn.Linear(length, 4 * length),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4 * length, 2 * length),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(2 * length, widths.n_outputs),
        )
        self.predict_rows = rows_at_once(max(1, n_codes), d_token)

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers) and int64 codes (n_rows, n_codes)."""
        parts = [self.norm(numbers)]
        if self.levels is not None and self.columns is not None:
            shared = self.columns.expand(len(codes), -1, -1)
            parts.append(self.blocks(torch.cat([shared, self.levels(codes)], dim=2)).flatten(1))
        out: Tensor = self.head(torch.cat(parts, dim=1))
        return out
