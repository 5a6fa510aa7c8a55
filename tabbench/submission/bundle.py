"""What a bundle is: one zip file of text and plain numbers, from which nothing is ever run or unpickled.

::

    bundle.json                 what it holds
    documents/TABLE.jsonl       rows of the small tables that the trials refer to, one line each
    trials/JOB.jsonl            trials of a job with their fits, one line each
    predictions/JOB.f32         what those trials predicted: float32, little-endian, in the order of the lines
    source/MODEL/FILE.py        the source of each model

Row numbers are no part of it: who checks a bundle cuts the splits anew, and reads the predictions as being for those.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.documents import CalibrationRow, EnvironmentRow, ModelRow, ProtocolRow, WorkerRow
from tabbench.errors import TabbenchError
from tabbench.hashing import HASH_LENGTH
from tabbench.timings import TimingRow

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
CONTENTS = "bundle.json"
TABLES: dict[str, type] = {
    "models": ModelRow,
    "protocols": ProtocolRow,
    "environments": EnvironmentRow,
    "workers": WorkerRow,
    "calibrations": CalibrationRow,
    "all_timings": TimingRow,
}
"""Small tables of a bundle. Tasks, datasets and suites are not taken from strangers: who checks has their own."""

PARTS = ("valid", "test", "valid_quantiles", "test_quantiles")
"""Parts that a trial may predict, in the order in which their numbers stand."""

MOST_MEMBERS = 500_000
MOST_TIMES_LARGER = 200
"""A zip file may claim to hold this many times its own size; text of trials shrinks to about a tenth."""
MOST_LINE_BYTES = 1 << 24
MOST_TEXT_BYTES = 1 << 26
"""Of `bundle.json`, a table or a source file."""
MOST_TRIALS_BYTES = 1 << 30

_JOB = re.compile(rf"[0-9a-f]{{{HASH_LENGTH}}}")
_MEMBER = re.compile(
    r"bundle\.json|documents/[a-z_]{1,30}\.jsonl|trials/[0-9a-f]{16}\.jsonl|predictions/[0-9a-f]{16}\.f32"
    r"|source/[a-z][a-z0-9_]{0,99}/[A-Za-z_][A-Za-z0-9_]{0,99}\.py"
)


class BundleError(TabbenchError):
    """A file is no bundle, or holds what no bundle does."""


@dataclass(frozen=True)
class SubmittedModel:
    """One model of a bundle.

    Attributes:
        files: Names of its source files; its own, and those that it is made with.
    """

    name: str
    version: int
    source_hash: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Contents:
    """What a bundle says that it holds.

    Attributes:
        schema_version: Of its rows.
        jobs: Ids, those of one task behind one another.
    """

    format: int
    schema_version: int
    tabbench_version: str
    models: tuple[SubmittedModel, ...]
    jobs: tuple[str, ...]

    @property
    def members(self) -> Mapping[str, int]:
        """Every member that the bundle must have, with the most bytes it may claim; predictions may be absent."""
        tables = {document_member(table): MOST_TEXT_BYTES for table in TABLES}
        trials = {trials_member(job): MOST_TRIALS_BYTES for job in self.jobs}
        sources = {source_member(m.name, file): MOST_TEXT_BYTES for m in self.models for file in m.files}
        return {CONTENTS: MOST_TEXT_BYTES, **tables, **trials, **sources}


def is_job_id(text: str) -> bool:
    """Whether a text can be a job's id."""
    return _JOB.fullmatch(text) is not None


def is_member_name(name: str) -> bool:
    """Whether a bundle can have a member of that name: no path leads out of it.

    >>> [is_member_name(name) for name in ("bundle.json", "source/knn/knn.py", "source/../knn.py", "/etc/passwd")]
    [True, True, False, False]
    """
    return _MEMBER.fullmatch(name) is not None


def document_member(table: str) -> str:
    """Where the rows of a small table lie."""
    return f"documents/{table}.jsonl"


def trials_member(job_id: str) -> str:
    """Where the trials of a job lie."""
    return f"trials/{job_id}.jsonl"


def predictions_member(job_id: str) -> str:
    """Where the predictions of a job lie."""
    return f"predictions/{job_id}.f32"


def source_member(model: str, file: str) -> str:
    """Where a source file lies."""
    return f"source/{model}/{file}"


def printable(text: object, most: int = 160) -> str:
    """Text of strangers as it may be shown in a terminal: on one line, without control characters.

    >>> printable("a" + chr(27) + "[31mb" + chr(10) + "c")
    'a?[31mb?c'
    """
    shown = "".join(c if c.isprintable() else "?" for c in str(text)[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"
