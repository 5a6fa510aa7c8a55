"""Run every check on a task."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tabbench.counted import counted
from tabbench.data.catalog import load_task
from tabbench.data.checks import columns, duplicates, elsewhere, leaks, missing, parts, target
from tabbench.data.checks.finding import FAULT, MOST_ROWS, Finding, Severity
from tabbench.data.local import FILE, file_task_data, open_file_task
from tabbench.data.modifiers.names import split_name
from tabbench.data.source import OpenedTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.task import TaskData

CHECKS: tuple[Callable[[TaskData], tuple[Finding, ...]], ...] = (
    duplicates.duplicates_across_parts,
    leaks.functions_of_target,
    leaks.sums_that_give_target,
    parts.time_runs_backwards,
    parts.groups_leak,
    parts.columns_that_tell_of_parts,
    target.small_classes,
    target.few_numbers,
    target.far_from_zero,
    columns.ids,
    columns.empty_or_constant,
    columns.numbers_as_text,
    columns.codes_as_numbers,
    missing.missing_words,
    missing.sentinels,
    elsewhere.same_content,
    elsewhere.known_twins,
)


def check_task(name: str) -> tuple[Finding, ...]:
    """All that is suspicious about a task, worst first.

    Rows of a file without a target are told, and left out of the other checks.

    Raises:
        UnknownNameError: If there is no such task.
        DataError: If its table cannot be used at all.
    """
    if not name.startswith(FILE) or split_name(name).modifiers:
        return check_data(load_task(name))
    opened = open_file_task(name)
    gaps = opened.frame[opened.task.target].isna().to_numpy()
    if not gaps.any():
        return check_data(file_task_data(opened))
    kept = np.flatnonzero(~gaps)
    rest = opened.frame.iloc[kept].reset_index(drop=True)
    found = check_data(file_task_data(OpenedTask(opened.task, rest)))
    lacking = tuple(np.flatnonzero(gaps)[:MOST_ROWS].tolist())
    n_gaps = int(gaps.sum())
    told = f"{counted(n_gaps, 'row')} {'lacks' if n_gaps == 1 else 'lack'} a target; such a task is not run."
    first = Finding("target_missing", FAULT, told, (opened.task.target,), lacking)
    return (first, *(replace(f, rows=tuple(int(kept[row]) for row in f.rows)) for f in found))


def check_data(data: TaskData) -> tuple[Finding, ...]:
    """All that is suspicious about a task in memory, worst first."""
    found = [finding for check in CHECKS for finding in check(data)]
    return tuple(sorted(found, key=lambda finding: list(Severity).index(finding.severity)))
