"""Answers as text: a table for people, CSV and JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tabbench.store.query import Answer

MOST_ROWS_SHOWN = 1_000
"""Of a table for people; CSV and JSON are never cut."""


def as_csv(answer: Answer) -> str:
    r"""RFC 4180 with a header and plain line feeds; NULL is empty, lists and structs are JSON.

    >>> from tabbench.store.query import Answer
    >>> as_csv(Answer(["a", "b"], [(1, None), ("x,y", [1, 2])]))
    'a,b\n1,\n"x,y","[1, 2]"\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_cell(value) for value in row] for row in answer.rows)
    return text.getvalue()


def as_json(answer: Answer) -> str:
    """A list of objects; times as ISO 8601 in UTC, NaN and infinities as null, as JSON has no word for them.

    >>> from tabbench.store.query import Answer
    >>> as_json(Answer(["a"], [(1.5,), (float("nan"),)]))
    '[{"a": 1.5}, {"a": null}]'
    """
    rows = [dict(zip(_distinct(answer.columns), map(_plain, row), strict=True)) for row in answer.rows]
    return json.dumps(rows, ensure_ascii=False, allow_nan=False)


def print_table(answer: Answer) -> None:
    """Print a table to standard output, as wide as its content when that is no terminal."""
    import sys

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    width = None if sys.stdout.isatty() else 10_000
    table = Table(box=None, pad_edge=False)
    for n, name in enumerate(answer.columns):
        is_number = all(isinstance(row[n], int | float | Decimal | None) for row in answer.rows)
        table.add_column(Text(name), justify="right" if is_number else "left", overflow="fold")
    for row in answer.rows[:MOST_ROWS_SHOWN]:
        table.add_row(*(Text(_shown(value)) for value in row))
    Console(width=width, highlight=False).print(table)
    if len(answer.rows) > MOST_ROWS_SHOWN:
        sys.stderr.write(f"{MOST_ROWS_SHOWN} of {len(answer.rows)} rows shown; --csv and --json print all.\n")


def _distinct(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        number, one = 1, name
        while one in found:
            number, one = number + 1, f"{name}_{number}"
        found.append(one)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.isoformat() + "Z"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple | dict):
        return json.dumps(_plain(value), ensure_ascii=False)
    return value.isoformat() + "Z" if isinstance(value, datetime) and value.tzinfo is None else value


def _shown(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(_cell(value))
