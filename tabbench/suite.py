"""What a suite knows of its tasks beside their names: which splits are run, tables that stand twice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SplitsRun(StrEnum):
    """Which splits of a suite's tasks are run: all of them, or repeat 0, fold 0 alone."""

    ALL = "all"
    FIRST = "first"


@dataclass(frozen=True)
class SameTable:
    """Tasks on one table: under several ids, versions, targets, samples or sets of columns.

    Attributes:
        table: What the table is called.
        tasks: Task names, of this suite and of others; at least two.
    """

    table: str
    tasks: tuple[str, ...]
