"""A residual network on numbers and embeddings of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench_models._flat_input import FlatInput
from torch import Tensor, nn  # noqa: TID253  imported by the `fit` of resnet only

if TYPE_CHECKING:
    from tabbench_models._network_model import Widths


class ResidualBlock(nn.Module):
    """x + Dropout(Linear(Dropout(ReLU(Linear(BatchNorm(x))))))."""

    def __init__(self, d_block: int, d_hidden: int, dropouts: tuple[float, float]) -> None:
        super().__init__()
        self.inside = nn.Sequential(
            nn.BatchNorm1d(d_block),
            nn.Linear(d_block, d_hidden),
            nn.ReLU(),
            nn.Dropout(dropouts[0]),
            nn.Linear(d_hidden, d_block),
            nn.Dropout(dropouts[1]),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n_rows, d_block), as x."""
        out: Tensor = x + self.inside(x)
        return out


class ResNetNetwork(nn.Module):
    """Section 3.2 of Gorishniy et al. (2021): Prediction(Block(…Block(Linear(x)))).

    Prediction(x) = Linear(ReLU(BatchNorm(x))).

    Args:
        widths: Of the table.
        d_embedding: Width of a category's embedding.
        n_blocks: Residual blocks.
        d_block: Width between blocks.
        d_hidden: Width inside a block.
        dropouts: After the hidden layer of a block, and at its end.
    """

    def __init__(
        self,
        widths: Widths,
        d_embedding: int,
        n_blocks: int,
        d_block: int,
        d_hidden: int,
        dropouts: tuple[float, float],
    ) -> None:
        super().__init__()
        self.flat = FlatInput(widths, d_embedding)
        self.body = nn.Sequential(
            nn.Linear(self.flat.d_out, d_block),
            *(ResidualBlock(d_block, d_hidden, dropouts) for _ in range(n_blocks)),
            nn.BatchNorm1d(d_block),
            nn.ReLU(),
            nn.Linear(d_block, widths.n_outputs),
        )

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers) and int64 codes (n_rows, n_codes)."""
        out: Tensor = self.body(self.flat(numbers, codes))
        return out
