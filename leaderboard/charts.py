"""Marks of families, and the strips of errors on a task's page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench_leaderboard.pages import TaskResult

FAMILIES = {
    "boosted_trees": ("Boosted trees", "M0-6.6L6-3.3V3.3L0 6.6L-6 3.3V-3.3Z"),
    "forest": ("Forest", "M0-6.6L6.6 5.2H-6.6Z"),
    "tree": ("Tree", "M0 6.6L6.6-5.2H-6.6Z"),
    "network": ("Network", "M0-7L7 0L0 7L-7 0Z"),
    "foundation": ("Foundation", "M0-7.4L1.9-2.4L7.2-2.3L3 1L4.4 6.1L0 3.2L-4.4 6.1L-3 1L-7.2-2.3L-1.9-2.4Z"),
    "linear": ("Linear", "M-5.3-5.3H5.3V5.3H-5.3Z"),
    "kernel": ("Kernel", "M-2.2-6.4H2.2V-2.2H6.4V2.2H2.2V6.4H-2.2V2.2H-6.4V-2.2H-2.2Z"),
    "neighbors": ("Neighbours", "M-5.8 0A5.8 5.8 0 1 1 5.8 0A5.8 5.8 0 1 1-5.8 0Z"),
    "baseline": ("Baseline", "M-6.2-2.2H6.2V2.2H-6.2Z"),
    "other": ("Other", "M-4-6.2H4L6.6 0L4 6.2H-4L-6.6 0Z"),
}
"""Families in the order of the legend: the word, and a mark that tells them apart without colour."""


def family_class(family: str) -> str:
    """A family as a CSS class; what is not known is `other`, whatever the text."""
    return family if family in FAMILIES else "other"


def mark_path(family: str) -> str:
    """The outline of a family's mark, around (0, 0)."""
    return FAMILIES[family_class(family)][1]


@dataclass(frozen=True)
class Strip:
    """Errors of a model's splits on an axis that all rows of a table share, 0..100; `mean` is None when unfinished."""

    dots: tuple[float, ...]
    mean: float | None


def strip_of(result: TaskResult, results: Sequence[TaskResult]) -> Strip:
    """Where a model's split errors lie between the smallest and largest error of a task.

    The axis ends at 2.5 times the spread of the better half, so that one wild error does not press all
    others together; what lies beyond sits on the end.
    """
    errors = sorted(s.error for r in results for s in r.splits if s.error is not None and math.isfinite(s.error))
    if not errors:
        return Strip((), None)
    low = errors[0]
    spread = errors[-1] - low
    half = errors[len(errors) // 2] - low
    if half > 0:
        spread = min(spread, 2.5 * half)

    def place(error: float) -> float:
        share = (error - low) / spread if spread > 0 else 0.0
        return round(4 + 92 * min(max(share, 0.0), 1.0), 2)

    dots = tuple(place(s.error) for s in result.splits if s.error is not None and math.isfinite(s.error))
    return Strip(dots, None if result.error is None else place(result.error))
