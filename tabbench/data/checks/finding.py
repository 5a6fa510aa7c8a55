"""What a check of a table tells, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_ROWS = 100


class Severity(StrEnum):
    """How bad it is.

    fault: scores on the task would not mean what they say. warning: likely so, a person must look. note: often
    harmless, worth knowing.
    """

    FAULT = "fault"
    WARNING = "warning"
    NOTE = "note"


FAULT, WARNING, NOTE = Severity.FAULT, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True)
class Finding:
    """One thing that is suspicious about a task.

    Attributes:
        check: The check's name, for ever.
        told: One sentence for a person.
        columns: Those at fault.
        rows: Row numbers at fault, from 0, at most the first `MOST_ROWS`.
    """

    check: str
    severity: Severity
    told: str
    columns: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
