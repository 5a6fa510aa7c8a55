"""A model against the field: tasks won and lost, and how its ranks are spread."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench_leaderboard.pages import Site, TaskResult

MOST_SPOTS = 5
"""Strengths, and weak spots, that a page lists."""


@dataclass(frozen=True)
class Spot:
    """A model on a task against the other models of the regime.

    Attributes:
        task: The task.
        error: Its mean error there.
        beaten: Models with a larger error.
        lost_to: Models with a smaller one.
        gap: Relative difference to the median error of the others: below 0 where it is lower.
    """

    task: str
    error: float
    beaten: int
    lost_to: int
    gap: float


@dataclass(frozen=True)
class AgainstField:
    """A model under a regime.

    Attributes:
        regime: The regime.
        won: Tasks on which its error is lower than the median of the others.
        lost: Tasks on which it is higher.
        strong: Its best tasks, by the share of the field beaten, then by the gap.
        weak: Its worst.
        ranks: Number of tasks for each whole rank, from 1 to the number of models; a rank between two counts upwards.
    """

    regime: str
    won: int
    lost: int
    strong: tuple[Spot, ...]
    weak: tuple[Spot, ...]
    ranks: tuple[int, ...]


def against_field(site: Site, model: str) -> tuple[AgainstField, ...]:
    """Every regime in which the model has an error that others have one beside."""
    return tuple(found for regime in site.regimes if (found := _of_regime(site, model, regime)) is not None)


def _of_regime(site: Site, model: str, regime: str) -> AgainstField | None:
    results = [r for r in site.results if r.regime == regime and r.rank is not None]
    mine = [r for r in results if r.model == model]
    spots = [spot for r in mine if (spot := _spot(r, results)) is not None]
    if not spots:
        return None
    by_strength = sorted(spots, key=lambda s: (-s.beaten / (s.beaten + s.lost_to or 1), s.gap, s.task))
    n_models = len({r.model for r in results})
    ranks = [min(math.ceil(r.rank), n_models) for r in mine if r.rank is not None]
    n_listed = min(MOST_SPOTS, max(1, len(spots) // 2))
    return AgainstField(
        regime=regime,
        won=sum(s.gap < 0 for s in spots),
        lost=sum(s.gap > 0 for s in spots),
        strong=tuple(by_strength[:n_listed]),
        weak=tuple(reversed(by_strength[-n_listed:])) if len(spots) > 1 else (),
        ranks=tuple(ranks.count(place) for place in range(1, n_models + 1)),
    )


def _spot(result: TaskResult, results: Sequence[TaskResult]) -> Spot | None:
    others = [r.error for r in results if r.task == result.task and r.model != result.model and r.error is not None]
    if result.error is None or not others:
        return None
    middle = median(others)
    larger = max(abs(result.error), abs(middle))
    return Spot(
        task=result.task,
        error=result.error,
        beaten=sum(error > result.error for error in others),
        lost_to=sum(error < result.error for error in others),
        gap=(result.error - middle) / larger if larger else 0.0,
    )
