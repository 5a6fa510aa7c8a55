"""Maps onto the simplex that give exact zeros: sparsemax and entmax with alpha 1.5, and the latter for two classes."""

from __future__ import annotations

from typing import Any

import torch  # noqa: TID253  imported by the `fit` of networks only
from torch import Tensor  # noqa: TID253  the same

MOST_STEPS = 50
"""Of Newton's method; half a dozen is usual."""
CACHE_NUMBERS = 2**18
"""Numbers at once: they stay in the processor's cache."""


class _Sparsemax(torch.autograd.Function):
    """Martins, Astudillo (2016), algorithm 1 and section 2.5, along the last axis."""

    @staticmethod
    def forward(ctx: Any, z: Tensor) -> Tensor:
        z = z - z.amax(dim=-1, keepdim=True)  # else a 1 is lost beside large numbers, and no support is left
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
    """Peters, Niculae, Martins (2019), equation 11 and proposition 2, along the last axis.

    The threshold is the root of a falling convex function, which Newton's method climbs to from below without passing
    it. That takes a third of the time of their algorithm 2, which sorts.
    """

    @staticmethod
    def forward(ctx: Any, z: Tensor) -> Tensor:
        rows = z.reshape(-1, z.shape[-1])
        at_once = max(1, CACHE_NUMBERS // z.shape[-1])
        root = torch.cat([_root_of_entmax15(part) for part in torch.split(rows, at_once)]).view(z.shape)
        ctx.save_for_backward(root)
        return root**2

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        root: Tensor = ctx.saved_tensors[0]
        weighted = grads[0] * root
        return weighted - root * (weighted.sum(dim=-1, keepdim=True) / root.sum(dim=-1, keepdim=True))


def _root_of_entmax15(z: Tensor) -> Tensor:
    half = (z - z.amax(dim=-1, keepdim=True)) / 2
    # Below the root: the largest alone makes 1 there, or all together do (Jensen).
    threshold = (half.mean(dim=-1, keepdim=True) - half.shape[-1] ** -0.5).clamp(min=-1)
    for _ in range(MOST_STEPS):
        above = (half - threshold).clamp_(min=0)
        square = torch.linalg.vector_norm(above, dim=-1, keepdim=True) ** 2
        step = (square - 1) / (2 * above.sum(dim=-1, keepdim=True))
        threshold = threshold + step
        if float(step.max()) < torch.finfo(z.dtype).eps:
            break
    root: Tensor = (half - threshold).clamp_(min=0)
    return root


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
