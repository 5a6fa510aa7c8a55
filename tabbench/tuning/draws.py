"""What a job asks of a sampler, and tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

Config = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What became of a trial.

    Attributes:
        error: Its valid error; None if it failed or was pruned.
        seen: What the pruner saw of it: errors by step or inner fold.
    """

    error: float | None
    is_pruned: bool = False
    seen: Mapping[int, float] = field(default_factory=dict)


class Draws(Protocol):
    """The configurations of one job, asked for in order from trial 1 and told what became of them."""

    def ask(self, trial: int) -> Config | None:
        """What the sampler lays over the default configuration; None when there is nothing left to try."""
        ...

    def tell(self, trial: int, told: Told) -> None:
        """Report what became of a trial."""
        ...
