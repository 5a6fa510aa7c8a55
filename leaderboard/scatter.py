"""Lay out a plot of score against time: points, log ticks, Pareto front, labels that keep out of each other's way.

Only geometry happens here, in the units of the drawing; the template draws it, styles colour it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tabbench_leaderboard.figures import fixed, significant
from tabbench_leaderboard.labels import Box, Label, place_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Point(NamedTuple):
    """One model: what it costs (seconds, positive) and what it scores (higher is better)."""

    model: str
    family: str
    seconds: float
    score: float
    detail: str


@dataclass(frozen=True)
class Tick:
    """A grid line and its label; minor ones have no label."""

    at: float
    label: str


@dataclass(frozen=True)
class Mark:
    """A point as drawn; its name where there is room, else only hover and focus tell it."""

    point: Point
    x: float
    y: float
    label: Label | None
    is_on_front: bool


@dataclass(frozen=True)
class Scatter:
    """A finished layout. `front` is an SVG path through the Pareto front, as steps."""

    width: float
    height: float
    frame: Box
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    front: str


def pareto_front(points: Sequence[Point]) -> list[Point]:
    """The points that no other beats: none is as fast and better, or as good and faster. Fastest first.

    >>> a, b, c = (Point(m, "", s, v, "") for m, s, v in [("a", 1, 0.5), ("b", 2, 0.9), ("c", 3, 0.8)])
    >>> [p.model for p in pareto_front([c, b, a])]
    ['a', 'b']
    """
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.seconds, -p.score, p.model)):
        is_equal = bool(front) and (point.seconds, point.score) == (front[-1].seconds, front[-1].score)
        if not front or point.score > front[-1].score or is_equal:
            front.append(point)
    return front


def lay_out(points: Sequence[Point], width: float, height: float) -> Scatter:
    """Place everything in a drawing of the given size.

    Args:
        points: Any order; those without a positive finite time or a finite score are to be left out before.
        width: Of the drawing, in its own units (pixels at full size).
        height: Likewise.
    """
    frame = Box(52.0, 14.0, width - 14.0, height - 46.0)
    ordered = sorted(points, key=lambda p: (p.seconds, p.model))
    x_low, x_high = _decades([p.seconds for p in ordered])
    y_low, y_high, y_step = _score_range([p.score for p in ordered])

    def place_x(seconds: float) -> float:
        share = (math.log10(seconds) - math.log10(x_low)) / (math.log10(x_high) - math.log10(x_low))
        return round(frame.left + share * (frame.right - frame.left), 2)

    def place_y(score: float) -> float:
        return round(frame.bottom - (score - y_low) / (y_high - y_low) * (frame.bottom - frame.top), 2)

    front = pareto_front(ordered)
    spots = [(place_x(p.seconds), place_y(p.score)) for p in ordered]
    corners = [(place_x(p.seconds), place_y(p.score)) for p in front]
    title = Box(frame.left, frame.top - 2.0, frame.left + 140.0, frame.top + 16.0)
    room = Box(frame.left, 0.0, width, frame.bottom + 4.0)
    labels = place_labels([p.model for p in ordered], spots, room, [*_line_boxes(corners, frame), title])
    on_front = set(front)
    marks = tuple(
        Mark(p, x, y, label, is_on_front=p in on_front) for p, (x, y), label in zip(ordered, spots, labels, strict=True)
    )
    values = [i * y_step for i in range(math.ceil(y_low / y_step), math.floor(y_high / y_step) + 1)]
    y_ticks = tuple(Tick(place_y(value), fixed(value, 2)) for value in values)
    return Scatter(
        width, height, frame, _log_ticks(x_low, x_high, place_x, width), y_ticks, marks, _steps(corners, frame)
    )


def _decades(seconds: Sequence[float]) -> tuple[float, float]:
    """Ends of the time axis: 1, 2 or 5 times a power of ten, with room around the points."""
    low, high = min(seconds, default=0.1) / 1.6, max(seconds, default=10.0) * 1.6
    return _nice_below(low), 1 / _nice_below(1 / high)


def _nice_below(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max(m * power for m in (1, 2, 5) if m * power <= value * (1 + 1e-9))


def _score_range(scores: Sequence[float]) -> tuple[float, float, float]:
    """Ends and step of the score axis, with room around the points."""
    low, high = min(scores, default=0.0), max(scores, default=1.0)
    spread = max(high - low, 0.05)
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, math.inf) if spread / s <= 6)
    if math.isinf(step):
        step = spread / 5
    return low - 0.07 * spread, high + 0.12 * spread, step


def _log_ticks(low: float, high: float, place: Callable[[float], float], width: float) -> tuple[Tick, ...]:
    n_decades = math.log10(high / low)
    labelled = (1, 2, 5) if n_decades <= (3 if width > 500 else 1.5) else (1,)
    ticks = []
    for exponent in range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1):
        for multiple in range(1, 10):
            value = multiple * 10.0**exponent
            if low * (1 - 1e-9) <= value <= high * (1 + 1e-9):
                ticks.append(Tick(place(value), tick_label(value) if multiple in labelled else ""))
    return tuple(ticks)


def tick_label(seconds: float) -> str:
    """A time on the axis.

    >>> tick_label(0.05), tick_label(2), tick_label(1000)
    ('0.05 s', '2 s', '1000 s')
    """
    return f"{significant(seconds, 1)} s"


def _steps(spots: Sequence[tuple[float, float]], frame: Box) -> str:
    """A staircase: what is the best score for no more than this time, carried on to the right edge."""
    if not spots:
        return ""
    path = f"M{spots[0][0]:g} {spots[0][1]:g}"
    for x, y in spots[1:]:
        path += f"H{x:g}V{y:g}"
    return path + f"H{frame.right:g}"


def _line_boxes(corners: Sequence[tuple[float, float]], frame: Box) -> list[Box]:
    """The room that the staircase of `_steps` takes."""
    ends = [*corners[1:], (frame.right, corners[-1][1])] if corners else []
    boxes = []
    for (x, y), (next_x, next_y) in zip(corners, ends, strict=True):
        boxes += [Box(x, y - 2, next_x, y + 2), Box(next_x - 2, min(y, next_y), next_x + 2, max(y, next_y))]
    return boxes
