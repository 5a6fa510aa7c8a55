"""Check tasks once and keep what was found in the store; refuse faulty tasks where that is asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tabbench.counted import counted
from tabbench.data.catalog import load_task
from tabbench.data.checks import Finding, Severity, check_data
from tabbench.errors import DataError
from tabbench.findings import FindingRow
from tabbench.hashing import content_id
from tabbench.store.documents import write_document
from tabbench.store.records import row_from_record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tabbench.store.layout import Store
    from tabbench.task import Task, TaskData


def check_and_store(store: Store, task: Task) -> tuple[FindingRow, ...]:
    """What is suspicious about a task: from the store, or else by checking it now and storing that.

    Raises:
        DataError: If the task's table cannot be used.
        StoreError: If the store cannot be written.
    """
    file = _document(store, task)
    if file.is_file():
        try:
            return tuple(row_from_record(FindingRow, record) for record in json.loads(file.read_bytes()))
        except (ValueError, KeyError, TypeError):
            file.unlink(missing_ok=True)  # torn: found again
    return store_findings(store, task, check_data(_as_planned(task)))


def store_findings(store: Store, task: Task, findings: Iterable[Finding]) -> tuple[FindingRow, ...]:
    """Keep findings of a task, unless the store has some already, which then stand.

    Raises:
        StoreError: If the store cannot be written.
    """
    found = finding_rows(task, findings)
    write_document(store, "findings", found, key=_document(store, task).stem)
    return tuple(found)


def finding_rows(task: Task, findings: Iterable[Finding]) -> list[FindingRow]:
    """Findings of a task as they stand in the store."""
    return [
        FindingRow(
            task_hash=task.task_hash,
            splits_hash=task.splits_hash,
            dataset_hash=task.dataset.content_hash,
            task=task.name,
            check_name=finding.check,
            severity=finding.severity,
            message=finding.told,
            columns_at_fault=finding.columns,
            rows_at_fault=finding.rows,
        )
        for finding in findings
    ]


def check_plan(store: Store | None, tasks: Iterable[Task], *, is_strict: bool) -> None:
    """Check the tasks of a run that were not checked before.

    Args:
        store: Where findings are kept; without one, as in a dry run, every task is checked and nothing written.
        tasks: Of the run.
        is_strict: Refuse tasks with a fault.

    Raises:
        DataError: With `is_strict`, if a task has a fault or its table cannot be used.
    """
    faults = []
    for task in tasks:
        try:
            found = check_and_store(store, task) if store else finding_rows(task, check_data(_as_planned(task)))
        except DataError:
            if is_strict:
                raise
            continue  # its jobs say what is wrong with it
        names = sorted({row.check_name for row in found if row.severity == Severity.FAULT})
        faults += [f"{task.name}: {', '.join(names)}"] if names else []
    if is_strict and faults:
        raise DataError(
            f"strict=true refuses {counted(len(faults), 'task')} with faults. {'; '.join(faults)}. See them "
            "with: tabbench data check TASK. Leave the tasks out, mend their tables or splits, or run without "
            "strict=true."
        )


def _as_planned(task: Task) -> TaskData:
    return replace(load_task(task.name), task=task)  # a protocol may have given the task other splits


def _document(store: Store, task: Task) -> Path:
    return store.document("findings", content_id([task.task_hash, task.splits_hash]))
