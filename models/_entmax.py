"""A map onto the simplex that gives exact zeros: entmax with alpha 1.5."""

from __future__ import annotations

from typing import Any

import torch  # noqa: TID253  imported by the `fit` of networks only
from torch import Tensor  # noqa: TID253  the same


class _Entmax15(torch.autograd.Function):
    """Peters, Niculae, Martins (2019), algorithm 2 and proposition 2, along the last axis."""

    @staticmethod
    def forward(ctx: Any, z: Tensor) -> Tensor:
        half = (z - z.amax(dim=-1, keepdim=True)) / 2
        ordered = half.sort(dim=-1, descending=True).values
        k = torch.arange(1, z.shape[-1] + 1, dtype=z.dtype, device=z.device)
        mean = ordered.cumsum(dim=-1) / k
        variance = (ordered**2).cumsum(dim=-1) / k - mean**2
        threshold = mean - ((1 / k - variance).clamp(min=0)).sqrt()
        n_support = (ordered >= threshold).sum(dim=-1, keepdim=True)
        p: Tensor = (half - threshold.gather(-1, n_support - 1)).clamp(min=0) ** 2
        ctx.save_for_backward(p)
        return p

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        p: Tensor = ctx.saved_tensors[0]
        grad = grads[0]
        root = p.sqrt()
        weighted = grad * root
        return weighted - root * weighted.sum(dim=-1, keepdim=True) / root.sum(dim=-1, keepdim=True)


def entmax15(z: Tensor) -> Tensor:
    """Probabilities along the last axis: sparser than softmax, smoother than a projection."""
    p: Tensor = _Entmax15.apply(z)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return p
