"""A factorisation machine and a multilayer perceptron that share their embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch  # noqa: TID253  imported by the `fit` of deepfm only
from tabbench_models._code_embedding import CodeEmbedding
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench_models._network_model import Widths

SPREAD = 0.01
"""Vectors and weights of fields are drawn uniformly from ±0.01: sums over all pairs of many fields must start small."""


class DeepFMNetwork(nn.Module):
    """Guo et al. (2017): y = y_FM + y_DNN (equation 1), before the sigmoid.

    y_FM = ⟨w, x⟩ + Σ_{i<j} ⟨V_i, V_j⟩ x_i x_j (equation 2), with x_i of a number its value and of a category 1; the
    DNN reads all V_i x_i side by side (equations 3 and 4). The sum over pairs is ½ ((Σ V_i x_i)² − Σ (V_i x_i)²), added
    over the k parts of the vectors. Several classes, which the paper has not, each weigh those k parts their own way.

    Args:
        widths: Of the table.
        d_embedding: Length k of the vectors V_i.
        layers: Units of each hidden layer of the DNN.
        dropout: After each of them.
    """

    def __init__(self, widths: Widths, d_embedding: int, layers: Sequence[int], dropout: float) -> None:
        super().__init__()
        n_fields = widths.n_numbers + len(widths.levels)
        n_outputs = widths.n_outputs
        self.number_vectors = nn.Parameter(torch.empty(widths.n_numbers, d_embedding).uniform_(-SPREAD, SPREAD))
        self.code_vectors = CodeEmbedding(widths.levels, d_embedding, SPREAD) if widths.levels else None
        self.number_weights = nn.Parameter(torch.empty(widths.n_numbers, n_outputs).uniform_(-SPREAD, SPREAD))
        self.code_weights = CodeEmbedding(widths.levels, n_outputs, SPREAD) if widths.levels else None
        self.class_weights = nn.Parameter(torch.ones(d_embedding, n_outputs)) if n_outputs > 1 else None
        blocks: list[nn.Module] = []
        d_in = n_fields * d_embedding
        for d_block in layers:
            blocks += [nn.Linear(d_in, d_block), nn.ReLU(), nn.Dropout(dropout)]
            d_in = d_block
        self.deep = nn.Sequential(*blocks, nn.Linear(d_in, n_outputs))

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers) and int64 codes (n_rows, n_codes)."""
        vectors = numbers[:, :, None] * self.number_vectors
        if self.code_vectors is not None:
            vectors = torch.cat([vectors, self.code_vectors(codes)], dim=1)
        out: Tensor = self.linear(numbers, codes) + self.pairs(vectors) + self.deep(vectors.flatten(1))
        return out

    def linear(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """⟨w, x⟩, shape (n_rows, n_outputs) or broadcast to it."""
        out = numbers @ self.number_weights
        if self.code_weights is not None:
            out = out + self.code_weights(codes).sum(dim=1)
        return out

    def pairs(self, vectors: Tensor) -> Tensor:
        """The sum over pairs of fields, from vectors (n_rows, n_fields, k): (n_rows, n_outputs)."""
        parts = 0.5 * (vectors.sum(dim=1).square() - vectors.square().sum(dim=1))
        return parts.sum(dim=1, keepdim=True) if self.class_weights is None else parts @ self.class_weights
