"""When two errors count as equal: rounding always, a stated tolerance on demand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tabbench.errors import SettingsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.task import FloatArray, IntArray

TIE_RELATIVE = 1e-9
"""Errors that differ by no more than this share of the larger one tie."""
TIE_ABSOLUTE = 1e-15
"""And so do errors nearer than this: an AUC of 1 - 1e-16 is no worse than one of 1."""


class TieMethod(StrEnum):
    """The rank that models in a tie get: the mean of their places, the best of them, or the number of the group."""

    AVERAGE = "average"
    MIN = "min"
    DENSE = "dense"


@dataclass(frozen=True)
class Ties:
    """How ties are found and ranked.

    Attributes:
        method: The rank that those in a tie get.
        absolute: Errors within this of the best of their group tie, in the metric's unit.
        deviations: Errors within so many standard deviations of the best of their group tie; the deviation is that
            best entrant's over the splits of the task, so ranks must be by task.
    """

    method: TieMethod = TieMethod.AVERAGE
    absolute: float = 0.0
    deviations: float = 0.0

    def __str__(self) -> str:
        if self.absolute:
            return f"{self.method}, within {self.absolute:g}"
        return f"{self.method}, within {self.deviations:g} sd" if self.deviations else str(self.method)


def ties_named(method: str, tolerance: str = "") -> Ties:
    """Ties from words: a method, and a tolerance like `0.001` or `1sd`.

    Raises:
        SettingsError: If the tolerance is no number of at least 0, with or without `sd` behind it.

    >>> str(ties_named("dense", "1sd"))
    'dense, within 1 sd'
    """
    is_sd = tolerance.endswith("sd")
    try:
        value = float(tolerance.removesuffix("sd") or 0)
    except ValueError:
        value = np.nan
    if not 0 <= value < np.inf:
        raise SettingsError(f"{tolerance!r} is no tolerance of ties: give an error like 0.001, or deviations like 1sd.")
    return Ties(TieMethod(method), deviations=value) if is_sd else Ties(TieMethod(method), absolute=value)


def are_tied(a: FloatArray, b: FloatArray) -> NDArray[np.bool_]:
    """Whether errors are equal but for rounding: |a - b| ≤ max(1e-9 max(|a|, |b|), 1e-15), element by element."""
    tied: NDArray[np.bool_] = np.abs(a - b) <= np.maximum(TIE_RELATIVE * np.maximum(np.abs(a), np.abs(b)), TIE_ABSOLUTE)
    return tied


def tie_groups(errors: FloatArray, ties: Ties | None = None, spread: FloatArray | None = None) -> IntArray:
    """Number of the group of tied models that each model is in, on each row; 0 is the best group.

    From the best error on, a model is in its leader's group while it ties with the *leader*, the best of the group;
    the first that doesn't leads the next. (A chain of neighbours would make one group of all that lie close.) Equal
    errors are taken in the order of their spread.

    Source: the rule of the rank tables of TabR (Gorishniy et al. 2023, appendix), where the tolerance is one standard
    deviation of the leader.

    Args:
        errors: Shape (n_rows, n_models), lower is better, finite.
        ties: The tolerance; None for rounding alone.
        spread: Shape (n_rows, n_models), standard deviation of each error; needed for `ties.deviations`.

    Returns:
        Shape (n_rows, n_models), from 0.

    >>> tie_groups(np.array([[0.10, 0.14, 0.17, 0.30]]), Ties(absolute=0.05)).tolist()
    [[0, 0, 1, 2]]
    """
    ties = ties or Ties()
    if ties.deviations and spread is None:
        raise SettingsError("A tolerance in standard deviations needs ranks by task (`--unit task`), over its splits.")
    widths = np.zeros_like(errors) if spread is None else spread
    order = np.argsort(errors, axis=1, kind="stable") if spread is None else np.lexsort((widths, errors), axis=1)
    ordered, widths = np.take_along_axis(errors, order, axis=1), np.take_along_axis(widths, order, axis=1)
    groups = np.tile(np.arange(errors.shape[1]), (len(errors), 1))
    within = np.maximum(ties.absolute, ties.deviations * np.maximum.accumulate(widths, axis=1))
    near = are_tied(ordered[:, 1:], ordered[:, :-1]) | (np.diff(ordered, axis=1) <= within[:, :-1])
    rows = np.flatnonzero(near.any(axis=1))  # elsewhere everybody leads a group
    groups[rows] = _led_groups(ordered[rows], np.maximum(ties.absolute, ties.deviations * widths[rows]))
    found = np.empty_like(groups)
    np.put_along_axis(found, order, groups, axis=1)
    return found


def _led_groups(ordered: FloatArray, within: FloatArray) -> IntArray:
    """Groups of rows of rising errors; `within` is the tolerance of each, should it lead."""
    groups = np.zeros(ordered.shape, dtype=np.int64)
    if not ordered.size:
        return groups
    leader, width = ordered[:, 0], within[:, 0]
    for place in range(1, ordered.shape[1]):
        error = ordered[:, place]
        is_next = ~(are_tied(error, leader) | (error - leader <= width))
        groups[:, place] = groups[:, place - 1] + is_next
        leader, width = np.where(is_next, error, leader), np.where(is_next, within[:, place], width)
    return groups
