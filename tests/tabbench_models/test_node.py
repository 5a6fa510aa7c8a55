"""NODE's trees against equations 1 to 4 of its paper, written out leaf by leaf."""

from __future__ import annotations

import itertools

import pytest
import torch
from tabbench_models._entmax import entmax15
from tabbench_models._node_net import ObliviousTrees

N_ROWS, N_INPUTS, N_TREES, D_TREE = 5, 4, 3, 2


def leaf_by_leaf(trees: ObliviousTrees, x: torch.Tensor, depth: int) -> torch.Tensor:
    """Equation 4 as it stands: the sum over all leaves of the product of the ways to it."""
    answer = torch.zeros(len(x), N_TREES, D_TREE)
    choice = entmax15(trees.choice).view(N_TREES, depth, N_INPUTS)
    thresholds, logs = trees.thresholds.view(N_TREES, depth), trees.log_temperatures.view(N_TREES, depth)
    for row, tree in itertools.product(range(len(x)), range(N_TREES)):
        cuts = (choice[tree] @ x[row] - thresholds[tree]) / logs[tree].exp()
        ways = entmax15(torch.stack([torch.zeros(depth), cuts], dim=1))  # the left and the right of a level
        for leaf in range(2**depth):
            share = torch.stack([ways[level, leaf >> level & 1] for level in range(depth)]).prod()
            answer[row, tree] += share * trees.response[tree, leaf]
    return answer


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_trees_answer_as_the_paper_has_it(depth: int) -> None:
    torch.manual_seed(4)
    trees = ObliviousTrees(N_INPUTS, N_TREES, depth, D_TREE)
    torch.nn.init.normal_(trees.thresholds)
    torch.nn.init.normal_(trees.log_temperatures)
    x = torch.randn(N_ROWS, N_INPUTS)
    assert trees(x).detach().numpy() == pytest.approx(leaf_by_leaf(trees, x, depth).detach().numpy(), abs=1e-5)


def test_every_value_is_between_the_leaves_at_the_start() -> None:
    torch.manual_seed(4)
    trees = ObliviousTrees(N_INPUTS, N_TREES, 3, D_TREE)
    x = torch.randn(N_ROWS, N_INPUTS)
    answer = trees.start_from(x)
    cuts = (entmax15(trees.choice) @ x.T - trees.thresholds[:, None]) / trees.log_temperatures.exp()[:, None]
    assert cuts.abs().max() <= 1
    assert torch.allclose(answer, trees(x))
