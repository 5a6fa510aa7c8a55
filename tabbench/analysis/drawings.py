"""Figures as SVG texts: values with intervals in rows, and values against a dose. Nothing but rectangles and lines."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

WIDTH, ROW, LEFT, RIGHT, HEAD, FOOT = 720.0, 22.0, 220.0, 40.0, 56.0, 44.0
INK, SOFT, HAIR, MARK = "#1c2126", "#565e66", "#dedad0", "#0a6aa1"
FONT = "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
MOST_ROWS = 60


class Bar(NamedTuple):
    """A value with its interval (NaN where there is none), under a name."""

    name: str
    value: float
    low: float
    high: float


def interval_drawing(title: str, axis: str, bars: Sequence[Bar], zero: str = "") -> str:
    """A dot and its interval for each name, one below the other, on one scale.

    Args:
        title: What it shows.
        axis: What the scale is.
        bars: From top to bottom; of more than 60 the first and last 30 are drawn.
        zero: What it means to be on which side of 0; empty for no line at 0.

    Returns:
        An SVG text.
    """
    shown = [bar for bar in bars if math.isfinite(bar.value)]
    if len(shown) > MOST_ROWS:
        shown = [*shown[: MOST_ROWS // 2], *shown[-MOST_ROWS // 2 :]]
    ends = [x for bar in shown for x in (bar.value, bar.low, bar.high) if math.isfinite(x)] + ([0.0] if zero else [])
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    marks = ticks(low, high)
    low, high = min(low, marks[0]), max(high, marks[-1])
    height = HEAD + ROW * len(shown) + FOOT
    unit = (WIDTH - LEFT - RIGHT) / ((high - low) or 1.0)

    def at(x: float) -> float:
        return LEFT + (x - low) * unit

    parts = [_text(16, 24, title, size=15, weight=600), _text(16, 43, zero, colour=SOFT)]
    for tick in marks:
        parts.append(_line(at(tick), HEAD - 4, at(tick), height - FOOT + 4, HAIR))
        parts.append(_text(at(tick), height - FOOT + 20, f"{tick:g}", anchor="middle", colour=SOFT))
    if zero:
        parts.append(_line(at(0.0), HEAD - 4, at(0.0), height - FOOT + 4, SOFT))
    for i, bar in enumerate(shown):
        y = HEAD + ROW * (i + 0.5)
        parts.append(_text(LEFT - 10, y + 4, _cut(bar.name), anchor="end"))
        if math.isfinite(bar.low) and math.isfinite(bar.high):
            parts.append(_line(at(bar.low), y, at(bar.high), y, MARK, 2))
        parts.append(f'<circle cx="{at(bar.value):.1f}" cy="{y:.1f}" r="4" fill="{MARK}"/>')
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, height - 6, axis, anchor="middle", colour=SOFT))
    return _svg(WIDTH, height, title, parts)


def dose_drawing(title: str, doses: pd.DataFrame) -> str:
    """How far each dose of one change moves the gap, with its interval.

    Args:
        title: What it shows.
        doses: Rows of `doses.responses` of one change.
    """
    bars = [
        Bar(f"{row['dose']} ({row['n_tasks']} tasks)", float(row["moved"]), float(row["low"]), float(row["high"]))
        for row in doses.to_dict("records")
    ]
    return interval_drawing(title, "moves the gap by", bars, "right of 0: the second family gains by the change")


def ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Round numbers that span a range: steps of 1, 2 or 5 times a power of ten.

    >>> ticks(-0.03, 0.11)
    [-0.05, 0.0, 0.05, 0.1, 0.15]
    """
    if not high > low:
        low, high = low - 0.5, high + 0.5
    raw = (high - low) / (most - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(np.round(n * step, 12)) + 0.0 for n in range(first, last + 1)]


def _svg(width: float, height: float, title: str, parts: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="{escape(title)}" font-family="{escape(FONT)}" font-size="12">\n'
        '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"/>'


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", colour: str = INK, size: int = 12, weight: int = 400
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )


def _cut(name: str, most: int = 28) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
