"""Attention between columns, then between rows, as often as wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch  # noqa: TID253  imported by the `fit` of saint only
from tabbench_models._attention import Attention
from tabbench_models._code_embedding import CodeEmbedding
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from tabbench_models._network_model import Widths

D_NUMBER, D_HEAD_ROWS, D_ANSWER = 100, 64, 1000
"""In the authors' code: hidden units that embed a number, width of a head between rows, hidden units of the answer."""


@dataclass(frozen=True)
class Sizes:
    """Of a SAINT: `d_head` is the width of a head between columns; dropouts are shares silenced in training."""

    depth: int
    d_token: int
    n_heads: int
    d_head: int
    ffn_factor: float
    attention_dropout: float
    ffn_dropout: float


class NumberEmbedding(nn.Module):
    """A small MLP of its own for each number: 1 to 100 to d_token units."""

    def __init__(self, n_numbers: int, d_token: int) -> None:
        super().__init__()
        first, second = 1.0, D_NUMBER**-0.5  # as torch draws a Linear
        self.weight = nn.Parameter(torch.empty(n_numbers, D_NUMBER).uniform_(-first, first))
        self.bias = nn.Parameter(torch.empty(n_numbers, D_NUMBER).uniform_(-first, first))
        self.out_weight = nn.Parameter(torch.empty(n_numbers, D_NUMBER, d_token).uniform_(-second, second))
        self.out_bias = nn.Parameter(torch.empty(n_numbers, d_token).uniform_(-second, second))

    def forward(self, numbers: Tensor) -> Tensor:
        """Shape (n_rows, n_numbers, d_token)."""
        hidden = torch.relu(numbers[:, :, None] * self.weight + self.bias)
        return torch.einsum("rnh,nhd->rnd", hidden, self.out_weight) + self.out_bias


class Stage(nn.Module):
    """Attention, then a GEGLU feed-forward layer. Each takes z = LayerNorm(x) and gives z + f(z).

    So the authors' code; equation 1 of the paper writes x + LayerNorm(f(x)).
    """

    def __init__(self, d: int, d_head: int, sizes: Sizes) -> None:
        super().__init__()
        d_hidden = max(1, int(d * sizes.ffn_factor))
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(2))
        self.attention = Attention(d, sizes.n_heads, sizes.attention_dropout, d_head, has_bias=False)
        self.widen, self.narrow = nn.Linear(d, 2 * d_hidden), nn.Linear(d_hidden, d)
        self.dropout = nn.Dropout(sizes.ffn_dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n_sets, n_members, d), as x: members of a set look at each other."""
        z = self.norms[0](x)
        z = self.norms[1](z + self.attention(z))
        values, gates = self.widen(z).chunk(2, dim=-1)
        out: Tensor = z + self.narrow(self.dropout(values * nn.functional.gelu(gates)))
        return out


class SAINTNetwork(nn.Module):
    """Section 3 of Somepalli et al. (2021), supervised: a class token and all columns as tokens.

    In a block columns of a row look at each other, then whole rows of the batch do. Predictions are made in batches of
    the size of training; a row that is predicted alone sees itself only.

    Args:
        widths: Of the table.
        sizes: Of the network.
        batch_rows: Rows that look at each other when it predicts.
    """

    def __init__(self, widths: Widths, sizes: Sizes, batch_rows: int) -> None:
        super().__init__()
        d = sizes.d_token
        d_row = d * (1 + widths.n_numbers + len(widths.levels))
        self.cls = nn.Parameter(torch.randn(1, 1, d))
        self.categories = CodeEmbedding(widths.levels, d) if widths.levels else None
        self.numbers = NumberEmbedding(widths.n_numbers, d) if widths.n_numbers else None
        self.columns = nn.ModuleList(Stage(d, sizes.d_head, sizes) for _ in range(sizes.depth))
        self.rows = nn.ModuleList(Stage(d_row, D_HEAD_ROWS, sizes) for _ in range(sizes.depth))
        self.head = nn.Sequential(nn.Linear(d, D_ANSWER), nn.ReLU(), nn.Linear(D_ANSWER, widths.n_outputs))
        self.predict_rows = batch_rows

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers) and int64 codes (n_rows, n_codes)."""
        tokens = [self.cls.expand(len(numbers), -1, -1)]
        if self.categories is not None:
            tokens.append(self.categories(codes))
        if self.numbers is not None:
            tokens.append(self.numbers(numbers))
        x = torch.cat(tokens, dim=1)
        for columns, rows in zip(self.columns, self.rows, strict=True):
            x = columns(x)
            x = rows(x.flatten(1)[None])[0].unflatten(1, x.shape[1:])
        out: Tensor = self.head(x[:, 0])
        return out
