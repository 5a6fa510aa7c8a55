"""TabNet's encoder: steps that each attend to a few columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch  # noqa: TID253  imported by the `fit` of tabnet only
from tabbench_models._code_embedding import CodeEmbedding
from tabbench_models._entmax import sparsemax
from tabbench_models._ghost_norm import GhostNorm, Ghosts
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from collections.abc import Sequence

TINY = 1e-15
WHOLE_BATCH = 2**31
"""More rows than a batch has: inputs are normalised over all of it, section 3.1."""


@dataclass(frozen=True)
class Sizes:
    """TabNet's own sizes.

    Attributes:
        n_d: Width of a step's decision; that of its attention is the same.
        n_steps: Decision steps.
        gamma: How freely a column is used in several steps.
        n_independent: Gated units of each step.
        n_shared: Gated units whose weights all steps share.
        d_embedding: Width of an embedding.
        sparsity: Weight of the entropy of the masks in the loss.
    """

    n_d: int
    n_steps: int
    gamma: float
    n_independent: int
    n_shared: int
    d_embedding: int
    sparsity: float


class GatedUnit(nn.Module):
    """Linear, ghost batch normalisation, gated linear unit; the linear layer may be shared by several."""

    def __init__(self, linear: nn.Module, n_units: int, ghosts: Ghosts) -> None:
        super().__init__()
        self.linear = linear
        self.norm = GhostNorm(2 * n_units, ghosts)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.glu(self.norm(self.linear(x)))


class FeatureTransformer(nn.Module):
    """Figure 4c: gated units, those after the first added to what they read and scaled by sqrt(0.5)."""

    def __init__(self, shared: Sequence[nn.Module], n_units: int, n_own: int, ghosts: Ghosts) -> None:
        super().__init__()
        own = [_linear(n_units, n_units) for _ in range(n_own)]
        self.units = nn.ModuleList(GatedUnit(linear, n_units, ghosts) for linear in [*shared, *own])

    def forward(self, x: Tensor) -> Tensor:
        for i, unit in enumerate(self.units):
            x = unit(x) if i == 0 else (x + unit(x)) * 0.5**0.5
        return x


class TabNetNetwork(nn.Module):
    """Section 3 of Arik, Pfister (2021).

    Args:
        n_numbers: Numeric columns.
        levels: Codes of each categorical column, 0..n_levels-1.
        sizes: TabNet's own; at least one gated unit is shared.
        ghosts: How batches are normalised.
        n_outputs: Logits, or 1.
    """

    def __init__(self, n_numbers: int, levels: Sequence[int], sizes: Sizes, ghosts: Ghosts, n_outputs: int) -> None:
        super().__init__()
        self.n_d, self.gamma, self.sparsity = sizes.n_d, sizes.gamma, sizes.sparsity
        self.embedding = CodeEmbedding(levels, sizes.d_embedding)
        n_inputs, n_units = n_numbers + sizes.d_embedding * len(levels), 2 * sizes.n_d
        self.norm = GhostNorm(n_inputs, ghosts._replace(virtual_rows=WHOLE_BATCH))
        shared = [_linear(n_units if i else n_inputs, n_units) for i in range(sizes.n_shared)]
        self.first = FeatureTransformer(shared, n_units, sizes.n_independent, ghosts)
        self.transformers = nn.ModuleList(
            FeatureTransformer(shared, n_units, sizes.n_independent, ghosts) for _ in range(sizes.n_steps)
        )
        self.attentions = nn.ModuleList(
            nn.Sequential(nn.Linear(sizes.n_d, n_inputs, bias=False), GhostNorm(n_inputs, ghosts))
            for _ in range(sizes.n_steps)
        )
        self.head = nn.Linear(sizes.n_d, n_outputs)

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs) from float32 numbers (n_rows, n_numbers) and int64 codes (n_rows, n_codes)."""
        x = self.norm(torch.cat([numbers, self.embedding(codes).flatten(1)], dim=1))
        prior = torch.ones_like(x)
        attended = self.first(x)[:, self.n_d :]
        decision = x.new_zeros(len(x), self.n_d)
        entropy = x.new_zeros(())
        for attention, transformer in zip(self.attentions, self.transformers, strict=True):
            mask = sparsemax(prior * attention(attended))  # equation 1
            entropy = entropy - (mask * (mask + TINY).log()).sum(dim=1).mean()
            prior = prior * (self.gamma - mask)
            out = transformer(mask * x)
            decision = decision + out[:, : self.n_d].relu()
            attended = out[:, self.n_d :]
        self._entropy = entropy / len(self.attentions)
        answer: Tensor = self.head(decision)
        return answer

    def penalty(self) -> Tensor:
        """Section 3.4: the masks' mean entropy."""
        penalty: Tensor = self.sparsity * self._entropy
        del self._entropy
        return penalty


def _linear(n_inputs: int, n_units: int) -> nn.Linear:
    return nn.Linear(n_inputs, 2 * n_units, bias=False)
