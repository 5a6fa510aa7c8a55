"""Sparse maps onto the simplex against root finding on their definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from scipy.optimize import brentq
from tabbench_models._entmax import entmax15, entmoid15, sparsemax

if TYPE_CHECKING:
    from collections.abc import Callable

SCORES = np.random.default_rng(0).normal(scale=3.0, size=(40, 7))


@pytest.mark.parametrize(("function", "scale", "power"), [(sparsemax, 1.0, 1), (entmax15, 0.5, 2)])
def test_threshold_is_the_root_of_the_definition(
    function: Callable[[torch.Tensor], torch.Tensor], scale: float, power: int
) -> None:
    for z in scale * SCORES:
        threshold = brentq(lambda t, z=z: (np.maximum(z - t, 0) ** power).sum() - 1, z.max() - 1, z.max())
        wanted = np.maximum(z - threshold, 0) ** power
        assert function(torch.from_numpy(z / scale)).numpy() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("function", [sparsemax, entmax15])
def test_gradient_is_that_of_finite_differences(function: Callable[[torch.Tensor], torch.Tensor]) -> None:
    assert torch.autograd.gradcheck(function, torch.from_numpy(SCORES[:5]).requires_grad_())


def test_two_class_form_is_entmax_of_two_scores() -> None:
    z = torch.linspace(-4, 4, 41, dtype=torch.float64)
    pairs = entmax15(torch.stack([z, torch.zeros_like(z)], dim=1))
    assert entmoid15(z).numpy() == pytest.approx(pairs[:, 0].numpy(), abs=1e-12)
