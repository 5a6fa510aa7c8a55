"""A perceptron behind gates that are open or shut at random while it learns."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import torch  # noqa: TID253  imported by the `fit` of stg only
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from collections.abc import Sequence


class StochasticGates(nn.Module):
    """Equations 5 and 6 of Yamada et al. (2020): z = clip(0.5 + mu + noise, 0, 1), one a column.

    Args:
        n_numbers: Columns.
        sigma: Standard deviation of the noise.
        lam: Weight of the share of gates that are expected to be open, in the loss.
        widths: Of the hidden layers, which have tanh.
        n_outputs: Logits, or 1.
    """

    def __init__(self, n_numbers: int, sigma: float, lam: float, widths: Sequence[int], n_outputs: int) -> None:
        super().__init__()
        self.sigma, self.lam = sigma, lam
        self.mu = nn.Parameter(0.01 * torch.randn(n_numbers))
        hidden = [
            layer for n_in, n_out in pairwise([n_numbers, *widths]) for layer in (nn.Linear(n_in, n_out), nn.Tanh())
        ]
        self.perceptron = nn.Sequential(*hidden, nn.Linear(widths[-1], n_outputs))

    def forward(self, numbers: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs); noise is drawn once a batch, as in algorithm 1, and not in prediction."""
        gates = self.mu + self.sigma * torch.randn_like(self.mu) if self.training else self.mu
        answer: Tensor = self.perceptron(numbers * (gates + 0.5).clamp(0, 1))
        return answer

    def penalty(self) -> Tensor:
        """Equation 7, as a mean over columns: the chance of each gate to be open."""
        return self.lam * (0.5 * (1 + torch.erf((self.mu + 0.5) / (self.sigma * math.sqrt(2))))).mean()
