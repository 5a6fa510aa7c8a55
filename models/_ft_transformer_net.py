"""The feature tokenizer, and a transformer whose class token answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch  # noqa: TID253  imported by the `fit` of ft_transformer only
from tabbench_models._attention import Attention, rows_at_once
from tabbench_models._code_embedding import CodeEmbedding
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_models._network_model import Widths

N_HEADS = 8
"""In the default and throughout the search of the paper."""


class Dropouts(NamedTuple):
    """Shares silenced in training: of attention weights, of hidden units, of what a block adds."""

    attention: float
    ffn: float
    residual: float


class Tokenizer(nn.Module):
    """Section 3.3, equation for T_j: a vector a column, b_j + x_j W_j of a number and b_j + e_j of a category.

    A class token without bias stands first. All are drawn uniformly from ±1/√d.
    """

    def __init__(self, widths: Widths, d_token: int) -> None:
        super().__init__()
        bound = d_token**-0.5
        self.weight = nn.Parameter(torch.empty(1 + widths.n_numbers, d_token).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(widths.n_numbers + len(widths.levels), d_token).uniform_(-bound, bound))
        self.embedding = CodeEmbedding(widths.levels, d_token, bound) if widths.levels else None

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, 1 + n_numbers + n_codes, d_token)."""
        cls = self.weight[:1].expand(len(numbers), 1, -1)
        tokens = numbers[:, :, None] * self.weight[1:]
        if self.embedding is not None:
            tokens = torch.cat([tokens, self.embedding(codes)], dim=1)
        return torch.cat([cls, tokens + self.bias], dim=1)


class Block(nn.Module):
    """Attention, then a ReGLU feed-forward layer, each on normalised input and added to what came in.

    The first block has no normalisation before its attention: the paper found that this is decisive.
    """

    def __init__(self, d_block: int, d_hidden: int, dropouts: Dropouts, is_first: bool) -> None:
        super().__init__()
        self.attention_norm = nn.Identity() if is_first else nn.LayerNorm(d_block)
        self.attention = Attention(d_block, N_HEADS, dropouts.attention)
        self.ffn_norm = nn.LayerNorm(d_block)
        self.widen, self.narrow = nn.Linear(d_block, 2 * d_hidden), nn.Linear(d_hidden, d_block)
        self.ffn_dropout, self.residual_dropout = nn.Dropout(dropouts.ffn), nn.Dropout(dropouts.residual)

    def forward(self, x: Tensor, n_asking: int) -> Tensor:
        """The first `n_asking` tokens of x, (n_rows, n_asking, d_block), after hearing of all."""
        normed = self.attention_norm(x)
        x = x[:, :n_asking] + self.residual_dropout(self.attention(normed, normed[:, :n_asking]))
        values, gates = self.widen(self.ffn_norm(x)).chunk(2, dim=-1)
        hidden = self.ffn_dropout(values * gates.relu())
        out: Tensor = x + self.residual_dropout(self.narrow(hidden))
        return out


class FTTransformerNetwork(nn.Module):
    """Section 3.3 of Gorishniy et al. (2021); in the last block the class token alone asks.

    Args:
        widths: Of the table.
        n_blocks: Transformer blocks.
        d_block: Width of a token, a multiple of 8.
        d_hidden: Width of the feed-forward layer after gating.
        dropouts: In training.
    """

    def __init__(self, widths: Widths, n_blocks: int, d_block: int, d_hidden: int, dropouts: Dropouts) -> None:
        super().__init__()
        self.tokenizer = Tokenizer(widths, d_block)
        self.blocks = nn.ModuleList(Block(d_block, d_hidden, dropouts, is_first=i == 0) for i in range(n_blocks))
        self.head = nn.Sequential(nn.LayerNorm(d_block), nn.ReLU(), nn.Linear(d_block, widths.n_outputs))
        self.predict_rows = rows_at_once(1 + widths.n_numbers + len(widths.levels), d_block)

    def undecayed(self) -> Iterator[nn.Parameter]:
        """The tokenizer, as in the paper."""
        return self.tokenizer.parameters()

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers) and int64 codes (n_rows, n_codes)."""
        x: Tensor = self.tokenizer(numbers, codes)
        for number, block in enumerate(self.blocks, start=1):
            x = block(x, n_asking=1 if number == len(self.blocks) else x.shape[1])
        out: Tensor = self.head(x[:, 0])
        return out
