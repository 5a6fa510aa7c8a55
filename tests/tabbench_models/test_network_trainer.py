"""The trainer that networks share."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tabbench_models._network_trainer import Schedule, predict_network, private_torch, train_network
from tabbench_models._targets import Targets

from tabbench.model import Reads, StoppedBy
from tabbench.task import REGRESSION

from .prepared import table


def test_batch_larger_than_the_table_still_trains_to_least_squares() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    y = X @ [3.0, -2.0, 1.0] + 40.0 + rng.normal(size=60)
    context = table(REGRESSION, Reads()).context(REGRESSION)
    targets = Targets(y, context)
    inputs = [torch.from_numpy(X.astype(np.float32))]
    with private_torch(0, 1, "cpu"):
        network = torch.nn.Linear(3, 1)
        schedule = Schedule(0.05, 0.0, batch_rows=1000, epochs_alone=2000)
        training = train_network(network, (inputs, y), None, targets, schedule, context)
    oracle, *_ = np.linalg.lstsq(np.column_stack([X, np.ones(60)]), y, rcond=None)
    assert predict_network(network, inputs, targets) == pytest.approx(X @ oracle[:3] + oracle[3], abs=1e-3)
    assert training.stopped_by is StoppedBy.DONE


def test_chance_and_threads_outside_are_left_as_they_were() -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    with private_torch(3, threads + 1, "cpu"):
        first = torch.rand(4)
        assert torch.get_num_threads() == threads + 1
    with private_torch(3, 1, "cpu"):
        assert torch.equal(torch.rand(4), first)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_divergent_training_stops_by_patience() -> None:
    context = table(REGRESSION, Reads()).context(REGRESSION, error=lambda _y, _p: float("nan"))
    y = np.arange(8.0)
    inputs = [torch.ones(8, 1)]
    with private_torch(0, 1, "cpu"):
        network = torch.nn.Linear(1, 1)
        training = train_network(network, (inputs, y), (inputs, y), Targets(y, context), Schedule(1e-3, 0.0), context)
    assert (training.n_steps, training.best_step) == (16, 1)
