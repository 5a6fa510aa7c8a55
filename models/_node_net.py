"""Layers of differentiable oblivious trees, each reading what those before it said."""

from __future__ import annotations

import torch  # noqa: TID253  imported by the `fit` of node only
from tabbench_models._entmax import entmax15, entmoid15
from torch import Tensor, nn  # noqa: TID253  the same

TINY = 1e-6


class ObliviousTrees(nn.Module):
    """Equations 1 to 4 of Popov, Morozov, Babenko (2020): all nodes of a level share one soft cut.

    Args:
        n_inputs: Columns.
        n_trees: Trees side by side.
        depth: Levels; a tree has 2**depth leaves.
        d_tree: Numbers in a leaf.
    """

    def __init__(self, n_inputs: int, n_trees: int, depth: int, d_tree: int) -> None:
        super().__init__()
        self.n_trees, self.depth = n_trees, depth
        self.choice = nn.Parameter(torch.rand(n_trees * depth, n_inputs))
        self.response = nn.Parameter(torch.randn(n_trees, 2**depth, d_tree))
        self.thresholds = nn.Parameter(torch.zeros(n_trees * depth))
        self.log_temperatures = nn.Parameter(torch.zeros(n_trees * depth))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n_rows, n_trees, d_tree)."""
        return self._answers(self._values(x))

    def _answers(self, values: Tensor) -> Tensor:
        """What the trees say, a leaf's share being that of its upper levels times that of its lower ones.

        The shares of all leaves are never held: of depth 6 there are 8 upper and 8 lower ones for 64 leaves.
        """
        cuts = (values - self.thresholds[:, None]) * torch.exp(-self.log_temperatures)[:, None]
        right = entmoid15(cuts).view(self.n_trees, self.depth, -1)
        upper, lower = _leaf_shares(right[:, : self.depth // 2]), _leaf_shares(right[:, self.depth // 2 :])
        # (n_trees, n_upper * d_tree, n_lower) times (n_trees, n_lower, n_rows)
        below = torch.bmm(self.response.view(self.n_trees, lower.shape[1], -1).transpose(1, 2), lower)
        answers = below.view(self.n_trees, upper.shape[1], -1, values.shape[1]) * upper[:, :, None]
        return answers.sum(dim=1).permute(2, 0, 1)

    @torch.no_grad()
    def start_from(self, x: Tensor) -> Tensor:
        """Section 3.1: thresholds are drawn from the values, and temperatures let every value be between the leaves.

        Returns:
            What the trees then answer to x.
        """
        values = self._values(x)
        drawn = torch.randint(len(x), (len(values), 1))
        self.thresholds.copy_(values.gather(1, drawn)[:, 0])
        self.log_temperatures.copy_(((values - self.thresholds[:, None]).abs().amax(dim=1) + TINY).log())
        return self._answers(values)

    def _values(self, x: Tensor) -> Tensor:
        """What each level of each tree looks at, (n_trees * depth, n_rows): rows lie together in memory."""
        return entmax15(self.choice) @ x.T


def _leaf_shares(right: Tensor) -> Tensor:
    """The share of each leaf, (n_trees, 2**n_levels, n_rows), from each level's share to the right."""
    leaves = right.new_ones(len(right), 1, right.shape[2])
    for level in range(right.shape[1]):
        share = right[:, level : level + 1]
        leaves = torch.cat([leaves * (1 - share), leaves * share], dim=1)
    return leaves


class NodeNetwork(nn.Module):
    """Section 3.2: densely connected layers of trees; the answer is the mean of all trees' first numbers.

    Args:
        n_numbers: Columns.
        n_layers: Layers.
        n_trees: Trees of a layer.
        depth: Of a tree.
        d_extra: Numbers in a leaf beside those that are the answer; only later layers read them.
        n_outputs: Logits, or 1.
    """

    predict_rows = 256
    """At once: of 1,024 trees of depth 8 what lies between leaves and answers takes a few hundred kilobytes a row."""

    def __init__(self, n_numbers: int, n_layers: int, n_trees: int, depth: int, d_extra: int, n_outputs: int) -> None:
        super().__init__()
        self.n_outputs = n_outputs
        d_tree = n_outputs + d_extra
        self.layers = nn.ModuleList(
            ObliviousTrees(n_numbers + i * n_trees * d_tree, n_trees, depth, d_tree) for i in range(n_layers)
        )

    def forward(self, numbers: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers)."""
        x, trees = numbers, []
        for layer in self.layers:
            trees.append(layer(x))
            x = torch.cat([x, trees[-1].flatten(1)], dim=1)
        return torch.cat(trees, dim=1)[:, :, : self.n_outputs].mean(dim=1)

    @torch.no_grad()
    def start_from(self, numbers: Tensor) -> None:
        """Data-aware start of every layer, from the rows that reach it."""
        x = numbers
        for layer in self.layers:
            assert isinstance(layer, ObliviousTrees)
            x = torch.cat([x, layer.start_from(x).flatten(1)], dim=1)
