"""A network for each number, a table for each category, and their sum."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import torch  # noqa: TID253  imported by the `fit` of nam only
from tabbench_models._code_embedding import CodeEmbedding
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_models._network_model import Widths

D_SECOND, D_THIRD = 64, 32
"""Units of the second and third hidden layer of a column's network, in the authors' code."""
CHUNK_NUMBERS = 2**22
"""Units of first layers that are held at once when it predicts."""


def glorot(weights: Tensor, fan: int) -> Tensor:
    """Glorot's uniform distribution: ±√(6 / (units in + units out))."""
    bound = (6 / fan) ** 0.5
    return weights.uniform_(-bound, bound)


class ShapeFunctions(nn.Module):
    """f_i of every number: hidden layers of `n_units`, 64 and 32, a linear end without bias.

    Each counts one n-th, n being the number of columns: Adam moves the networks of all columns by as much at once, so
    that a plain sum overshoots n-fold: with the authors' learning rate 30 columns are for long worse than chance.

    The first layer is of ExU units (section 2.1 of the paper), h(x) = min(1, max(0, e^w (x − b))) with w from
    N(4, 0.5²), or of ordinary ones, h(x) = max(0, w (x − b)). Drawn as in the authors' code.
    """

    def __init__(self, n_numbers: int, kind: str, n_units: int, dropout: float, n_outputs: int) -> None:
        super().__init__()
        self.is_exu = kind == "exu"
        self.dropout = nn.Dropout(dropout)
        first = torch.empty(n_numbers, n_units)
        self.weight = nn.Parameter(
            nn.init.trunc_normal_(first, 4.0, 0.5, 3.0, 5.0) if self.is_exu else glorot(first, 1 + n_units)
        )
        self.center = nn.Parameter(nn.init.trunc_normal_(torch.empty(n_numbers, n_units), 0.0, 0.5, -1.0, 1.0))
        sizes = itertools.pairwise([n_units, D_SECOND, D_THIRD, n_outputs])
        self.weights = nn.ParameterList(glorot(torch.empty(n_numbers, a, b), a + b) for a, b in sizes)
        self.biases = nn.ParameterList(torch.zeros(n_numbers, 1, d) for d in (D_SECOND, D_THIRD))

    def forward(self, numbers: Tensor) -> Tensor:
        """Shape (n_rows, n_numbers, n_outputs)."""
        centered = numbers.T[:, :, None] - self.center[:, None]
        weight = self.weight[:, None]
        hidden = (weight.exp() * centered).clamp(0, 1) if self.is_exu else (weight * centered).relu()
        for matrix, bias in zip(list(self.weights)[:-1], self.biases, strict=True):
            hidden = torch.baddbmm(bias, self.dropout(hidden), matrix).relu()
        return torch.bmm(self.dropout(hidden), self.weights[-1]).transpose(0, 1) / max(1, numbers.shape[1])

    def undecayed(self) -> Iterator[nn.Parameter]:
        """Weights whose exponential counts, centers and biases: their 0 means nothing."""
        yield from (self.weight, self.center, *self.biases)


class NAMNetwork(nn.Module):
    """Equation 1 of Agarwal et al. (2020): g(E[y]) = β + Σ f_i(x_i).

    Args:
        widths: Of the table.
        kind: Of the first layer's units, "exu" or "relu".
        n_units: Of the first layer.
        dropouts: Of hidden units, and of whole columns, in training.
        output_penalty: λ₁ of the paper's equation 3, on the mean square of all f_i(x_i).
    """

    def __init__(
        self, widths: Widths, kind: str, n_units: int, dropouts: tuple[float, float], output_penalty: float
    ) -> None:
        super().__init__()
        n_outputs = widths.n_outputs
        self.shapes = ShapeFunctions(widths.n_numbers, kind, n_units, dropouts[0], n_outputs)
        self.tables = CodeEmbedding(widths.levels, n_outputs, bound=0.1) if widths.levels else None
        self.feature_dropout = nn.Dropout1d(dropouts[1])
        self.bias = nn.Parameter(torch.zeros(n_outputs))
        self.output_penalty = output_penalty
        self.predict_rows = max(16, CHUNK_NUMBERS // (n_units * max(1, widths.n_numbers)))
        self._penalty = torch.zeros(())

    def undecayed(self) -> Iterator[nn.Parameter]:
        """What the shape functions spare."""
        return self.shapes.undecayed()

    def contributions(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """f_i(x_i), shape (n_rows, n_columns, n_outputs), numbers first."""
        parts = self.shapes(numbers)
        return parts if self.tables is None else torch.cat([parts, self.tables(codes)], dim=1)

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers) and int64 codes (n_rows, n_codes)."""
        parts = self.contributions(numbers, codes)
        if self.training:
            self._penalty = self.output_penalty * parts.square().mean()
        out: Tensor = self.feature_dropout(parts).sum(dim=1) + self.bias
        return out

    def penalty(self) -> Tensor:
        """Of the outputs of the last training batch; asked for once, so that no graph outlives its batch."""
        penalty, self._penalty = self._penalty, torch.zeros(())
        return penalty
