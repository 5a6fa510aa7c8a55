"""A leaderboard for people at a terminal: one table a pool, ratings and their intervals drawn on one scale."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100
"""Columns where standard output is no terminal."""
BAR = 20
"""Cells of the drawn scale."""
LESSER = ("search s", "predict s", "tasks", "score")
"""Columns that a terminal of under `ROOMY` columns leaves out."""
ROOMY = 125
DRAWN = "Elo 95 %"


def print_board(table: pd.DataFrame) -> None:
    """Print each pool of a leaderboard, best first; those not ranked are dim and last."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from tabbench.ranking.rendering import HEADINGS, pools_in, reading_rows

    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console.width = WIDTH
    pools = dict(pools_in(table))
    for pool, rows in reading_rows(table):
        shown = Table(title=f"{pool}: best first", box=box.SIMPLE, title_justify="left", pad_edge=False)
        shown.padding = 0
        kept = [i for i, heading in enumerate(HEADINGS) if _is_shown(heading, [row[i] for row in rows], console.width)]
        bars = elo_bars(pools[pool])
        for i in kept:
            heading = HEADINGS[i]
            if heading == "model":  # a long name takes a second line, numbers are never cut
                shown.add_column(heading, overflow="fold")
            else:
                least = BAR if heading == DRAWN else max(len(text) for text in (heading, *(row[i] for row in rows)))
                shown.add_column(
                    heading, justify="left" if heading == DRAWN else "right", min_width=least, no_wrap=True
                )
        for row, bar in zip(rows, bars, strict=True):
            cells = [bar if HEADINGS[i] == DRAWN else row[i] for i in kept]
            shown.add_row(*cells, style="" if row[0] != "-" else "dim")
        console.print(shown)


def _is_shown(heading: str, cells: list[str], width: int) -> bool:
    """The scale always; no empty column; the lesser ones where there is room."""
    return heading == DRAWN or (
        any(cell not in ("", "-") for cell in cells) and (width >= ROOMY or heading not in LESSER)
    )


def elo_bars(rows: pd.DataFrame, width: int = BAR) -> list[str]:
    """Each rating as a dot between the ends of its interval, all on one scale.

    The scale spans what the battles bound; what lies beyond it is an arrow at its end.

    >>> import pandas as pd
    >>> nan = float("nan")
    >>> rows = {"elo": [1100.0, 1000.0, -900.0], "elo_low": [1075.0, 950.0, nan], "elo_high": [1125.0, 1050.0, nan],
    ...         "is_unbounded": [False, False, True]}
    >>> for bar in elo_bars(pd.DataFrame(rows), 8): print(bar)
         ├●┤
    ├─●─┤
    ◂
    """
    bounded = rows[~rows["is_unbounded"].astype(bool)]
    known = bounded if bounded["elo"].notna().any() else rows
    ends = known[["elo", "elo_low", "elo_high"]]
    low, high = ends.min().min(), ends.max().max()
    if math.isnan(low):
        return [""] * len(rows)
    unit = (high - low) / (width - 1) or 1.0
    places = (rows[["elo", "elo_low", "elo_high"]].to_numpy(dtype="float64") - low) / unit
    return [_bar(point, first, last, width) for point, first, last in places.tolist()]


def _bar(point: float, low: float, high: float, width: int) -> str:
    if math.isnan(point):
        return ""
    if not -0.5 <= point <= width - 0.5:
        return "◂" if point < 0 else " " * (width - 1) + "▸"
    cells = [" "] * width
    if not math.isnan(low) and not math.isnan(high):
        first, last = max(round(low), 0), min(round(high), width - 1)
        cells[first : last + 1] = ["─"] * (last + 1 - first)
        cells[first] = "├" if low > -0.5 else "◂"
        cells[last] = "┤" if high < width - 0.5 else "▸"
    cells[round(point)] = "●"
    return "".join(cells).rstrip()
