"""A multilayer perceptron with a width of its own for each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench_models._flat_input import FlatInput
from torch import Tensor, nn  # noqa: TID253  imported by the `fit` of mlp_rtdl only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench_models._network_model import Widths


class RtdlMLPNetwork(nn.Module):
    """Section 3.1 of Gorishniy et al. (2021): MLP(x) = Linear(Block(…Block(x))), Block(x) = Dropout(ReLU(Linear(x))).

    Args:
        widths: Of the table.
        layers: Width of each hidden layer.
        d_embedding: Width of a category's embedding.
        dropout: Share of units silenced in training.
    """

    def __init__(self, widths: Widths, layers: Sequence[int], d_embedding: int, dropout: float) -> None:
        super().__init__()
        self.flat = FlatInput(widths, d_embedding)
        blocks: list[nn.Module] = []
        d_in = self.flat.d_out
        for d_block in layers:
            blocks += [nn.Linear(d_in, d_block), nn.ReLU(), nn.Dropout(dropout)]
            d_in = d_block
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(d_in, widths.n_outputs)

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers) and int64 codes (n_rows, n_codes)."""
        out: Tensor = self.head(self.blocks(self.flat(numbers, codes)))
        return out
