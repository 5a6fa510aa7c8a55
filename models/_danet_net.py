"""DANet: layers that abstract groups of columns, with shortcuts from the raw columns."""

from __future__ import annotations

from dataclasses import dataclass

import torch  # noqa: TID253  imported by the `fit` of danet only
from tabbench_models._entmax import entmax15
from tabbench_models._ghost_norm import GhostNorm, Ghosts
from torch import Tensor, nn  # noqa: TID253  the same

HEAD = (256, 512)
"""Hidden widths of the head in the authors' code."""


@dataclass(frozen=True)
class Groups:
    """Width of a block, whose first layer has half, and into how many groups of columns each layer looks."""

    n_units: int
    k: int


class AbstractLayer(nn.Module):
    """Equations 1 to 5: masks choose k groups of columns, each group is abstracted, the groups are added up.

    A mask scales the columns before the group's linear map (equation 2), which is the same as scaling the columns of
    its matrix, so that one product does for all groups.
    """

    def __init__(self, n_inputs: int, n_units: int, k: int, ghosts: Ghosts) -> None:
        super().__init__()
        self.k, self.n_units = k, n_units
        self.masks = nn.Parameter(torch.rand(k, n_inputs))
        bound = n_inputs**-0.5
        self.weight = nn.Parameter(torch.empty(k, 2 * n_units, n_inputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(k * 2 * n_units))
        self.norm = GhostNorm(k * 2 * n_units, ghosts)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n_rows, n_units)."""
        chosen = self.weight * entmax15(self.masks)[:, None, :]
        units = self.norm(nn.functional.linear(x, chosen.flatten(0, 1), self.bias))
        gate, value = units.view(len(x), self.k, 2, self.n_units).unbind(2)
        out: Tensor = (gate.sigmoid() * value).relu().sum(dim=1)
        return out


class BasicBlock(nn.Module):
    """Equation 6: two abstract layers, and a shortcut that abstracts the raw columns."""

    def __init__(self, n_inputs: int, n_raw: int, groups: Groups, dropout: float, ghosts: Ghosts) -> None:
        super().__init__()
        width, half, k = groups.n_units, groups.n_units // 2, groups.k
        self.main = nn.Sequential(AbstractLayer(n_inputs, half, k, ghosts), AbstractLayer(half, width, k, ghosts))
        self.shortcut = nn.Sequential(nn.Dropout(dropout), AbstractLayer(n_raw, width, k, ghosts))

    def forward(self, x: Tensor, raw: Tensor) -> Tensor:
        return nn.functional.leaky_relu(self.main(x) + self.shortcut(raw), 0.01)


class DANetwork(nn.Module):
    """Section 4 of Chen et al. (2022).

    Args:
        n_numbers: Columns.
        n_layers: Abstract layers on the main path, two a block.
        groups: Widths.
        dropout: Share of raw columns silenced in training, on shortcuts.
        ghosts: How batches are normalised.
        n_outputs: Logits, or 1.
    """

    def __init__(
        self, n_numbers: int, n_layers: int, groups: Groups, dropout: float, ghosts: Ghosts, n_outputs: int
    ) -> None:
        super().__init__()
        width = groups.n_units
        self.blocks = nn.ModuleList(
            BasicBlock(width if i else n_numbers, n_numbers, groups, dropout, ghosts) for i in range(n_layers // 2)
        )
        first, second = HEAD
        self.head = nn.Sequential(
            nn.Dropout(0.1),
            nn.Linear(width, first),
            nn.ReLU(),
            nn.Linear(first, second),
            nn.ReLU(),
            nn.Linear(second, n_outputs),
        )

    def forward(self, numbers: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers)."""
        x = numbers
        for block in self.blocks:
            x = block(x, numbers)
        answer: Tensor = self.head(x)
        return answer
