"""Random numbers that no release of numpy changes: made from the raw words of PCG64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tabbench.task import FloatArray


def uniforms(n: int, seed: int) -> FloatArray:
    """Shape (n,), uniform in [0, 1), multiples of 2**-53."""
    return (np.random.PCG64(seed).random_raw(n) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normals(n: int, seed: int) -> FloatArray:
    """Shape (n,), standard normal: quantiles of the uniforms' middles."""
    from scipy.special import ndtri

    scores: FloatArray = ndtri(uniforms(n, seed) + 2.0**-54)
    return scores
