"""The stored row of what a check finds in a task; the other rows of the store are in `tabbench.results`."""

from dataclasses import dataclass

from tabbench.schema import identity


@dataclass(frozen=True, kw_only=True)
class FindingRow:
    """One thing that is suspicious about a task, found once when it was first run or checked; no row: nothing found."""

    task_hash: str = identity("hash of rows, roles, target and type")
    splits_hash: str = identity("hash of the split rule and the rows it applies to")
    dataset_hash: str = identity("content hash of the table")
    task: str = identity("name of the task")
    check_name: str = identity("what was found: see docs/data.md")
    severity: str = identity("fault, warning or note")
    message: str = identity("one sentence for a person")
    columns_at_fault: tuple[str, ...] = identity("names of columns")
    rows_at_fault: tuple[int, ...] = identity("row numbers from 0, the first 100")
