"""Time and groups that cross from train to test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.checks.finding import FAULT, MOST_ROWS, NOTE, WARNING, Finding
from tabbench.data.splits import make_split
from tabbench.task import ColumnKind, SplitKind

if TYPE_CHECKING:
    from tabbench.task import TaskData

DATE_PARTS = frozenset(
    {"year", "yr", "month", "mnth", "mon", "day", "dteday", "date", "datetime", "hour", "hr", "week"}
)
GROUPS = frozenset({"subject", "patient", "speaker", "user", "customer", "household", "person", "group", "participant"})
PARTS = frozenset({"train", "test", "split", "fold"})
MANY = 10
WORD = re.compile(r"[^\W\d_]+")


def time_runs_backwards(data: TaskData) -> tuple[Finding, ...]:
    """Train rows later than the first test row, where a task has a time."""
    if data.time is None:
        return ()
    later = np.zeros(len(data.y), dtype=bool)
    for repeat, fold in data.task.splits:
        split = make_split(data, repeat, fold)
        later[split.train] |= data.time[split.train] > data.time[split.test].min()
    if not later.any():
        return ()
    told = f"{later.sum():,} rows are trained on although they are later than a test row: use temporal splits."
    return (Finding("time_backwards", FAULT, told, rows=tuple(np.flatnonzero(later)[:MOST_ROWS].tolist())),)


def groups_leak(data: TaskData) -> tuple[Finding, ...]:
    """Groups that stand in train and in test, where a task has groups."""
    if data.group is None:
        return ()
    leaks = np.zeros(len(data.y), dtype=bool)
    for repeat, fold in data.task.splits:
        split = make_split(data, repeat, fold)
        leaks[split.test] |= np.isin(data.group[split.test], data.group[split.train])
    if not leaks.any():
        return ()
    told = f"{leaks.sum():,} test rows belong to a group that is in train as well: use grouped splits."
    return (Finding("group_leaks", FAULT, told, rows=tuple(np.flatnonzero(leaks)[:MOST_ROWS].tolist())),)


def columns_that_tell_of_parts(data: TaskData) -> tuple[Finding, ...]:
    """Features that are dates or are called like dates, groups or parts, in a task whose splits don't mind them."""
    words = {c.name: {w.casefold() for w in WORD.findall(c.name)} for c in data.task.features}
    rule = data.task.split_rule.kind
    found = []
    dated = tuple(c.name for c in data.task.features if c.kind is ColumnKind.DATE or words[c.name] & DATE_PARTS)
    is_date = any(c.kind is ColumnKind.DATE for c in data.task.features)
    if rule is not SplitKind.TEMPORAL and dated and (is_date or len(dated) > 1 or data.X[dated[0]].nunique() > MANY):
        told = "The table is dated, but its splits are not by time: give a column the role time (~time=COLUMN)."
        found.append(Finding("dated_table", WARNING, told, dated))
    grouped = tuple(name for name in words if words[name] & GROUPS and _has_many(data, name))
    if rule is not SplitKind.GROUPED and grouped:
        told = "Rows seem to belong to groups, but splits part them: give a column the role group (~group=COLUMN)."
        found.append(Finding("grouped_table", NOTE, told, grouped))
    said = tuple(name for name in words if words[name] & PARTS)
    if said:
        found.append(Finding("part_column", WARNING, "A column seems to say in which part a row was: ignore it.", said))
    return tuple(found)


def _has_many(data: TaskData, column: str) -> bool:
    """Over `MANY` values, and fewer than rows."""
    return MANY < data.X[column].nunique() < len(data.X)
