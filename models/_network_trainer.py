"""Train a torch network on tensors: batches, AdamW, early stopping, best weights, deadline.

Shared by all networks of this folder. Nothing global is left changed: neither torch's random state nor its threads.
"""

from __future__ import annotations

import copy
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch  # noqa: TID253  imported by the `fit` of networks only
from tabbench_models._watch import StepWatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tabbench_models._targets import Targets
    from torch import Tensor, nn

    from tabbench.model import Context, Training
    from tabbench.task import Array, FloatArray

PREDICT_ROWS = 4096
"""Rows that go through a network at once when it predicts."""


@dataclass(frozen=True)
class Schedule:
    """How a network is trained.

    Attributes:
        learning_rate: Of AdamW.
        weight_decay: Of AdamW; biases and normalisation are spared.
        batch_rows: Rows of a step of the optimiser; a smaller table is one batch.
        n_epochs: At most.
        patience: Epochs without a better valid error.
        epochs_alone: Without a valid part.
    """

    learning_rate: float
    weight_decay: float
    batch_rows: int = 256
    n_epochs: int = 200
    patience: int = 16
    epochs_alone: int = 50


@contextmanager
def private_torch(seed: int | None, n_threads: int, device: str) -> Iterator[None]:
    """Torch's chance from `seed` and its threads to `n_threads` inside, both as they were outside."""
    before = torch.get_num_threads()
    devices = list(range(torch.cuda.device_count())) if device == "cuda" else []
    torch.set_num_threads(n_threads)
    try:
        with torch.random.fork_rng(devices=devices, enabled=seed is not None):
            if seed is not None:
                torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before)


def train_network(
    network: nn.Module,
    rows: tuple[Sequence[Tensor], Array],
    valid: tuple[Sequence[Tensor], Array] | None,
    targets: Targets,
    schedule: Schedule,
    context: Context,
) -> Training:
    """Train in place and leave the weights of the best epoch; inside `private_torch`.

    Args:
        network: From input tensors (n_rows, …) to (n_rows, n_classes) logits, or (n_rows, 1).
        rows: Input tensors and raw targets to fit on.
        valid: The same to stop on.
        targets: Fitted on the train part.
        schedule: How.
        context: Its device, deadline, cap and report count.
    """
    network.to(context.device)
    watch = StepWatch(context, schedule.n_epochs, schedule.patience, schedule.epochs_alone, valid is not None)
    inputs = [t.to(context.device) for t in rows[0]]
    wanted = _wanted(targets.encode(rows[1]), targets).to(context.device)
    optimizer = _adamw(network, schedule)
    order = torch.Generator().manual_seed(context.seed)
    best = None
    while True:
        _run_epoch(network, inputs, wanted, optimizer, (order, schedule.batch_rows), watch)
        error = None
        if valid is not None:
            error = context.error(valid[1], predict_network(network, valid[0], targets, context.device))
        is_over = watch.step(error)
        if watch.best_step == watch.n_steps and not is_over:
            best = copy.deepcopy(network.state_dict())
        if is_over:
            break
    if best is not None and watch.best_step < watch.n_steps:
        network.load_state_dict(best)
    network.cpu()
    return watch.training()


def predict_network(network: nn.Module, inputs: Sequence[Tensor], targets: Targets, device: str = "cpu") -> FloatArray:
    """Predictions as `Model.predict` returns them; softmax is here and nowhere else."""
    network.eval()
    answers = []
    with torch.inference_mode():
        for start in range(0, len(inputs[0]), PREDICT_ROWS):
            answers.append(network(*(t[start : start + PREDICT_ROWS].to(device) for t in inputs)).cpu())
    answer = torch.cat(answers).double()
    if targets.n_classes:
        return targets.decode(torch.softmax(answer, dim=1).numpy())
    return targets.decode(answer[:, 0].numpy())


def _wanted(encoded: Array, targets: Targets) -> Tensor:
    if targets.n_classes:
        return torch.from_numpy(encoded.astype(np.int64))
    return torch.from_numpy(encoded.astype(np.float32))


def _adamw(network: nn.Module, schedule: Schedule) -> torch.optim.Optimizer:
    """AdamW that decays matrices only."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    spared = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": schedule.weight_decay}, {"params": spared, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=schedule.learning_rate, fused=True)


def _run_epoch(
    network: nn.Module,
    inputs: Sequence[Tensor],
    wanted: Tensor,
    optimizer: torch.optim.Optimizer,
    batching: tuple[torch.Generator, int],
    watch: StepWatch,
) -> None:
    """One pass over all rows in a new order, the last short batch too; left early when it is late."""
    network.train()
    order, batch_rows = batching
    loss_of = torch.nn.functional.cross_entropy if wanted.dtype == torch.int64 else torch.nn.functional.mse_loss
    shuffled = torch.randperm(len(wanted), generator=order).to(wanted.device)
    for start in range(0, len(wanted), batch_rows):
        rows = shuffled[start : start + batch_rows]
        answer = network(*(t[rows] for t in inputs))
        loss = loss_of(answer if wanted.dtype == torch.int64 else answer[:, 0], wanted[rows])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        if watch.is_late:
            return
