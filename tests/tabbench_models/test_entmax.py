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


@pytest.mark.parametrize("function", [sparsemax, entmax15])
def test_large_scores_and_ties_keep_their_support(function: Callable[[torch.Tensor], torch.Tensor]) -> None:
    large = torch.tensor([[1e9, 5e8, -3e9], [2e9, 2e9, 0.0], [0.0, 0.0, 0.0]])
    wanted = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3]]
    assert function(large).numpy() == pytest.approx(np.array(wanted), abs=1e-6)


@pytest.mark.slow
def test_wide_scores_sum_to_one_in_single_precision() -> None:
    z = torch.rand(300, 3000, generator=torch.Generator().manual_seed(0))
    p = entmax15(z)
    assert p.sum(dim=1).numpy() == pytest.approx(1.0, abs=1e-5)
    assert p.double().numpy() == pytest.approx(entmax15(z.double()).numpy(), abs=1e-7)
