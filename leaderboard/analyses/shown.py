"""What a section of the analysis page shows: sentences, charts and tables; plain data, no HTML.

`scripts/analysis/types.js` says the same of what charts are drawn from in JSDoc.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tabbench_leaderboard.figures import DASH, fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from tabbench_leaderboard.chart_texts import ChartText

Cell = str | float | int | None
Kind = Literal["text", "number", "task", "model"]


@dataclass(frozen=True)
class DataTable:
    """The numbers behind a drawing, every digit: what its CSV holds."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Mark:
    """A value with its interval in a row of its own.

    Attributes:
        name: Of the row.
        value: Where its dot is.
        low: Lower end; None where there is no interval.
        high: Upper end.
        told: What pointing at it tells, beside the name.
        is_filled: Whether the dot is full; hollow says that it is not told from 0.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    told: str
    is_filled: bool = True


@dataclass(frozen=True)
class MarkView:
    """Rows of marks on one scale: one choice of a chart.

    Attributes:
        title: The word on the choice.
        axis: What the scale is.
        is_percent: Whether numbers are shares.
        sides: What it means to lie left and right of 0; empty where 0 means nothing.
        hues: Families whose colours the two sides have; empty for one colour.
        note: A sentence below the drawing.
    """

    title: str
    axis: str
    is_percent: bool
    marks: tuple[Mark, ...]
    table: DataTable
    sides: tuple[str, ...] = ()
    hues: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Point:
    """A point of a line, with its interval where it has one."""

    x: float
    y: float
    told: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Line:
    """A line through points; one without a name is drawn faintly behind the others."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class LineView:
    """Lines over a shared axis: one choice of a chart.

    Attributes:
        title: The word on the choice.
        x_axis: What it is.
        y_axis: Likewise.
        is_percent: Whether values are shares.
        is_log: Whether x is drawn on a logarithmic axis.
        places: Words for x = 0, 1, 2 …; empty where x is a number.
        note: A sentence below the drawing.
    """

    title: str
    x_axis: str
    y_axis: str
    is_percent: bool
    lines: tuple[Line, ...]
    table: DataTable
    is_log: bool = False
    places: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart, its words, and what can be chosen in it."""

    text: ChartText
    choice: str
    views: tuple[MarkView, ...] | tuple[LineView, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table on the page; tasks and models are links."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class ShownTable:
    """A table on the page, its cells as they are read; a folded one is opened by a click."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    is_folded: bool = False


@dataclass(frozen=True)
class Section:
    """One analysis.

    Attributes:
        key: Of its heading.
        title: Heading.
        question: What it asks.
        says: What was found, a sentence or more each.
        charts: Those that there is something to draw in.
        tables: Below them.
        listing: A text with lines of its own, and its heading before a blank line; empty for none.
        missing: Why it is not there; empty where it is.
        brings: A command that brings it; empty where none does.
    """

    key: str
    title: str
    question: str
    says: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[ShownTable, ...] = ()
    listing: str = ""
    missing: str = ""
    brings: str = ""


@dataclass(frozen=True)
class Analyses:
    """All sections, and how much they rest on.

    Attributes:
        n_families: Families of unmodified tasks: the units of every interval.
    """

    sections: tuple[Section, ...] = ()
    n_families: int = 0


def known(value: Any) -> float | None:
    """A number as JSON has it: None for what is not finite."""
    return float(value) if math.isfinite(value) else None


def data_table(frame: pd.DataFrame, names: Mapping[str, str] | None = None) -> DataTable:
    """A table's rows as cells; underscores in names of columns become blanks."""
    columns = tuple((names or {}).get(str(name), str(name).replace("_", " ")) for name in frame.columns)
    return DataTable(columns, tuple(tuple(map(_cell, row)) for row in frame.itertuples(index=False)))


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "yes" if value else "no"
    return known(value)


def share(value: float, digits: int = 1) -> str:
    """A share of 1 as a percentage with a true minus; a dash where there is none.

    >>> share(-0.5), share(-0.0001), share(float("nan"))
    ('−50.0 %', '0.0 %', '–')
    """
    return f"{plain(100 * value, digits)} %" if math.isfinite(value) else DASH


def plain(value: float, digits: int = 2) -> str:
    """A number with so many decimals and a true minus; a dash where there is none."""
    text = fixed(value, digits)
    return text.replace("-", "−") if any(digit in text for digit in "123456789") else text.removeprefix("-")


def between(low: float, high: float, shown: Callable[[float], str] = share) -> str:
    """An interval in words; empty where there is none.

    >>> between(-0.051, 0.2), between(float("nan"), 1.0)
    ('−5.1 % to 20.0 %', '')
    """
    return f"{shown(low)} to {shown(high)}" if math.isfinite(low) and math.isfinite(high) else ""


def told_interval(low: float, high: float, shown: Callable[[float], str] = share, level: str = "95 %") -> str:
    """The line of a mark that tells its interval; empty where there is none."""
    text = between(low, high, shown)
    return f"{level}: {text}" if text else ""


def lines_of(*parts: str) -> str:
    """What a mark tells, a line each; empty ones are left out."""
    return "\n".join(part for part in parts if part)


def rows_of(frame: pd.DataFrame) -> Sequence[dict[str, Any]]:
    """The rows of a table by their columns' names."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
