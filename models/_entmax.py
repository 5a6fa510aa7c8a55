"""Maps onto the simplex that give exact zeros: sparsemax and entmax with alpha 1.5, and the latter for two classes."""

from __future__ import annotations

from typing import Any

import torch  # noqa: TID253  imported by the `fit` of networks only
from torch import Tensor  # noqa: TID253  the same


class _Sparsemax(torch.autograd.Function):
    """Martins, Astudillo (2016), algorithm 1 and section 2.5, along the last axis."""

    @staticmethod
    def forward(ctx: Any, z: Tensor) -> Tensor:
        ordered = z.sort(dim=-1, descending=True).values
        k = torch.arange(1, z.shape[-1] + 1, dtype=z.dtype, device=z.device)
        threshold = (ordered.cumsum(dim=-1) - 1) / k
        n_support = (ordered > threshold).sum(dim=-1, keepdim=True)
        p: Tensor = (z - threshold.gather(-1, n_support - 1)).clamp(min=0)
        ctx.save_for_backward(p)
        return p

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        p: Tensor = ctx.saved_tensors[0]
        grad = grads[0]
        support = (p > 0).to(grad.dtype)
        mean = (grad * support).sum(dim=-1, keepdim=True) / support.sum(dim=-1, keepdim=True)
        return support * (grad - mean)


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


def sparsemax(z: Tensor) -> Tensor:
    """The point of the simplex that is nearest to z, along the last axis."""
    p: Tensor = _Sparsemax.apply(z)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return p


def entmax15(z: Tensor) -> Tensor:
    """Between softmax and sparsemax, along the last axis."""
    p: Tensor = _Entmax15.apply(z)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return p


def entmoid15(z: Tensor) -> Tensor:
    """The first of `entmax15([z, 0])`, element by element.

    For it sqrt(p) - sqrt(1 - p) = z / 2, which is solved by p = ((u + sqrt(2 - u²)) / 2)² with u = z / 2.
    """
    u = (z / 2).clamp(-1, 1)
    return ((u + (2 - u**2).sqrt()) / 2) ** 2
