"""VIME: an encoder that learned to undo corruption, and a predictor that bears corruption."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import torch  # noqa: TID253  imported by the `fit` of vime only
from torch import Tensor, nn  # noqa: TID253  the same

if TYPE_CHECKING:
    from tabbench.model import Context

SELF_EPOCHS, SELF_RATE = 10, 1e-3
"""Of the encoder's own training, as in the authors' code; the rate is Keras's for RMSprop."""
SELF_SHARE = 0.3
"""Of the time to the deadline, at most, for the encoder's own training."""


class Encoder(nn.Module):
    """One layer as wide as its input, with a ReLU that only the encoder's own training has behind it.

    The predictor reads the layer before its ReLU, as in the code of Borisov et al. (2022): behind it a table of few
    columns has lost much (California housing, one split: RMSE 0.58 in place of 0.55). It starts near the identity:
    from a random start half the units never answer. The authors' tables have hundreds of columns.

    Columns come as normal quantiles and are used as their shares, scaled to 0..1 by the rows it is trained on.
    """

    low: Tensor
    span: Tensor

    def __init__(self, n_columns: int) -> None:
        super().__init__()
        self.register_buffer("low", torch.zeros(n_columns))
        self.register_buffer("span", torch.ones(n_columns))
        self.layer = nn.Linear(n_columns, n_columns)
        with torch.no_grad():
            self.layer.weight.mul_(0.1).add_(torch.eye(n_columns))
            self.layer.bias.zero_()

    def set_range(self, rows: Tensor) -> None:
        """Scale by the least and largest of these rows from now on."""
        low, high = (torch.special.ndtr(end) for end in (rows.amin(dim=0), rows.amax(dim=0)))
        self.low.copy_(low)
        self.span.copy_(torch.where(high > low, high - low, torch.ones_like(low)))

    def scaled(self, numbers: Tensor) -> Tensor:
        """Columns of train in 0..1."""
        shares: Tensor = torch.special.ndtr(numbers)
        return (shares - self.low) / self.span

    def forward(self, scaled: Tensor) -> Tensor:
        """The same shape."""
        code: Tensor = self.layer(scaled)
        return code


def corrupted(x: Tensor, p_m: float) -> tuple[Tensor, Tensor]:
    """Equation 3: cells chosen with chance `p_m` get the value of another row of x; and which cells changed."""
    chosen = torch.rand_like(x) < p_m
    others = x.gather(0, torch.rand_like(x).argsort(dim=0))
    changed = torch.where(chosen, others, x)
    return changed, (changed != x).to(x.dtype)


def pretrain(encoder: Encoder, rows: Tensor, n_batch: int, p_m: float, alpha: float, context: Context) -> None:
    """Self-supervised training (section 4.1) on train rows, no target: tell which cells changed, and restore them."""
    encoder.set_range(rows)
    n = rows.shape[1]
    mask_head, value_head = nn.Linear(n, n), nn.Linear(n, n)
    heads = nn.ModuleList([encoder.layer, mask_head, value_head])
    optimizer = torch.optim.RMSprop(heads.parameters(), lr=SELF_RATE, alpha=0.9)
    end = None if context.deadline is None else time.monotonic() * (1 - SELF_SHARE) + context.deadline * SELF_SHARE
    scaled = encoder.scaled(rows)
    for _ in range(SELF_EPOCHS):
        for batch in torch.split(torch.randperm(len(rows)), n_batch):
            if end is not None and time.monotonic() >= end:
                return
            clean = scaled[batch]
            changed, mask = corrupted(clean, p_m)
            code = encoder(changed).relu()
            mask_loss = nn.functional.binary_cross_entropy_with_logits(mask_head(code), mask)
            value_loss = nn.functional.mse_loss(value_head(code).sigmoid(), clean)
            loss = mask_loss + alpha * value_loss  # equation 4
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimizer.step()


class VimeNetwork(nn.Module):
    """Section 4.2: a predictor on the frozen encoder, whose answers should agree on corrupted copies of a row.

    Args:
        encoder: Trained; it is left as it is.
        p_m: Chance of a cell to be corrupted.
        k: Corrupted copies of a row.
        beta: Weight of their disagreement in the loss.
        hidden: How many hidden layers the predictor has, and their width.
        n_outputs: Logits, or 1.
    """

    def __init__(
        self, encoder: Encoder, p_m: float, k: int, beta: float, hidden: tuple[int, int], n_outputs: int
    ) -> None:
        super().__init__()
        self.p_m, self.k, self.beta = p_m, k, beta
        self.encoder = encoder
        n_hidden, d_hidden = hidden
        blocks: list[nn.Module] = []
        d_in = encoder.low.shape[0]
        for _ in range(n_hidden):
            blocks += [nn.Linear(d_in, d_hidden), nn.ReLU()]
            d_in = d_hidden
        self.predictor = nn.Sequential(*blocks, nn.Linear(d_in, n_outputs))

    def forward(self, numbers: Tensor) -> Tensor:
        """Shape (n_rows, n_outputs)."""
        x = self.encoder.scaled(numbers)
        if self.training:
            copies = torch.stack([self._predicted(corrupted(x, self.p_m)[0]) for _ in range(self.k)])
            self._disagreement = copies.var(dim=0, correction=0).mean()  # equation 8
        return self._predicted(x)

    def _predicted(self, scaled: Tensor) -> Tensor:
        answer: Tensor = self.predictor(self.encoder(scaled).detach())  # the encoder has learned
        return answer

    def penalty(self) -> Tensor:
        """Equation 5's second term."""
        penalty: Tensor = self.beta * self._disagreement
        del self._disagreement
        return penalty
