"""Multi-head attention between tokens, shared by the transformers of this folder."""

from __future__ import annotations

from torch import Tensor, nn  # noqa: TID253  imported by the `fit` of networks only

CHUNK_NUMBERS = 2**20
"""Numbers of one layer's tokens that are held at once when a transformer predicts: 4 MiB a tensor."""


class Attention(nn.Module):
    """Vaswani et al. (2017), section 3.2.2, with dropout on the attention weights.

    Args:
        d_token: Width of a token, in and out.
        n_heads: Heads.
        dropout: Share of attention weights silenced in training.
        d_head: Width of a head; by default the heads share `d_token`.
        has_bias: Whether queries, keys and values have a bias, which starts at 0.
    """

    def __init__(
        self, d_token: int, n_heads: int, dropout: float, d_head: int | None = None, has_bias: bool = True
    ) -> None:
        super().__init__()
        width = n_heads * (d_head or d_token // n_heads)
        self.n_heads, self.dropout = n_heads, dropout
        self.query, self.key, self.value = (nn.Linear(d_token, width, bias=has_bias) for _ in range(3))
        self.out = nn.Linear(width, d_token)
        for linear in (self.query, self.key, self.value, self.out):
            if linear.bias is not None:
                nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor, asking: Tensor | None = None) -> Tensor:
        """Tokens that hear of the others.

        Args:
            x: Tokens that are looked at, (n_rows, n_tokens, d_token).
            asking: Tokens that look, (n_rows, n_asking, d_token); by default x.

        Returns:
            Shape of those that look.
        """
        q, k, v = self.query(x if asking is None else asking), self.key(x), self.value(x)
        heads = [t.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for t in (q, k, v)]
        dropout = self.dropout if self.training else 0.0
        mixed = nn.functional.scaled_dot_product_attention(heads[0], heads[1], heads[2], dropout_p=dropout)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out


def rows_at_once(n_tokens: int, d_token: int) -> int:
    """Rows that go through a transformer at once when it predicts."""
    return max(16, CHUNK_NUMBERS // (n_tokens * d_token))
