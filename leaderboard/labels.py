"""Write names beside the points of a plot so that none covers a point, a line or another name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHARACTER = 7.4
"""Width of a label's character; generous, since the reader's font is not known."""
LINE = 15.0
"""Height of a label."""
REACH = 10.0
"""From the middle of a mark to a label that touches it; half a mark and a little air."""
MARK = 8.0
"""Half of a mark's width, with air."""
MOST_CHARACTERS = 24

RINGS = ((0.0, 0.0), (0.0, 0.8), (14.0, 1.6), (22.0, 2.6), (30.0, 3.6))
"""Where to look for room, nearest first: beyond `REACH` sideways, and in lines up or down."""
SIDES = ((1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (0, -1))
"""Right, left or centred (1, -1, 0), above or below (1, -1), in order of liking."""


class Box(NamedTuple):
    """A rectangle of the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Shared area."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)

    def is_within(self, other: Box) -> bool:
        """Whether no part of it lies outside."""
        return (
            self.left >= other.left
            and self.top >= other.top
            and self.right <= other.right
            and self.bottom <= other.bottom
        )


class Label(NamedTuple):
    """A name beside its mark.

    Attributes:
        text: Cut to `MOST_CHARACTERS`.
        x, y, anchor: As an SVG text element wants them.
        box: The room it takes.
        leader: SVG path from the mark to a label further off; empty when they touch.
        end: Where the leader meets the label.
    """

    text: str
    x: float
    y: float
    anchor: str
    box: Box
    leader: str
    end: tuple[float, float]


def place_labels(
    names: Sequence[str], spots: Sequence[tuple[float, float]], room: Box, lines: Sequence[Box]
) -> list[Label | None]:
    """A label for every mark that has room for one, in the order given; the first have the choice.

    Args:
        names: Shape (n_marks,).
        spots: The middle of each mark, in the order of the names.
        room: No label leaves it.
        lines: What else must stay free.

    Returns:
        Shape (n_marks,); None where every place near the mark is taken.
    """
    marks = [Box(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in spots]
    cores = [Box(x - MARK / 2, y - MARK / 2, x + MARK / 2, y + MARK / 2) for x, y in spots]
    written: list[Box] = []
    placed: list[Label | None] = []
    for number, (name, (x, y)) in enumerate(zip(names, spots, strict=True)):
        text = name if len(name) <= MOST_CHARACTERS else name[: MOST_CHARACTERS - 1] + "…"
        other_cores = cores[:number] + cores[number + 1 :]
        free = (
            label
            for label in _candidates(text, x, y)
            if label.box.is_within(room)
            and not any(label.box.overlap(box) for box in (*marks, *written, *lines))
            and not any(dot.overlap(box) for dot in _dots(label, x, y) for box in (*other_cores, *written))
        )
        label = next(free, None)
        placed.append(label)
        if label is not None:
            written += [label.box, *_dots(label, x, y)]
    return placed


def _dots(label: Label, x: float, y: float) -> list[Box]:
    """The room of a leader, from the rim of its mark on: it may cross a line, but no mark, name or leader."""
    if not label.leader:
        return []
    end_x, end_y = label.end
    length = math.hypot(end_x - x, end_y - y)
    steps = [i / length for i in range(round(MARK), round(length) - 1, 2)]
    spots = [(x + step * (end_x - x), y + step * (end_y - y)) for step in steps]
    return [Box(at_x - 1.5, at_y - 1.5, at_x + 1.5, at_y + 1.5) for at_x, at_y in spots]


def _candidates(text: str, x: float, y: float) -> Iterator[Label]:
    """Every place around a mark, in order of liking."""
    width, half = CHARACTER * len(text), LINE / 2
    for further, lift in RINGS:
        for side, up in SIDES:
            if side == 0 and lift == 0:
                continue  # it would lie on its own mark
            middle_x = x + side * (REACH + further)
            middle_y = y - up * (lift + (0.35 if side == 0 else 0.0)) * LINE
            left = {1: middle_x, -1: middle_x - width, 0: middle_x - width / 2}[side]
            end_y = middle_y + up * half if side == 0 else middle_y
            end = (middle_x - 3 * side, end_y)
            leader = f"M{x:g} {y:g}L{end[0]:g} {end[1]:g}" if further else ""
            anchor = {1: "start", -1: "end", 0: "middle"}[side]
            box = Box(left, middle_y - half, left + width, middle_y + half)
            yield Label(text, round(middle_x, 2), round(middle_y + 4.5, 2), anchor, box, leader, end)
