"""A leaderboard as text: CSV, JSON, Markdown, LaTeX, and the cells that people read."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

HEADINGS = (
    "#", "model", "rank", "Elo", "Elo 95 %", "place", "group", "wins", "score", "impr.", "missing", "tasks", "fit s",
    "predict s", "search s",
)  # fmt: skip
"""Heads of the columns of `reading_rows`."""


def to_csv(table: pd.DataFrame) -> str:
    """One line a row and a head; an empty cell where there is no number, every digit kept."""
    return str(table.to_csv(index=False, lineterminator="\n"))


def to_json(table: pd.DataFrame) -> str:
    """A list of objects; null where there is no number, every digit kept."""
    records = [{str(name): _json_value(v) for name, v in row.items()} for row in table.to_dict("records")]
    return json.dumps(records, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def to_markdown(table: pd.DataFrame) -> str:
    """A pipe table a pool, rounded for reading."""
    parts = []
    for pool, rows in reading_rows(table):
        lines = [f"**{pool}**", "", _pipes(HEADINGS), _pipes(["--:", ":--", *["--:"] * (len(HEADINGS) - 2)])]
        parts.append("\n".join(lines + [_pipes([cell.replace("|", "\\|") for cell in row]) for row in rows]))
    return "\n\n".join(parts) + "\n"


def to_latex(table: pd.DataFrame) -> str:
    """A booktabs tabular a pool, rounded for reading."""
    parts = []
    for pool, rows in reading_rows(table):
        lines = [f"% regime: {pool}", "\\begin{tabular}{rl" + "r" * (len(HEADINGS) - 2) + "}", "\\toprule"]
        lines += [_latex_row(HEADINGS), "\\midrule", *[_latex_row(row) for row in rows]]
        parts.append("\n".join([*lines, "\\bottomrule", "\\end{tabular}"]))
    return "\n\n".join(parts) + "\n"


def pools_in(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each pool of a leaderboard by its name, with entrants as `model`; rows of one pool stand together."""
    for pool, rows in table.groupby("pool", sort=False):
        is_mixed = rows["regime"].ne(pool).any()
        names = rows["model"] + " (" + rows["regime"] + ")" if is_mixed else rows["model"]
        yield str(pool), rows.assign(model=names)


def reading_rows(table: pd.DataFrame) -> Iterator[tuple[str, list[list[str]]]]:
    """Each pool with its rows as rounded cells under `HEADINGS`; places are numbered, unranked rows have a dash.

    An Elo that only the prior bounds has a star.
    """
    for pool, rows in pools_in(table):
        cells = []
        for place, row in enumerate(rows.to_dict("records"), start=1):
            cells.append([
                str(place) if row["is_ranked"] else "-", str(row["model"]), _number(row["mean_rank"], 2),
                _number(row["elo"], 0) + "*" * bool(row["is_unbounded"]), _range(row["elo_low"], row["elo_high"]),
                _range(row["rank_low"], row["rank_high"]), str(row["groups"]), _number(row["win_rate"], 2),
                _number(row["normalised_score"], 2), _percent(row["improvability"]),
                f"{row['imputed_share']:.0%}" if row["imputed_share"] else "",
                f"{row['n_tasks_finished']}/{row['n_tasks']}", seconds(row["fit_seconds"]),
                seconds(row["predict_seconds"]), seconds(row["search_seconds"]),
            ])  # fmt: skip
        yield pool, cells


def seconds(value: float) -> str:
    """Seconds with about two digits; a dash where there are none.

    >>> [seconds(s) for s in (0.00123, 0.0456, 1.234, 98.7, float("nan"))]
    ['0.0012', '0.046', '1.2', '99', '-']
    """
    if math.isnan(value):
        return "-"
    if value >= 10 or value == 0:
        return f"{value:.0f}"
    return f"{value:.{1 - math.floor(math.log10(value))}f}" if value > 1e-6 else "0"


def _number(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.0%}"


def _range(low: float, high: float) -> str:
    """Two whole numbers, or one where they are the same; empty where there are none."""
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"{low:.0f}-{high:.0f}" if round(low) != round(high) else f"{low:.0f}"


def _json_value(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _pipes(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _latex_row(cells: Sequence[str]) -> str:
    escapes = {"\\": "\\textbackslash{}"} | {c: f"\\{c}" for c in "&%$#_{}"}
    return " & ".join("".join(escapes.get(c, c) for c in cell) for cell in cells) + " \\\\"
