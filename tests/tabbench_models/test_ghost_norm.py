"""Normalisation over virtual batches against torch's own, and on the tables that break it."""

from __future__ import annotations

import pytest
import torch
from tabbench_models._ghost_norm import GhostNorm, Ghosts, ghosts
from tabbench_models._tabnet_net import Sizes, TabNetNetwork


def test_one_virtual_batch_is_torchs_batch_normalisation() -> None:
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(0)) * 4 + 2
    ours, theirs = GhostNorm(3, Ghosts(50, 0.02)), torch.nn.BatchNorm1d(3)
    assert ours(x).detach().numpy() == pytest.approx(theirs(x).detach().numpy(), abs=1e-5)


def test_virtual_batches_are_normalised_each_for_itself_and_none_is_small() -> None:
    x = torch.cat([torch.randn(4, 1), torch.randn(5, 1) + 100])
    out = GhostNorm(1, Ghosts(4, 0.02))(x)
    assert out[:5].mean().item() == pytest.approx(0, abs=1e-5)
    assert out[5:].mean().item() == pytest.approx(0, abs=1e-4)


def test_statistics_can_be_used_after_the_first_batch_and_bear_a_single_row() -> None:
    x = torch.randn(64, 2) * 3 + 7
    norm = GhostNorm(2, Ghosts(64, 0.02))
    trained = norm(x)
    norm.eval()
    assert norm(x).detach().numpy() == pytest.approx(trained.detach().numpy(), rel=0.02, abs=1e-3)
    norm.train()
    assert torch.isfinite(norm(x[:1])).all()


def test_running_statistics_reach_back_no_further_than_an_epoch() -> None:
    assert ghosts(128, 32, 128).momentum == 0.25
    assert ghosts(128, 1024, 100_000).momentum == 0.02


def test_tabnets_inputs_are_normalised_over_the_whole_batch():
    """Section 3.1 of Arik, Pfister (2021); torch's own layer is the oracle. In sorted rows ghosts differ."""
    sizes = Sizes(n_d=4, n_steps=2, gamma=1.3, n_independent=1, n_shared=1, d_embedding=1, sparsity=0.0)
    network = TabNetNetwork(n_numbers=2, levels=(), sizes=sizes, ghosts=Ghosts(64, 0.02), n_outputs=1).train()
    x = torch.arange(512.0).reshape(256, 2)
    torch.testing.assert_close(network.norm(x), torch.nn.BatchNorm1d(2)(x))
