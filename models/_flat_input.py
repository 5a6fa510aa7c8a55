"""Numbers and the embeddings of categories side by side, as one vector a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch  # noqa: TID253  imported by the `fit` of networks only
from tabbench_models._code_embedding import CodeEmbedding
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from tabbench_models._network_model import Widths


class FlatInput(nn.Module):
    """What MLPs start from; embeddings are drawn as Gorishniy et al. (2021) draw them.

    Args:
        widths: Of the table.
        d_embedding: Width of a category's embedding.

    Attributes:
        d_out: Length of the vector.
    """

    def __init__(self, widths: Widths, d_embedding: int) -> None:
        super().__init__()
        self.embedding = CodeEmbedding(widths.levels, d_embedding, bound=d_embedding**-0.5) if widths.levels else None
        self.d_out = widths.n_numbers + d_embedding * len(widths.levels)

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, d_out)."""
        if self.embedding is None:
            return numbers
        return torch.cat([numbers, self.embedding(codes).flatten(1)], dim=1)
