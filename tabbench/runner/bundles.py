"""Put jobs into bundles for an engine whose tasks are dear to start, so that its slots end at about the same time."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tabbench.runner.executors.bundle import Bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tabbench.runner.job import Job

SHARE_PER_SLOT = 4
"""No bundle is expected to take more than that part of what is left for each slot, unless one job does."""
LEAST_SECONDS = 60.0
"""Below that, starting a bundle costs more than an even end is worth."""


def bundle_jobs(jobs: Sequence[Job], costs: Sequence[float], minutes: float, slots: int) -> tuple[Bundle, ...]:
    """Bundles of jobs, in the order in which they are to start: longest first.

    A bundle is about `minutes` of expected work, less near the end, where short ones even out what was guessed wrong
    (guided self-scheduling: Polychronopoulos and Kuck, 1987, IEEE Transactions on Computers 36:1425-1439). A job that
    takes longer is a bundle by itself. Jobs of a task stand together, since who works on a bundle reads its tables.

    Args:
        jobs: In any order.
        costs: Expected seconds of each.
        minutes: Expected work of a bundle, at most.
        slots: Bundles that are worked on at the same time.

    Raises:
        ValueError: If `minutes` or `slots` is not positive.
    """
    if minutes <= 0 or slots < 1:
        raise ValueError(f"A bundle takes more than 0 minutes on 1 slot or more, not {minutes} on {slots}.")
    left = sum(costs)
    most = max(min(minutes * 60, left / (SHARE_PER_SLOT * slots)), min(LEAST_SECONDS, minutes * 60))
    long = sorted((i for i in range(len(jobs)) if costs[i] >= most), key=lambda i: -costs[i])
    bundles: list[tuple[float, tuple[Job, ...]]] = [(costs[i], (jobs[i],)) for i in long]
    left -= sum(costs[i] for i in long)
    bundle: list[Job] = []
    seconds = 0.0
    for i in _by_task(jobs, (i for i in range(len(jobs)) if costs[i] < most)):
        if bundle and seconds + costs[i] > max(min(most, left / (SHARE_PER_SLOT * slots)), LEAST_SECONDS):
            bundles.append((seconds, tuple(bundle)))
            left -= seconds
            bundle, seconds = [], 0.0
        bundle.append(jobs[i])
        seconds += costs[i]
    if bundle:
        bundles.append((seconds, tuple(bundle)))
    bundles.sort(key=lambda one: -one[0])
    return tuple(Bundle(found, one) for one, found in bundles)


def _by_task(jobs: Sequence[Job], numbers: Iterable[int]) -> list[int]:
    """The numbers, those of one task's jobs together."""
    found: dict[str, list[int]] = defaultdict(list)
    for i in numbers:
        found[jobs[i].task].append(i)
    return [i for one in found.values() for i in one]
