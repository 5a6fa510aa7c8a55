"""Train a torch network on tensors: batches, AdamW, early stopping, best weights, deadline.

Shared by all networks of this folder. Nothing global is left changed: neither torch's random state nor its threads.
A network gives (n_rows, n_classes) logits, or (n_rows, 1): a number, or of two classes the logit of the second.
"""

from __future__ import annotations

import copy
import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import torch  # noqa: TID253  imported by the `fit` of networks only
from tabbench_models._watch import StepWatch

from tabbench.model import StoppedBy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tabbench_models._targets import Targets
    from torch import Tensor, nn

    from tabbench.model import Context, Training
    from tabbench.task import Array, FloatArray

PREDICT_ROWS = 4096
"""Rows that go through a network at once when it predicts; its attribute `predict_rows` says otherwise."""

Groups = list[dict[str, Any]]
"""Parameters with their `lr` and `weight_decay`, as torch's optimisers take them."""


@runtime_checkable
class Penalises(Protocol):
    """Hook of a network: a term of the loss beside the error, asked for after each forward pass in training."""

    def penalty(self) -> Tensor:
        """A scalar."""
        ...


@runtime_checkable
class Spares(Protocol):
    """Hook of a network: matrices that weight decay must spare, beside biases and normalisation."""

    def undecayed(self) -> Iterable[nn.Parameter]:
        """Some of its parameters."""
        ...


def adamw(groups: Groups) -> torch.optim.Optimizer:
    """AdamW with its usual momenta."""
    return torch.optim.AdamW(groups, fused=True)


@dataclass(frozen=True)
class Schedule:
    """How a network is trained.

    Attributes:
        learning_rate: Of the optimiser.
        weight_decay: Of the optimiser; biases and normalisation are spared.
        batch_rows: Rows of a step of the optimiser; a smaller table is one batch.
        n_epochs: At most.
        patience: Epochs without a better valid error.
        epochs_alone: Without a valid part.
        rate_factor: What the learning rate is multiplied by after so many epochs (with a fraction) are done.
        clip_norm: The longest gradient, as its 2-norm over all parameters; None for no bound.
        optimizer: Makes the optimiser from groups of parameters.
    """

    learning_rate: float
    weight_decay: float
    batch_rows: int = 256
    n_epochs: int = 200
    patience: int = 16
    epochs_alone: int = 50
    rate_factor: Callable[[float], float] | None = None
    clip_norm: float | None = None
    optimizer: Callable[[Groups], torch.optim.Optimizer] = adamw


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

    An epoch that the deadline breaks off counts only where there is none before it.

    Args:
        network: From input tensors (n_rows, …) to (n_rows, n_classes) logits, or (n_rows, 1).
        rows: Input tensors and raw targets to fit on.
        valid: The same to stop on.
        targets: Fitted on the train part.
        schedule: How.
        context: Its device, deadline, cap and report count.

    Raises:
        FloatingPointError: If the loss or a prediction is not a number, so that chance is never sold as a fit.
    """
    network.to(context.device)
    watch = StepWatch(context, schedule.n_epochs, schedule.patience, schedule.epochs_alone, valid is not None)
    inputs = [t.to(context.device) for t in rows[0]]
    wanted = _wanted(targets.encode(rows[1]), targets).to(context.device)
    steps = _Steps(network, schedule, torch.Generator().manual_seed(context.seed))
    best: dict[str, Tensor] | None = None
    while True:
        steps.run_epoch(inputs, wanted, watch)
        error = None if valid is None else _valid_error(network, valid, targets, context, watch)
        if valid is not None and error is None and best is not None:
            watch.stopped_by = StoppedBy.DEADLINE
            break
        is_over = watch.step(error)
        if best is None or watch.best_step == watch.n_steps:
            best = network.state_dict() if is_over else copy.deepcopy(network.state_dict())
        if is_over:
            break
    network.load_state_dict(best)
    network.cpu()
    return watch.training()


def predict_network(network: nn.Module, inputs: Sequence[Tensor], targets: Targets, device: str = "cpu") -> FloatArray:
    """Predictions as `Model.predict` returns them; softmax is here and nowhere else.

    Raises:
        FloatingPointError: If an answer of the network is not a number.
    """
    return _decoded(list(_answers(network, inputs, device)), targets)


def _answers(network: nn.Module, inputs: Sequence[Tensor], device: str) -> Iterator[Tensor]:
    """The network's answers, a chunk of rows after the other."""
    chunk = int(getattr(network, "predict_rows", PREDICT_ROWS))
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(inputs[0]), chunk):
            yield network(*(t[start : start + chunk].to(device) for t in inputs)).cpu()


def _decoded(answers: list[Tensor], targets: Targets) -> FloatArray:
    answer = torch.cat(answers).double()
    if not bool(torch.isfinite(answer).all()):
        raise FloatingPointError("The network answers with NaN or infinity: lower its learning rate.")
    if targets.n_classes:
        return targets.decode(torch.softmax(_logits(answer), dim=1).numpy())
    return targets.decode(answer[:, 0].numpy())


def _logits(answer: Tensor) -> Tensor:
    """One logit for two classes is that of the second against a first of 0."""
    return torch.cat([torch.zeros_like(answer), answer], dim=1) if answer.shape[1] == 1 else answer


def _valid_error(
    network: nn.Module, valid: tuple[Sequence[Tensor], Array], targets: Targets, context: Context, watch: StepWatch
) -> float | None:
    """The error on valid rows; None where the deadline comes before it is known."""
    answers: list[Tensor] = []
    if watch.is_late:
        return None
    for answer in _answers(network, valid[0], context.device):
        answers.append(answer)
        if watch.is_late and sum(map(len, answers)) < len(valid[1]):
            return None
    return context.error(valid[1], _decoded(answers, targets))


def _wanted(encoded: Array, targets: Targets) -> Tensor:
    if targets.n_classes:
        return torch.from_numpy(encoded.astype(np.int64))
    return torch.from_numpy(encoded.astype(np.float32))


def _loss(answer: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy of classes, mean squared error of standardised numbers."""
    if wanted.dtype == torch.int64:
        return torch.nn.functional.cross_entropy(_logits(answer), wanted)
    return torch.nn.functional.mse_loss(answer[:, 0], wanted)


def parameter_groups(network: nn.Module, schedule: Schedule) -> Groups:
    """Matrices decay; biases, normalisation and what the network names are spared."""
    spared = {id(p) for p in network.parameters() if p.ndim <= 1}
    if isinstance(network, Spares):
        spared |= {id(p) for p in network.undecayed()}
    rate = schedule.learning_rate
    return [
        {"params": kept, "lr": rate, "weight_decay": decay}
        for decay, is_spared in ((schedule.weight_decay, False), (0.0, True))
        if (kept := [p for p in network.parameters() if (id(p) in spared) is is_spared])
    ]


def batches(n_rows: int, batch_rows: int, order: torch.Generator) -> list[Tensor]:
    """Row numbers in a new order, cut in batches; all rows, and none alone: batch normalisation needs two."""
    cut = list(torch.split(torch.randperm(n_rows, generator=order), batch_rows))
    if len(cut) > 1 and len(cut[-1]) == 1:
        cut[-2:] = [torch.cat(cut[-2:])]
    return cut


class _Steps:
    """The optimiser's steps, epoch by epoch."""

    def __init__(self, network: nn.Module, schedule: Schedule, order: torch.Generator) -> None:
        self._network, self._schedule, self._order = network, schedule, order
        self._optimizer = schedule.optimizer(parameter_groups(network, schedule))
        self._n_epochs = 0

    def run_epoch(self, inputs: Sequence[Tensor], wanted: Tensor, watch: StepWatch) -> None:
        """One pass over all rows in a new order; left early when it is late."""
        self._network.train()
        rows = batches(len(wanted), self._schedule.batch_rows, self._order)
        total = 0.0
        for number, batch in enumerate(rows):
            self._set_rate(self._n_epochs + number / len(rows))
            total += self._step([t[batch] for t in inputs], wanted[batch])
            if watch.is_late:
                break
        self._n_epochs += 1
        if not math.isfinite(total):
            raise FloatingPointError(
                f"The training loss is {total} in epoch {self._n_epochs}: lower the learning rate "
                f"({self._schedule.learning_rate:g}) or clip the gradient."
            )

    def _set_rate(self, epochs_done: float) -> None:
        if self._schedule.rate_factor is not None:
            rate = self._schedule.learning_rate * self._schedule.rate_factor(epochs_done)
            for group in self._optimizer.param_groups:
                group["lr"] = rate

    def _step(self, inputs: list[Tensor], wanted: Tensor) -> float:
        loss = _loss(self._network(*inputs), wanted)
        if isinstance(self._network, Penalises):
            loss = loss + self._network.penalty()
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        if self._schedule.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(self._network.parameters(), self._schedule.clip_norm)
        self._optimizer.step()
        return loss.item()
