"""A sparse map onto the simplex against root finding on its definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import brentq
from tabbench_models._entmax import entmax15

SCORES = np.random.default_rng(0).normal(scale=3.0, size=(40, 7))


def test_threshold_is_the_root_of_the_definition() -> None:
    for z in SCORES / 2:
        threshold = brentq(lambda t, z=z: (np.maximum(z - t, 0) ** 2).sum() - 1, z.max() - 1, z.max())
        wanted = np.maximum(z - threshold, 0) ** 2
        assert entmax15(torch.from_numpy(2 * z)).numpy() == pytest.approx(wanted, abs=1e-9)


def test_gradient_is_that_of_finite_differences() -> None:
    assert torch.autograd.gradcheck(entmax15, torch.from_numpy(SCORES[:5]).requires_grad_())
