"""The trainer that networks share."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from tabbench_models._code_embedding import CodeEmbedding
from tabbench_models._network_trainer import (
    Schedule,
    batches,
    parameter_groups,
    predict_network,
    private_torch,
    train_network,
)
from tabbench_models._targets import Targets

from tabbench.model import Reads, StoppedBy
from tabbench.task import BINARY, REGRESSION

from .prepared import table

if TYPE_CHECKING:
    from tabbench.task import Array


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


def line(y: Array) -> tuple[list[torch.Tensor], Array]:
    return [torch.linspace(-1, 1, len(y))[:, None]], y


def test_loss_that_is_no_number_ends_training_with_an_error() -> None:
    context = table(REGRESSION, Reads()).context(REGRESSION)
    rows = line(np.arange(32.0))
    network = torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.Linear(8, 8), torch.nn.Linear(8, 1))
    with pytest.raises(FloatingPointError, match=r"loss is .* lower the learning rate"):
        train_network(network, rows, None, Targets(rows[1], context), Schedule(1e12, 0.0), context)


def test_answer_that_is_no_number_is_not_handed_out() -> None:
    context = table(REGRESSION, Reads()).context(REGRESSION)
    with pytest.raises(FloatingPointError, match="NaN"):
        predict_network(torch.nn.Identity(), [torch.tensor([[float("nan")]])], Targets(np.arange(3.0), context))


@pytest.mark.parametrize(("n_rows", "sizes"), [(1, [1]), (9, [4, 5]), (8, [4, 4]), (10, [4, 4, 2]), (3, [3])])
def test_batches_hold_every_row_once_and_none_alone(n_rows: int, sizes: list[int]) -> None:
    cut = batches(n_rows, 4, torch.Generator().manual_seed(0))
    assert [len(rows) for rows in cut] == sizes
    assert sorted(torch.cat(cut).tolist()) == list(range(n_rows))


def test_one_logit_for_two_classes_is_logistic_regression() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 2))
    y = (X @ [1.0, -2.0] + rng.logistic(size=80) > 0).astype(np.int64)
    context = table(BINARY, Reads()).context(BINARY)
    inputs = [torch.from_numpy(X.astype(np.float32))]
    with private_torch(0, 1, "cpu"):
        network = torch.nn.Linear(2, 1)
        schedule = Schedule(0.05, 0.0, batch_rows=80, epochs_alone=500)
        train_network(network, (inputs, y), None, Targets(y, context), schedule, context)
    oracle = LogisticRegression(C=np.inf).fit(X, y).predict_proba(X)
    assert predict_network(network, inputs, Targets(y, context)) == pytest.approx(oracle, abs=1e-3)


class Penalised(torch.nn.Linear):
    """Pays a thousand times the square of its slope, and names its weight as free of decay."""

    def penalty(self) -> torch.Tensor:
        return 1000 * (self.weight**2).sum()

    def undecayed(self) -> list[torch.nn.Parameter]:
        return [self.weight]


def test_penalty_of_a_network_is_part_of_its_loss() -> None:
    rows = line(np.arange(32.0))
    context = table(REGRESSION, Reads()).context(REGRESSION)
    with private_torch(0, 1, "cpu"):
        network = Penalised(1, 1)
        train_network(network, rows, None, Targets(rows[1], context), Schedule(0.05, 0.0, epochs_alone=300), context)
    assert abs(network.weight.item()) < 0.01


def test_decay_spares_biases_and_what_the_network_names() -> None:
    plain = parameter_groups(torch.nn.Linear(2, 3), Schedule(0.1, 0.5))
    assert [(g["weight_decay"], [tuple(p.shape) for p in g["params"]]) for g in plain] == [
        (0.5, [(3, 2)]),
        (0.0, [(3,)]),
    ]
    assert [g["weight_decay"] for g in parameter_groups(Penalised(2, 3), Schedule(0.1, 0.5))] == [0.0]


def test_rate_factor_sees_every_step_as_a_fraction_of_its_epoch() -> None:
    seen: list[float] = []

    def factor(epochs_done: float) -> float:
        seen.append(epochs_done)
        return 0.0

    rows = line(np.arange(8.0))
    context = table(REGRESSION, Reads()).context(REGRESSION, n_steps=2)
    with private_torch(0, 1, "cpu"):
        network = torch.nn.Linear(1, 1)
        before = network.weight.clone()
        schedule = Schedule(0.1, 0.0, batch_rows=2, rate_factor=factor)
        train_network(network, rows, None, Targets(rows[1], context), schedule, context)
    assert seen == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]
    assert torch.equal(network.weight, before)


def test_epoch_broken_off_by_the_deadline_leaves_the_best_before_it() -> None:
    rows, report_late = line(np.arange(8.0)), [False]
    context = table(REGRESSION, Reads()).context(REGRESSION, deadline=time.monotonic() + 0.3)

    class Slow(torch.nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if report_late[0]:
                time.sleep(0.4)
            report_late[0] = not self.training
            return super().forward(x)

    with private_torch(0, 1, "cpu"):
        network = Slow(1, 1)
        training = train_network(network, rows, rows, Targets(rows[1], context), Schedule(0.1, 0.0), context)
    assert (training.n_steps, training.best_step, training.stopped_by) == (1, 1, StoppedBy.DEADLINE)


def test_code_that_train_never_showed_is_the_mean_of_the_others() -> None:
    with private_torch(0, 1, "cpu"):
        embedding = CodeEmbedding([3, 5], width=2)
    vectors = embedding(torch.tensor([[0, 0], [2, 4]]))
    assert vectors.shape == (2, 2, 2)
    assert torch.all(vectors[0] == 0)
    assert torch.equal(vectors[1], embedding.table.weight[[2, 7]])
